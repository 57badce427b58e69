"""Run a server until standard input closes, then end it, everything it started, and its files.

The kernel closes a dead process's pipes, so even a parent that was killed leaves nothing behind.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile

SECONDS_TO_STOP = 5


def main(command: list[str]) -> int:
    """Run `command` in a group and a TMPDIR of its own; return its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="portrait-", ignore_cleanup_errors=True) as folder:
        environment = os.environ | {"TMPDIR": folder, "HOME": folder}
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, env=environment, cwd=folder, process_group=0
        )
        try:
            while server.poll() is None and not select.select([sys.stdin], [], [], 0.2)[0]:
                pass
        finally:
            stop(server)
    return server.returncode


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then make sure of it."""
    end(server.pid, signal.SIGTERM)
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end(server.pid, signal.SIGKILL)
        server.wait()


def end(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # all of it has ended
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
