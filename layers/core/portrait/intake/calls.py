"""The calls of the Segment HTTP API as clients send them, read strictly."""

from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from portrait.faults import Rejected
from portrait.intake.surroundings import GivenContext, PlainContext
from portrait.intake.values import (
    BAD_JSON,
    EmptyList,
    Fields,
    PlainFields,
    too_deep,
    too_large,
    walk,
)

MAX_EVENT_BYTES = 32 * 1024
"""Also why keys need no limit: of the 10,000 that Segment allows, this holds 6,554 at most."""

Instant = str | int | float | None
Identity = str | int | None


class Call(Struct, rename="camel"):
    """One identify, track, page, screen, group or alias. Other fields are ignored."""

    type: str | None = None
    user_id: Identity = None
    anonymous_id: Identity = None
    previous_id: Identity = None
    group_id: Identity = None
    message_id: Identity = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: Fields = None
    traits: Fields = None
    context: GivenContext = None
    timestamp: Instant = None
    original_timestamp: Instant = None
    sent_at: Instant = None


class _PlainCall(Call):
    """A call within limits that the decoder itself can check, as nearly all are."""

    if not TYPE_CHECKING:
        properties: PlainFields = None
        traits: PlainFields = None
        context: PlainContext | EmptyList | None = None


_decode_plain = msgspec.json.Decoder(_PlainCall).decode
_decode = msgspec.json.Decoder(Call).decode


def read_call(raw: Raw | bytes) -> Call:
    """Read one event as its client wrote it.

    Raises:
        Rejected: it is too large, not strict JSON, too deep, or a field has another type.
    """
    size = len(memoryview(raw))
    if size > MAX_EVENT_BYTES:
        raise Rejected(
            "event_too_large", f"an event may have {MAX_EVENT_BYTES} bytes, this one has {size}"
        )
    try:
        return _decode_plain(raw)
    except BAD_JSON as error:
        if not isinstance(error, msgspec.ValidationError):
            raise _rejection(error) from None
    return _unusual(raw)


def _unusual(raw: Raw | bytes) -> Call:
    """Read an event that is deep or has an odd context, or find out what is wrong with it."""
    try:
        call = _decode(raw)
    except BAD_JSON as error:
        raise _rejection(error) from None
    for fields in (call.properties, call.traits, call.context and call.context.traits):
        if fields:
            walk(fields, 2)
    return call


def _rejection(error: Exception) -> Rejected:
    """Say what is wrong without repeating anything of what was sent."""
    if isinstance(error, RecursionError):
        return too_deep()
    if isinstance(error, UnicodeDecodeError):
        return Rejected("invalid_json", "a string is not valid UTF-8")
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return Rejected("invalid_json", text)
    return too_large() if "out of range" in text else Rejected("invalid_event", text)
