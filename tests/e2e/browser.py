"""A page in headless Chromium, and the web server it comes from."""

import functools
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

from tests.e2e.node import CLIENTS

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PUBLISHED = CLIENTS / "node_modules" / "@segment" / "analytics-next" / "dist"
SECONDS = 60
QUIET = ("--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
NO_SANDBOX = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


class NoAnswer(Exception):
    """The page has not reported; the text holds the last of what the browser wrote."""


def chromium() -> str | None:
    """Return a Chromium or Chrome of this machine; CHROMIUM=/path/to/it names one."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*NAMES, MAC]
    return next((found for name in candidates if (found := shutil.which(name))), None)


def outcome_of(program: str, page: str, **parameters: str) -> dict[str, Any]:
    """Open a page beside package.json with these parameters; return what it posts to /done.

    Raises:
        NoAnswer: it has not posted anything after `SECONDS`, or the browser has ended before.
    """
    with _server() as (origin, outcomes), tempfile.TemporaryDirectory() as profile:
        address = f"{origin}/{page}?{urlencode(parameters)}"
        command = [program, *QUIET, *NO_SANDBOX, f"--user-data-dir={profile}/chromium", address]
        with tempfile.TemporaryFile("w+") as output:
            browser = subprocess.Popen(command, stdout=output, stderr=output)
            try:
                return _wait(browser, outcomes)
            except NoAnswer as error:
                output.seek(0)
                raise NoAnswer(f"{error}: {output.read()[-2000:]}") from None
            finally:
                browser.terminate()
                browser.wait(10)


def _wait(
    browser: "subprocess.Popen[str]", outcomes: "queue.Queue[dict[str, Any]]"
) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while browser.poll() is None and time.monotonic() < deadline:
        with suppress(queue.Empty):
            return outcomes.get(timeout=0.5)
    raise NoAnswer("the page says nothing" if browser.poll() is None else "the browser has ended")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages of this folder, and the published client under /umd/."""

    def __init__(self, *args: Any, outcomes: "queue.Queue[dict[str, Any]]", **more: Any) -> None:
        self._outcomes = outcomes
        super().__init__(*args, directory=str(CLIENTS), **more)

    def translate_path(self, path: str) -> str:
        return (
            str(PUBLISHED / path[1:]) if path.startswith("/umd/") else super().translate_path(path)
        )

    def do_POST(self) -> None:
        self._outcomes.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """What the page did is told by what arrives."""


@contextmanager
def _server() -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    outcomes: queue.Queue[dict[str, Any]] = queue.Queue()
    handler = functools.partial(_Handler, outcomes=outcomes)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", outcomes
        finally:
            server.shutdown()
