"""MiniStack, a local AWS, as a child process that ends with this one."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.demo.environments import TOOLS, SetUpError

HERE = Path(__file__).parent
HOST = "127.0.0.1"
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
SECONDS_TO_START = 30
SETTINGS = {
    "BIND_HOST": HOST,
    "MINISTACK_HOST": HOST,
    "MINISTACK_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AUTH": "true",  # every function may do what its role says, and nothing else
    "IOT_MTLS_ENABLED": "0",  # these two would listen on fixed ports
    "SFTP_ENABLED": "0",
    "LAMBDA_WARM_TTL_SECONDS": "3600",
    "LOG_LEVEL": "INFO",
}
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ")


@contextlib.contextmanager
def ministack(
    *, environment: Mapping[str, str] | None = None, port: int = 0, log: Path | None = None
) -> Iterator[str]:
    """Start MiniStack with nothing in it and yield its address.

    Args:
        environment: extra variables for MiniStack and for every handler that it runs.
        port: 0 takes a free one.
        log: file for its output and the handlers'; None drops it.

    Raises:
        SetUpError: the port is taken, or MiniStack did not start.
    """
    port = port or free_port()
    check_free(port)
    variables = {name: os.environ[name] for name in INHERITED if name in os.environ}
    variables |= SETTINGS | CREDENTIALS | {"GATEWAY_PORT": str(port)} | dict(environment or {})
    leash = [sys.executable, str(HERE / "leash.py")]
    server = [str(TOOLS / "local" / "bin" / "python"), "-P", str(HERE / "mended_ministack.py")]
    with (log or Path(os.devnull)).open("wb") as output:
        process = subprocess.Popen(
            leash + server,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=variables,
            start_new_session=True,  # Ctrl-C reaches us alone; we then let go of the leash
        )
    try:
        url = f"http://{HOST}:{port}"
        wait_until_healthy(url, process)
        yield url
    finally:
        process.stdin.close()
        process.wait()


def wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=2).close()
            return
        time.sleep(0.05)
    raise SetUpError(
        f"MiniStack did not start at {url}: run make start PORT=… with a free port, "
        "or delete .tools/local and run make again"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SetUpError(
                f"port {port} of {HOST} cannot be used ({error.strerror}): "
                "name another with PORT=…, or leave PORT out and a free one is taken"
            ) from error
