"""Build for AWS and check what would be uploaded: `python -m tests.contract.package arm64`."""

import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.demo.build import Target, build
from tests.demo.environments import SetUpError
from tests.demo.template import functions, load

LIMIT_MB = 45  # of a function with its layers, unzipped and with bytecode
SCIENCE_LIMIT_MB = 240  # of one with the science layer; AWS takes 250
GLIBC = (2, 34)  # of Amazon Linux 2023
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
ELF = b"\x7fELF"


@dataclass(frozen=True)
class Package:
    """What one function would have on its path: its own folder first, then its layers'."""

    name: str
    handler: str
    folders: tuple[Path, ...]

    def files(self) -> Iterator[Path]:
        for folder in self.folders:
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file())

    @property
    def megabytes(self) -> float:
        return sum(path.stat().st_size for path in self.files()) / 2**20

    @property
    def science(self) -> bool:
        """Whether it is given scikit-learn."""
        return any(folder.name == "ScienceLayer" for folder in self.folders)

    @property
    def path(self) -> list[str]:
        """Return its sys.path, as Lambda makes it."""
        own, *layers = self.folders
        return [str(own), *(str(layer / "python") for layer in layers)]


def packages(template: Path) -> list[Package]:
    """Read the built template: every function, and the folders it would be given."""
    built = load(template)
    return [package(name, function, built, template) for name, function in functions(built).items()]


def package(name: str, function: dict[str, Any], built: dict[str, Any], template: Path) -> Package:
    layers = [built["Resources"][layer["Ref"]]["Properties"] for layer in function["Layers"]]
    folders = [function["CodeUri"], *(layer["ContentUri"] for layer in layers)]
    return Package(name, function["Handler"], tuple(template.parent / each for each in folders))


def breaches(found: Package, target: Target) -> Iterator[str]:
    """Yield a sentence for everything that Lambda would refuse or that we promised not to do."""
    limit = SCIENCE_LIMIT_MB if found.science else LIMIT_MB
    if found.megabytes > limit:
        yield f"is {found.megabytes:.1f} MB unzipped with its layers, more than {limit}"
    module = found.handler.rpartition(".")[0].replace(".", "/") + ".py"
    if not (found.folders[0] / module).is_file():
        yield f"has no {module}, where its handler should be"
    for path in found.files():
        yield from (f"holds {path.name}, {fault}" for fault in misfits(path, target))


@cache
def misfits(path: Path, target: Target) -> tuple[str, ...]:
    """Return why a compiled library would not load on the target; nothing of any other file."""
    with path.open("rb") as file:
        return tuple(_misfits(path, ELF + file.read(), target)) if file.read(4) == ELF else ()


def _misfits(path: Path, content: bytes, target: Target) -> Iterator[str]:
    machine = MACHINES.get(struct.unpack_from("<H", content, 18)[0], "another machine")
    if machine != target.architecture:
        yield f"which is for {machine}"
    wanted = "cpython-" + target.runtime.removeprefix("python").replace(".", "")
    tag = re.search(r"cpython-\d+", path.name)
    if tag and tag.group() != wanted:
        yield f"which is for {tag.group()} and not {wanted}"
    versions = [(int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", content)]
    if max(versions, default=GLIBC) > GLIBC:
        yield f"which needs glibc {max(versions)[0]}.{max(versions)[1]}"


def without_bytecode(found: Package, target: Target) -> int:
    """Count the modules that every cold start would have to compile."""
    tag = "cpython-" + target.runtime.removeprefix("python").replace(".", "")
    sources = [
        path
        for folder in found.folders
        if folder.name != "ScienceLayer"  # there is no room for its bytecode, but for numpy's
        for path in folder.rglob("*.py")
    ]
    compiled = ((path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc") for path in sources)
    return sum(not path.is_file() for path in compiled)


def main(architectures: list[str]) -> int:
    """Print a line per package and a sentence per breach; return 1 if there is one."""
    failed = False
    for architecture in architectures:
        target = Target(architecture)
        for found in packages(build(target)):
            missing = without_bytecode(found, target)
            bytecode = f"{missing} modules without bytecode" if missing else "with bytecode"
            size = f"{found.megabytes:5.1f} MB with layers, {bytecode}"
            print(f"{target.runtime} {architecture:6} {found.name:17} {size}")
            for breach in breaches(found, target):
                failed = True
                print(f"  {found.name} {breach}")
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetUpError as error:
        sys.exit(f"portrait: {error}.")
