"""One HTTP request as API Gateway hands it over (HTTP API, payload format 2.0)."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from portrait.faults import Rejected

MAX_BODY_BYTES = 4000 * 1024
"""What RudderStack's own gateway takes; whoever else sends is held to less once it is known."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib: 16 for the gzip wrapper, 15 for the largest window


class Request:
    """A request, read no further than somebody asks.

    Attributes:
        path: without the stage and without a trailing slash.
        received_at: UTC milliseconds.
    """

    def __init__(self, event: Mapping[str, Any], *, received_at: int) -> None:
        context = event["requestContext"]
        self._event = event
        self.received_at = received_at
        self.id: str = context["requestId"]
        self.method: str = context["http"]["method"]
        self.address: str = context["http"].get("sourceIp", "")
        self.host: str = context.get("domainName", "")
        self.headers: Mapping[str, str] = {
            name.lower(): value for name, value in (event.get("headers") or {}).items()
        }
        stage = context.get("stage", "$default")
        self._prefix = "" if stage == "$default" else f"/{stage}"
        path: str = event["rawPath"]
        if (path + "/").startswith(self._prefix + "/"):
            path = path[len(self._prefix) :]
        self.path = path.rstrip("/")

    @property
    def base_url(self) -> str:
        """Where the API is, as this request found it."""
        return f"https://{self.host}{self._prefix}"

    @cached_property
    def query(self) -> dict[str, str]:
        """The query string; the first of several values counts."""
        return dict(reversed(parse_qsl(self._event.get("rawQueryString") or "")))

    def body(self) -> bytes:
        """Return the body as its sender wrote it, inflated if it is gzip, whatever headers say.

        Raises:
            Rejected: it is larger than any client may send, or damaged.
        """
        data = self._event.get("body") or ""
        if self._event.get("isBase64Encoded"):
            try:
                body = base64.b64decode(data, validate=True)
            except binascii.Error:
                raise Rejected(
                    "invalid_body", "the body is not base64, as it is said to be"
                ) from None
        else:
            body = data.encode("utf-8", "surrogatepass")
        if body.startswith(_GZIP_MAGIC):
            body = _inflate(body)
        if len(body) > MAX_BODY_BYTES:
            raise too_large(MAX_BODY_BYTES)
        return body


def _inflate(body: bytes) -> bytes:
    """Inflate one byte more than is allowed at most: gzip can hide a thousand times its size."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        inflated = inflater.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise Rejected("invalid_gzip", "the body begins as gzip and cannot be inflated") from None
    if len(inflated) <= MAX_BODY_BYTES and (not inflater.eof or inflater.unused_data):
        raise Rejected("invalid_gzip", "the gzip body is cut off, or something follows it")
    return inflated


def too_large(limit: int) -> Rejected:
    """Return the refusal of a body of more than `limit` bytes."""
    return Rejected("payload_too_large", f"the body may have {limit} bytes once inflated")
