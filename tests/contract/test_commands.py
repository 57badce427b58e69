"""make finds a Python that works, or says in one sentence what to do."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.environments import ROOT

SYSTEM = (Path("/usr/bin"), Path("/bin"))


@pytest.fixture
def machine(tmp_path):
    """Return a function that runs setup.sh on a machine with the given programs on its PATH."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cat", "ls", "dirname", "basename", "echo"):
        found = next(path for path in (folder / name for folder in SYSTEM) if path.exists())
        (tools / name).symlink_to(found)
    (tmp_path / "tests/demo").mkdir(parents=True)
    (tmp_path / "tests/demo/setup.sh").write_text((ROOT / "tests/demo/setup.sh").read_text())
    (tmp_path / "tests/demo/environments.py").write_text("import sys; print('ran', *sys.argv[1:])")

    def run(programs, **variables):
        for name, program in programs.items():
            (tools / name).write_text(f"#!{tools}/sh\n{program}\n")
            (tools / name).chmod(stat.S_IRWXU)
        return subprocess.run(
            [str(tools / "sh"), "tests/demo/setup.sh", "dev"],
            cwd=tmp_path,
            env={"PATH": str(tools), "HOME": str(tmp_path), **variables},
            capture_output=True,
            text=True,
        )

    return run


WORKS = f'exec "{sys.executable}" "$@"'
BROKEN_SHIM = "echo 'pyenv: command not found' >&2; exit 127"
TOO_OLD = 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac'
NO_VENV = f'case "$2" in *venv*) exit 1;; esac; {WORKS}'


def test_the_newest_that_works_is_taken(machine):
    done = machine({"python3.13": BROKEN_SHIM, "python3.12": WORKS})
    assert done.stdout == "ran dev\n"


def test_a_named_one_is_taken(machine, tmp_path):
    done = machine({"mine": WORKS}, PYTHON=str(tmp_path / "bin/mine"))
    assert done.stdout == "ran dev\n"


@pytest.mark.parametrize(
    ("programs", "variables", "sentence"),
    [
        (
            {"python3": TOO_OLD},
            {},
            "needs Python 3.11, 3.12 or 3.13 and found Python 3.9.2: install",
        ),
        ({}, {}, "needs Python 3.11, 3.12 or 3.13 and found no python3: install"),
        ({"python3.13": NO_VENV}, {}, "apt-get install python3.13-venv"),
        ({"python3.12": WORKS}, {"PYTHON": "/no/such"}, "PYTHON=/no/such is not a working Python"),
    ],
    ids=["too old", "none", "without venv", "named and missing"],
)
def test_what_to_do_is_said_in_one_sentence(machine, programs, variables, sentence):
    done = machine(programs, **variables)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
