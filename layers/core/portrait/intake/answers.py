"""What clients are answered: exact bodies, because clients read them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from portrait.faults import Rejected

STATUS = {
    "invalid_body": 400,
    "invalid_gzip": 400,
    "invalid_json": 400,
    "events_rejected": 400,
    "missing_write_key": 401,
    "unknown_write_key": 401,
    "origin_not_allowed": 403,
    "source_disabled": 404,
    "unknown_route": 404,
    "wrong_method": 405,
    "payload_too_large": 413,
    "too_many_events": 413,
}
RETRY_AFTER_SECONDS = 5
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

_JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """A response, and what the one log line says about the request."""

    status: int
    body: str = '{"success": true}'
    headers: Mapping[str, str] = _JSON
    base64: bool = False
    facts: Mapping[str, Any] = {}

    def as_response(self) -> dict[str, Any]:
        """Return it as API Gateway expects it."""
        return {
            "statusCode": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "isBase64Encoded": self.base64,
        }


def document(content: object, *, max_age_seconds: int = 0) -> Answer:
    """Answer with a JSON document that may be cached for so long."""
    cache = f"public, max-age={max_age_seconds}" if max_age_seconds else "no-store"
    return Answer(200, _encode(content), {**_JSON, "Cache-Control": cache})


def accepted(refusals: Mapping[int, Rejected]) -> Answer:
    """Answer 200, the only success that every client takes for one; list what was refused, if any.

    `refusals` say by place in the request why an event was not accepted.
    """
    if not refusals:
        return Answer(200)
    return Answer(200, _encode({"success": True, "rejected": _listed(refusals)}))


def strictly_refused(refusals: Mapping[int, Rejected], sent: int) -> Answer:
    """Answer 400 to a client that asked for `X-Strict-Mode`; nothing it sent was queued."""
    message = f"{len(refusals)} of {sent} events were rejected, so none was queued"
    body = _failure("events_rejected", message)
    return Answer(400, _encode({**body, "rejected": _listed(refusals)}))


def refused(fault: Rejected) -> Answer:
    """Answer a request that can never succeed as it is."""
    facts = {"reason": fault.reason}
    body = _encode(_failure(fault.reason, fault.message))
    return Answer(STATUS[fault.reason], body, facts=facts)


def unavailable() -> Answer:
    """Answer that the same request may succeed later; clients send it again."""
    body = _encode(_failure("unavailable", "not stored yet; send it again after Retry-After"))
    headers = {**_JSON, "Retry-After": str(RETRY_AFTER_SECONDS)}
    return Answer(503, body, headers, facts={"reason": "unavailable"})


def as_pixel(answer: Answer) -> Answer:
    """Put a transparent GIF of one pixel in place of the body: an <img> shows it at any status."""
    headers = {"Content-Type": "image/gif", "Cache-Control": "no-store"}
    return answer._replace(body=PIXEL, headers=headers, base64=True)


def _listed(refusals: Mapping[int, Rejected]) -> list[dict[str, object]]:
    return [
        {"index": index, "reason": fault.reason, "message": fault.message}
        for index, fault in refusals.items()
    ]


def _failure(code: str, message: str) -> dict[str, object]:
    error = {"type": code, "message": message}
    return {"success": False, "code": code, "message": message, "error": error}


def _encode(content: object) -> str:
    return msgspec.json.encode(content).decode()
