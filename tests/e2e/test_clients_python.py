"""Published Python clients, unmodified, against the running stack."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.demo.environments import TOOLS
from tests.e2e.arrivals import arrived, check_calls

CLIENTS = Path(__file__).parent / "clients"
HERE = [sys.executable]
APART = [  # two versions of one client cannot live in one environment
    *(str(TOOLS / "uv" / "bin" / "uv"), "run", "--quiet", "--no-project", "--isolated"),
    *(
        "--python",
        sys.executable,
        "--with-requirements",
        str(CLIENTS / "segment-2.3.txt"),
        "python",
    ),
]
WAYS = {
    "segment-python-2-3": (APART, "segment.analytics", []),
    "segment-python-2-3-gzip": (APART, "segment.analytics", ["gzip"]),
    "segment-python-2-4": (HERE, "segment.analytics", []),
    "segment-python-2-4-gzip": (HERE, "segment.analytics", ["gzip"]),
    "rudder-python": (HERE, "rudderstack.analytics", []),
}


@pytest.mark.parametrize("client", WAYS)
def test_every_call_of_a_published_client_arrives_once(stack, write_keys, client):
    python, package, options = WAYS[client]
    command = [*python, str(CLIENTS / "python_calls.py"), package, stack.api_url]

    sent = subprocess.run(
        [*command, write_keys[client], *options], capture_output=True, text=True, timeout=180
    )

    assert sent.returncode == 0, sent.stderr
    check_calls(arrived(stack, client, expected=6))


def test_the_clients_are_the_versions_that_are_promised():
    assert version("segment-analytics-python").startswith("2.4.")
    assert "segment-analytics-python==2.3." in (CLIENTS / "segment-2.3.txt").read_text()
