"""One HTTPS request to an address that was already chosen, under one deadline."""

import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse

from portrait.channels.destination import Destination

MAX_ANSWER_BYTES = 65_536


class NotSent(Exception):
    """The request never began: no connection, or no trust in the other side."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(Exception):
    """The request began and its fate is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of the body what came, and no more than `MAX_ANSWER_BYTES` of it."""

    status: int
    retry_after: str | None
    body: bytes = b""


@cache
def trusted() -> ssl.SSLContext:
    """Return the process's TLS context: the system's roots, or those that SSL_CERT_FILE names."""
    return ssl.create_default_context()


def post(
    destination: Destination, body: bytes, headers: Mapping[str, str], *, seconds: float
) -> Answer:
    """Send the body once, as `request` does."""
    return request("POST", destination, body, headers, seconds=seconds)


def request(
    method: str,
    destination: Destination,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
) -> Answer:
    """Send a request once, follow nothing, and wait at most `seconds` from connecting to answer.

    Raises:
        NotSent: before the first byte of the request; trying again is safe.
        NoAnswer: after it.
    """
    deadline = time.monotonic() + seconds
    with _connect(destination, deadline) as connection:
        try:
            connection.settimeout(_left(deadline))
            connection.sendall(_request(method, destination, body, headers))
            return _answer(method, connection, deadline)
        except (OSError, HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error


def _connect(destination: Destination, deadline: float) -> ssl.SSLSocket:
    reason = "unreachable"
    for address in destination.addresses:
        try:
            plain = socket.create_connection((address, destination.port), _left(deadline))
        except OSError:
            continue
        try:
            plain.settimeout(_left(deadline))
            return trusted().wrap_socket(plain, server_hostname=destination.host)
        except ssl.SSLCertVerificationError:
            plain.close()
            reason = "untrusted_certificate"
        except OSError:
            plain.close()
            reason = "no_tls"
    raise NotSent(reason)


def _request(
    method: str, destination: Destination, body: bytes, headers: Mapping[str, str]
) -> bytes:
    lines = [
        f"{method} {destination.target} HTTP/1.1",
        f"Host: {destination.authority}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if any("\r" in line or "\n" in line for line in lines):
        raise NotSent("malformed_header")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _answer(method: str, connection: socket.socket, deadline: float) -> Answer:
    response = HTTPResponse(_Timed(connection, deadline), method=method)  # type: ignore[arg-type]
    response.begin()
    said = b""
    with suppress(OSError, HTTPException):  # the status is the answer
        said = response.read(MAX_ANSWER_BYTES)  # nor is the other side cut off mid-sentence
    return Answer(response.status, response.getheader("Retry-After"), said)


class _Timed:
    """What HTTPResponse asks of a socket; each read gets only what is left of the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._reader = _TimedReader(connection, deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


class _TimedReader(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
