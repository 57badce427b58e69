"""Receivers of webhooks over real TLS, each doing what its script says."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

import trustme

HOST = "hooks.example.com"
AUTHORITY = trustme.CA()

Script = Callable[[ssl.SSLSocket], None]


class Server:
    """A receiver that does what the script says, and remembers what it heard."""

    def __init__(self, script: Script, name: str = HOST, authority: trustme.CA = AUTHORITY) -> None:
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        self._script = script
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.sni_callback = lambda _socket, sent, _context: self.names.append(sent)
        authority.issue_cert(name).configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def answer(self, script: Script) -> None:
        """Do what this script says from now on."""
        self._script = script

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with (
                suppress(OSError),
                self._context.wrap_socket(plain, server_side=True) as connection,
            ):
                self.requests.append(_read_request(connection))
                self._script(connection)
            plain.close()

    def close(self) -> None:
        with suppress(OSError):  # closed before
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def _read_request(connection: ssl.SSLSocket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(65_536)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = next(int(x.split(b":")[1]) for x in head.splitlines() if b"Content-Length" in x)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def saying(text: str) -> Script:
    return lambda connection: connection.sendall(text.encode().replace(b"\n", b"\r\n"))


def status(code: int, *headers: str) -> Script:
    lines = [f"HTTP/1.1 {code} Word", "Content-Length: 0", *headers, "", ""]
    return saying("\n".join(lines))
