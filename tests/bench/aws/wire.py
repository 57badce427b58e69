"""A connection without a network: botocore, urllib3 and http.client do their work, no socket does.

What is left out of every CPU figure is the kernel's share and TLS.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, ClassVar

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPSConnection

from tests.bench.aws.cloud import Cloud

CONNECTIONS = (AWSHTTPConnection, AWSHTTPSConnection, HTTPConnection, HTTPSConnection)
"""Whatever opens a connection: botocore's own, and the plain ones, should a transport use them."""

_EXPECTS = b"\r\nExpect: 100-continue\r\n"


class Wire:
    """What http.client asks of a connected socket. At its other end is the cloud of the moment."""

    cloud: ClassVar[Cloud]

    def __init__(self, host: str) -> None:
        self._host = host
        self._written: list[bytes] = []
        self._expects = False
        self._ends = os.pipe()  # urllib3 polls it before each request: a live connection is silent

    def sendall(self, data: bytes) -> None:
        self._written.append(bytes(data))
        if _EXPECTS in data:  # urllib3 waits for an answer before it sends the body
            self._expects = True
            os.write(self._ends[1], b".")

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        if self._expects:
            self._expects = False
            os.read(self._ends[0], 1)
            return io.BytesIO(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = b"".join(self._written)
        self._written.clear()
        return io.BytesIO(Wire.cloud.exchange(self._host, request))

    def fileno(self) -> int:
        return self._ends[0]

    def settimeout(self, _: float | None) -> None:
        """A pipe to nobody is never waited for."""

    def close(self) -> None:
        for end in self._ends:
            os.close(end)
        self._ends = ()  # type: ignore[assignment]


@contextmanager
def connected(cloud: Cloud) -> Iterator[Cloud]:
    """Let every AWS client first used in here reach `cloud`, and later whichever is connected."""

    def connect(self: Any) -> None:
        self.sock = Wire(self.host)
        self.is_verified = True

    Wire.cloud = cloud
    before = {kind: vars(kind).get("connect") for kind in CONNECTIONS}
    for kind in before:
        kind.connect = connect
    try:
        yield cloud
    finally:
        for kind, own in before.items():
            del kind.connect
            if own is not None:
                kind.connect = own
