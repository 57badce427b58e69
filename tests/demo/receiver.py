"""The company system that gets the webhooks: https on 127.0.0.1 with a certificate of its own."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import trustme

MOST_BYTES = 1_000_000


class Delivery(NamedTuple):
    """One request as it arrived; `at` is in UTC milliseconds."""

    at: int
    path: str
    id: str
    timestamp: str
    signature: str
    body: bytes

    def content(self) -> Any:
        """Return what the body says as JSON."""
        return json.loads(self.body)

    def sign(self, key: bytes) -> str:
        """Return the signature that the key gives.

        Source: Standard Webhooks 1.0, HMAC-SHA256 over `id.timestamp.body`.
        """
        signed = f"{self.id}.{self.timestamp}.".encode() + self.body
        return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()

    def is_signed_with(self, key: bytes) -> bool:
        """Check the signature as any receiver would: one of those in the header must fit."""
        return any(hmac.compare_digest(one, self.sign(key)) for one in self.signature.split())


class Receiver:
    """Where the webhooks go: `url` to send to, `ca_bundle` to trust it by, `deliveries` so far."""

    def __init__(self, url: str, ca_bundle: Path) -> None:
        self.url = url
        self.ca_bundle = ca_bundle
        self.deliveries: list[Delivery] = []


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """Answer https requests until the block ends; certificates are written into `folder`."""
    authority = trustme.CA()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    url = f"https://127.0.0.1:{server.server_address[1]}"
    server.receiver = Receiver(url, _bundle(authority, folder))  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.receiver  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signing_key(secret: bytes, template: str) -> bytes:
    """Return the key that a template's webhooks are signed with, as the README documents it."""
    return hmac.new(secret, f"webhook:{template}".encode(), hashlib.sha256).digest()


def _bundle(authority: trustme.CA, folder: Path) -> Path:
    """Write the authorities this machine trusts, and ours, so that all other TLS still works."""
    default = ssl.get_default_verify_paths()
    known = next((p for p in map(Path, filter(None, (default.cafile,))) if p.is_file()), None)
    path = folder / "authorities.pem"
    path.write_bytes((known.read_bytes() if known else b"") + authority.cert_pem.bytes())
    return path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)
        body = self.rfile.read(length)
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        stamps = (self.headers.get(name, "") for name in names)
        receiver.deliveries.append(Delivery(time.time_ns() // 1_000_000, self.path, *stamps, body))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the log is `deliveries`."""
