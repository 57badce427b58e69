"""How the oracle reads what was sent: its own idea of what counts, from the contract alone."""

import json
import unicodedata
from typing import Any

from tests.demo.replies import feedback, way_out
from tests.demo.told import ONE_CLICK, Heard, Sent, Unheard, milliseconds, plain

KINDS = ("identify", "track", "page", "screen", "group", "alias")
PLACEHOLDERS = {"-1", "null", "none", "anonymous", "unknown", "undefined", "guest", "nan", "nil"}
MOST_BYTES = 32 * 1024
LONGEST_ID = 100


def hear(sent: Sent) -> Heard | Unheard:
    """Read one event, or say why it cannot be counted."""
    body = sent.body
    if sent.source == "ses":
        return feedback(sent)
    if sent.source == ONE_CLICK:
        return way_out(sent)
    reason = _fault(body)
    if reason is not None:
        return Unheard(sent.phase, reason)
    at = _instant(sent)
    return Heard(
        sent.phase, sent.order, sent.source, body["messageId"], body["type"],
        body["event"] if body["type"] == "track" else f"${body['type']}", identifiers(body),
        at, sent.sent_at - at, body.get("properties", {}), body.get("traits", {}),
    )  # fmt: skip


def _fault(body: Any) -> str | None:
    if not isinstance(body, dict):
        return "invalid_json"
    if "type" not in body:
        return "invalid_body" if "batch" in body else "unknown_format"
    if len(json.dumps(body, separators=(",", ":")).encode()) > MOST_BYTES:
        return "event_too_large"
    name = body.get("event", "")
    if not isinstance(name, str) or not isinstance(body.get("properties", {}), dict):
        return "invalid_event"
    if body.get("type") not in KINDS:
        return "unknown_type"
    if body["type"] == "track" and not name:
        return "missing_event"
    if not identifiers(body):
        return "no_identifier"
    return "message_id_too_long" if len(body["messageId"]) > LONGEST_ID else None


def identifiers(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return every identifier on the event that can name somebody, strongest first.

    An alias says that the visitor `previousId` was the same person. Who gives a full name and a
    phone number is also known by the two together.
    """
    traits = body.get("traits", {}) | body.get("context", {}).get("traits", {})
    said = [
        ("user_id", body.get("userId")),
        ("email", traits.get("email")),
        ("name_phone", _name_phone(traits)),
        ("phone", traits.get("phone")),
        ("anonymous_id", body.get("anonymousId")),
        ("anonymous_id", body.get("previousId")),
    ]
    named = ((space, plain(space, value)) for space, value in said if isinstance(value, str))
    return tuple((space, value) for space, value in named if not _is_placeholder(value))


def _name_phone(traits: dict[str, Any]) -> str | None:
    names = [traits.get("firstName"), traits.get("lastName")]
    if not all(names) or not traits.get("phone"):
        return None
    letters = (unicodedata.normalize("NFKD", name).casefold() for name in map(str, names))
    given, family = ("".join(filter(str.isalnum, word)) for word in letters)
    return f"{given} {family}|{plain('phone', traits['phone'])}"


def _is_placeholder(value: str) -> bool:
    return not value.strip("0-") or value.lower() in PLACEHOLDERS


def _instant(sent: Sent) -> int:
    """Return when it happened: as long before its sending as the client's own clock says."""
    body = sent.body
    if "timestamp" not in body:
        return sent.sent_at
    if "sentAt" not in body:
        return milliseconds(body["timestamp"])
    return sent.sent_at - (milliseconds(body["sentAt"]) - milliseconds(body["timestamp"]))
