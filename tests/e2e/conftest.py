"""Sources of their own for the clients that send to the running stack."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3

from tests.demo.ministack import CREDENTIALS
from tests.demo.stack import Stack

LAYER = Path(__file__).parents[2] / "layers" / "core"
CLIENTS = {
    "segment-python-2-3": "server",
    "segment-python-2-3-gzip": "server",
    "segment-python-2-4": "server",
    "segment-python-2-4-gzip": "server",
    "rudder-python": "server",
    "segment-node": "server",
    "rudder-node": "server",
    "segment-browser": "browser",
}
SECONDS_UNTIL_KNOWN = 90
"""Ingest goes on for a minute with the definitions that it has read."""


@pytest.fixture(scope="session")
def write_keys(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return a write key for each client, of a source that bears its name and is published."""
    keys = {name: f"e2e-{name}-write-key" for name in CLIENTS}
    folder = tmp_path_factory.mktemp("sources")
    for name, kind in CLIENTS.items():
        document = {"kind": "source", "key": name, "name": name, "type": kind}
        (folder / f"{name}.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "portrait.definitions", "publish", str(folder)]
    command += ["--table", stack.definitions_table]
    command += [f"--write-key={name}={key}" for name, key in keys.items()]
    place = {"AWS_ENDPOINT_URL": stack.endpoint_url, "AWS_DEFAULT_REGION": stack.region}
    environment = {**os.environ, **CREDENTIALS, **place, "PYTHONPATH": str(LAYER)}
    subprocess.run(command, env=environment, check=True, timeout=60)
    _wait_until_known(stack, next(iter(keys.values())))
    return keys


def _wait_until_known(stack: Stack, key: str) -> None:
    deadline = time.monotonic() + SECONDS_UNTIL_KNOWN
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"}
    while time.monotonic() < deadline:
        url = f"{stack.api_url}/v1/batch"
        answer = urllib3.request("POST", url, body=b'{"batch":[]}', headers=headers, timeout=60)
        if answer.status == 200:
            return
        time.sleep(1)
    pytest.fail(f"after {SECONDS_UNTIL_KNOWN} s ingest answers {answer.status} to a published key")
