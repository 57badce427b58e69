"""Make the project's own environments from uv.lock; runs on the standard library alone."""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
FAILED = (
    "{name} could not be installed ({reason}; whole log: .tools/{name}.log): check the network or "
    "your proxy (HTTPS_PROXY, SSL_CERT_FILE, UV_INDEX_URL, PIP_INDEX_URL) and run make again; "
    "what is done is kept"
)


class SetUpError(Exception):
    """A step failed; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: where it is, what is in it, and the `uv sync` flags that say so."""

    name: str
    folder: Path
    contents: str
    flags: tuple[str, ...] = ()

    @property
    def stamp(self) -> Path:
        return self.folder / ".made-from"


UV = Environment("uv", TOOLS / "uv", "uv, which installs the others")
ENVIRONMENTS = {
    "dev": Environment(  # where editors and a plain `uv run` look for it
        "dev",
        ROOT / ".venv",
        "libraries, scikit-learn, pytest, ruff, mypy",
        ("--group=dev", "--group=clients", "--group=science"),
    ),
    "sam": Environment("sam", TOOLS / "sam", "AWS SAM CLI", ("--only-group=sam",)),
    "local": Environment(
        "local",
        TOOLS / "local",
        "MiniStack, a local AWS, and scikit-learn for what runs in it",
        ("--only-group=local", "--only-group=science"),
    ),
}


def main(names: list[str]) -> None:
    """Make each named environment that is missing or older than the lock."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once must not install over each other
        for environment in [UV, *(ENVIRONMENTS[name] for name in names)]:
            made_from = fingerprint(environment)
            if not environment.stamp.is_file() or environment.stamp.read_text() != made_from:
                make(environment)
                environment.stamp.write_text(made_from)
        (TOOLS / "python").write_text(sys.executable + "\n")


def fingerprint(environment: Environment) -> str:
    """Describe what the environment is made from: a Python, and its part of the lock."""
    lock = (ROOT / "uv.lock").read_bytes()
    source = repr(uv_pin()).encode() if environment is UV else repr(environment).encode() + lock
    return f"{sys.executable} {sys.version} {hashlib.sha256(source).hexdigest()}\n"


def make(environment: Environment) -> None:
    folder = environment.folder.relative_to(ROOT)
    print(f"setting up {folder!s:12} {environment.contents} … ", end="", flush=True)
    began = time.monotonic()
    log_file = TOOLS / f"{environment.name}.log"
    with log_file.open("w") as log:
        for command in commands(environment):
            if run(command, environment, log):
                lines = log_file.read_text().strip().splitlines() or ["no output"]
                raise SetUpError(FAILED.format(name=environment.name, reason=reason(lines)))
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def commands(environment: Environment) -> list[list[str]]:
    uv = str(UV.folder / "bin" / "uv")
    if environment is not UV:
        return [[uv, "sync", "--frozen", *environment.flags]]
    version, hashes = uv_pin()
    requirement = TOOLS / "uv.txt"
    requirement.write_text(f"uv=={version} " + " ".join(f"--hash={each}" for each in hashes))
    install = ["install", "--only-binary=:all:", "--require-hashes", "-r", str(requirement)]
    return [
        [sys.executable, "-m", "venv", "--clear", str(UV.folder)],
        [str(UV.folder / "bin" / "python"), "-m", "pip", *install],
    ]


def uv_pin() -> tuple[str, list[str]]:
    """Return uv's version and the hashes of its wheels, as the lock has them."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    uv = next(package for package in packages if package["name"] == "uv")
    return uv["version"], [wheel["hash"] for wheel in uv["wheels"]]


def run(command: list[str], environment: Environment, log: IO[str]) -> int:
    foreign = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX")
    variables = {key: value for key, value in os.environ.items() if key not in foreign}
    variables |= {
        "UV_PROJECT_ENVIRONMENT": str(environment.folder),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, cwd=ROOT, env=variables, stdin=quiet, stdout=log, stderr=log)
    return done.returncode


def reason(lines: list[str]) -> str:
    """Pick what to quote of a failed installer's output: its error, or else its last word."""
    errors = [line for line in lines if "error" in line.lower()]
    return re.sub(r"^\W+|\W+$", "", (errors or lines)[-1])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SetUpError, OSError) as error:
        sys.exit(f"\nportrait: {error}.")
    except KeyboardInterrupt:
        sys.exit("\nportrait: interrupted; run make again to go on.")
