"""Node.js and its packages for the clients that are written for it."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
OLDEST_NODE = 20


@cache
def missing() -> str:
    """Install the packages of package-lock.json; return what keeps that from being possible."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return f"Node.js is not on PATH: install Node.js {OLDEST_NODE} or newer, with npm"
    version = subprocess.check_output([node, "--version"], text=True).strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        return f"Node.js {version} is too old: the clients need {OLDEST_NODE} or newer"
    installed = CLIENTS / "node_modules" / ".package-lock.json"
    lock = CLIENTS / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, timeout=300)
        if done.returncode:
            return f"npm ci failed, so there are no clients: {done.stderr.strip()[-300:]}"
        os.utime(installed)
    return ""


def run_script(name: str, *arguments: str) -> None:
    """Run a script beside package.json, or skip the test and print why it cannot be run."""
    skip_without_node()
    done = subprocess.run(
        ["node", name, *arguments], cwd=CLIENTS, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def skip_without_node() -> None:
    """Skip the test, and print why, where there is no Node.js or no registry."""
    if reason := missing():
        pytest.skip(reason)
