"""What is uploaded: bytes of every function with the layer, and how much of that is bytecode."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.demo.environments import ROOT

LIMIT_MB = 45
MB = 2**20


@dataclass(frozen=True)
class Package:
    """A built folder: its bytes unzipped, and how many of them are bytecode."""

    name: str
    size: int
    bytecode: int


def builds() -> list[Path]:
    """Return the folders that `sam build` has filled, for this machine or for others."""
    return sorted(path.parent for path in (ROOT / ".aws-sam").glob("*/template.yaml"))


def packages(build: Path) -> list[Package]:
    """Return every function with the layer under it, as Lambda counts them."""
    layer = _package("layer", build / "CoreLayer")
    functions = [_package(path.name, path) for path in sorted(build.glob("*Function"))]
    return [
        Package(one.name, one.size + layer.size, one.bytecode + layer.bytecode) for one in functions
    ]


def parts(build: Path, count: int) -> list[Package]:
    """Return the largest libraries of the layer."""
    found = [_package(path.name, path) for path in (build / "CoreLayer" / "python").iterdir()]
    return sorted(found, key=lambda part: -part.size)[:count]


def _package(name: str, path: Path) -> Package:
    files = list(_files(path))
    compiled = sum(file.stat().st_size for file in files if file.suffix == ".pyc")
    return Package(name, sum(file.stat().st_size for file in files), compiled)


def _files(path: Path) -> Iterator[Path]:
    return (each for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file())
