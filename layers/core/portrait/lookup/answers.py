"""What those who ask are answered, in the shapes of Segment's Profile API."""

from collections.abc import Mapping
from typing import Any

import msgspec

from portrait.faults import Rejected
from portrait.intake.answers import RETRY_AFTER_SECONDS, Answer

STATUS = {
    "invalid_body": 400,
    "invalid_gzip": 400,
    "invalid_identifier": 400,
    "invalid_limit": 400,
    "invalid_cursor": 400,
    "invalid_class": 400,
    "invalid_channel": 400,
    "invalid_answer": 400,
    "missing_key": 401,
    "unknown_key": 401,
    "key_not_allowed": 403,
    "browser_not_allowed": 403,
    "origin_not_allowed": 403,
    "source_disabled": 403,
    "not_found": 404,
    "nothing_to_undo": 404,
    "unknown_route": 404,
    "wrong_method": 405,
    "too_entangled": 409,
    "payload_too_large": 413,
}

_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="portrait", charset="UTF-8"'}
_encode = msgspec.json.Encoder(decimal_format="number").encode


def document(content: object) -> Answer:
    """Answer with a JSON document that nobody may keep."""
    return Answer(200, _encode(content).decode(), _HEADERS)


def refused(fault: Rejected, *, allow: str = "") -> Answer:
    """Answer a request that can never succeed as it is; `allow` are the methods that could."""
    status = STATUS[fault.reason]
    own = _CHALLENGE if status == 401 else {"Allow": allow} if status == 405 else {}
    return _failure(status, fault.reason, fault.message, own)


def unavailable() -> Answer:
    """Answer that the same request may succeed later."""
    later = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return _failure(503, "unavailable", "ask again after Retry-After", later)


def not_found() -> Rejected:
    """Return the one refusal for whom nothing is known of, whatever the reason.

    Never seen, erased, and a value that can identify nobody must not be told apart: that somebody
    was erased is known about somebody.
    """
    return Rejected("not_found", "nothing is known of this identifier")


def _failure(status: int, code: str, message: str, own: Mapping[str, Any]) -> Answer:
    body = _encode({"error": {"code": code, "message": message}}).decode()
    return Answer(status, body, {**_HEADERS, **own})
