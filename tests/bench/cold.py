"""Cold starts: a new process for each, beside `import boto3`, over and over in turns."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.shop import ENVIRONMENT
from tests.demo.build import here
from tests.demo.environments import ROOT

FUNCTIONS = (
    "ingest", "profile", "trigger", "journey", "dispatch", "calendar", "callbacks", "inbox",
    "lookup", "audiences", "segments", "identity", "privacy",
)  # fmt: skip
LIBRARIES = Path(sysconfig.get_paths()["purelib"])
BASE = "import boto3"


@dataclass(frozen=True)
class Case:
    """Something to import, and where from; `request` is a file for its first invocation."""

    name: str
    module: str
    paths: Sequence[Path]
    request: Path | None = None


@dataclass
class Start:
    """One start: processor milliseconds of importing and of the first invocation, and memory."""

    imported: float
    invoked: float = 0.0
    modules: int = 0
    resident: int = 0
    before: int = 0
    peak: int = 0


def base() -> Case:
    """Return the yardstick: the whole of boto3, with bytecode."""
    return Case(BASE, "boto3", [LIBRARIES])


def source_cases(requests: Mapping[str, Path]) -> list[Case]:
    """Return every function as it lies in this tree, and the textbook's beside them."""
    paths = [ROOT, ROOT / "layers" / "core", LIBRARIES]
    own = [Case(n, f"functions.{n}.handler", paths, requests.get(n)) for n in FUNCTIONS]
    return [*own, Case("textbook", "tests.bench.textbook", paths)]


def built_cases(requests: Mapping[str, Path]) -> list[Case]:
    """Return every function as `sam build` made it for this machine, or none if it did not yet."""
    folder = here().folder
    layer = folder / "CoreLayer" / "python"
    return [
        Case(n, f"functions.{n}.handler", [folder / f"{n.title()}Function", layer], requests.get(n))
        for n in FUNCTIONS
        if layer.is_dir() and (folder / f"{n.title()}Function").is_dir()
    ]


def measure(cases: Sequence[Case], rounds: int) -> list[list[Start]]:
    """Start every case once a round, in turns; the round before the first only warms the disk."""
    starts: list[list[Start]] = [[] for _ in cases]
    for turn in range(rounds + 1):
        for case, found in zip(cases, starts, strict=True):
            start = run(case)
            if turn:
                found.append(start)
    return starts


def run(case: Case) -> Start:
    """Start a process that has nothing but the case's own folders, and read what it measured."""
    with tempfile.TemporaryFile("w+") as report:
        code = f"import sys; sys.path[:0] = {[str(path) for path in case.paths]!r}\n{_CHILD}"
        arguments = [case.module, str(case.request or ""), str(ROOT), str(report.fileno())]
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, *arguments],
            env={**ENVIRONMENT, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            pass_fds=[report.fileno()],
            check=True,
        )
        report.seek(0)
        found: dict[str, Any] = json.load(report)
    return Start(**found)


_CHILD = """
import time
began = time.process_time()
import importlib
module = importlib.import_module(sys.argv[1])
imported, modules = time.process_time() - began, len(sys.modules)
sys.path.append(sys.argv[3])
from tests.bench.first_invocation import report
with open(int(sys.argv[4]), "w") as file:
    file.write(report(module, sys.argv[2], imported=imported * 1000, modules=modules))
"""


def ratio(starts: Sequence[Start], bases: Sequence[Start], *, invoked: bool = False) -> float:
    """Return the median over the rounds of this start as a multiple of the base's import."""
    return median(
        (start.imported + (start.invoked if invoked else 0)) / yard.imported
        for start, yard in zip(starts, bases, strict=True)
    )
