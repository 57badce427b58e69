"""`sam build` of the real template, skipped while nothing that goes into it has changed."""

import fcntl
import hashlib
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.demo.environments import ROOT, TOOLS, SetUpError

SOURCES = ("template.yaml", "functions", "layers", "models")
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Target:
    """What a build is for; `native` takes libraries that run here, else Amazon Linux 2023's."""

    architecture: str = "arm64"
    runtime: str = "python3.13"
    native: bool = False

    @property
    def folder(self) -> Path:
        machine = "local" if self.native else self.architecture
        return ROOT / ".aws-sam" / f"{machine}-{self.runtime}"

    def beside(self, name: str) -> Path:
        """Return a file next to the folder, which `sam build` empties."""
        return self.folder.with_name(f"{self.folder.name}.{name}")


def here() -> Target:
    """Return the target that this machine and this Python can run."""
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Target(ARCHITECTURES[platform.machine()], runtime, native=True)


def build(target: Target) -> Path:
    """Build for `target` and return the built template, anew only if a source changed.

    Raises:
        SetUpError: `sam build` failed.
    """
    target.folder.parent.mkdir(exist_ok=True)
    stamp = target.beside("built-from")
    with target.beside("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second make waits, and finds it built
        wanted = fingerprint(target)
        if not stamp.is_file() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            variables = recipe_variables(target)
            sam("build", *options(target), environment=variables, log=target.beside("build.log"))
            stamp.write_text(wanted)
    return target.folder / "template.yaml"


def options(target: Target) -> list[str]:
    parameters = f"PythonRuntime={target.runtime} Architecture={target.architecture}"
    return ["--no-cached", "--build-dir", str(target.folder), "--parameter-overrides", parameters]


def recipe_variables(target: Target) -> dict[str, str]:
    variables = {"ARCH": target.architecture, "RUNTIME": target.runtime, "REVISION": revision()}
    return variables | ({"PLATFORM": "native"} if target.native else {})


def revision() -> str:
    """Return the commit of what is built, as `make build` tells it."""
    script = ["sh", str(ROOT / "layers/revision.sh")]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()


def fingerprint(target: Target) -> str:
    """Digest everything that a build reads."""
    digest = hashlib.sha256(f"{target} {sys.version} {platform.platform()} {revision()}".encode())
    digest.update((ROOT / "uv.lock").read_bytes())
    for source in SOURCES:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def sam(command: str, *arguments: str, environment: dict[str, str], log: Path) -> None:
    """Run the SAM CLI, keeping its output in `log`.

    Raises:
        SetUpError: it failed; the sentence says where its output is.
    """
    with log.open("w") as file:
        result = subprocess.run(
            [str(TOOLS / "sam" / "bin" / "sam"), command, *arguments],
            cwd=ROOT,
            env=sam_variables() | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    if result.returncode:
        lines = [line.strip() for line in log.read_text().splitlines()]
        reason = next((line for line in reversed(lines) if "rror" in line), "it gave no reason")
        where = log.relative_to(ROOT)
        raise SetUpError(f"sam {command} failed ({reason}): see {where} and run make again")


def sam_variables() -> dict[str, str]:
    """Return this environment without anybody's AWS account, and with our SAM and uv first."""
    # Without bytecode of its own, which some shells forbid, sam takes 3 s longer each time.
    others = ("AWS_", "PYTHON", "VIRTUAL_ENV")
    variables = {name: text for name, text in os.environ.items() if not name.startswith(others)}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return (
        variables
        | nowhere
        | {
            "PATH": f"{TOOLS / 'sam' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.2",
        }
    )
