"""Whatever ends the program that started the local AWS, nothing of it is left."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.demo.environments import ROOT

PARENT = """
import sys, time
from tests.demo.ministack import ministack
with ministack() as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_parent_ends(number, tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    port = parent.stdout.readline().strip().rpartition(":")[2]
    assert holding(port)

    parent.send_signal(number)
    parent.wait(15)
    parent.stdout.close()

    deadline = time.monotonic() + 15
    while (holding(port) or any(tmp_path.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holding(port) == []
    assert list(tmp_path.iterdir()) == []


def holding(port):
    """Return the command lines of the processes that were started for that port."""
    listed = subprocess.run(["ps", "eww", "-Ao", "args"], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if f"GATEWAY_PORT={port} " in line + " "]
