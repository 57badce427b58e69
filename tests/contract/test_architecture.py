"""The rules of the house, read from the source: who may know AWS, the environment, the clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "layers" / "core" / "portrait"
MODULES = sorted(CORE.rglob("*.py"))
AWS = {"boto3", "botocore", "pynamodb"}
CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}
COMMANDS = (
    "commands.py", "definitions/__main__.py", "backfill/__main__.py", "rendering/__main__.py",
    "audience_fill/__main__.py", "dialogue_dry_run/__main__.py", "learning/__main__.py",
)  # fmt: skip
"""What a person runs from a shell: it may look at the clock and draw keys."""


def imported(module: Path) -> Iterator[str]:
    """Yield the name of every module that is imported, wherever in the file."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def called(module: Path) -> Iterator[str]:
    """Yield every dotted name in the file."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def name(module: Path) -> str:
    return module.relative_to(CORE).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_store_and_channels_know_aws(module: Path):
    if name(module).split("/")[0] not in ("store", "channels"):
        assert not {one.split(".")[0] for one in imported(module)} & AWS


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_settings_reads_the_environment(module: Path):
    if name(module) != "settings.py":
        assert not {"os.environ", "os.getenv"} & set(called(module))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_time_and_chance_are_arguments(module: Path):
    if name(module) not in COMMANDS:
        assert not {"random", "secrets", "uuid"} & set(imported(module))
        assert not CLOCKS & set(called(module))
