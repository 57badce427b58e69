"""The calls of the Segment HTTP API as clients send them, read strictly."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from portrait.faults import Rejected

MAX_EVENT_BYTES = 32 * 1024
"""Also why keys need no limit: of the 10,000 that Segment allows, this holds 6,554 at most."""

MAX_DEPTH = 16
MAX_NUMBER = 10**15

BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises over bytes that are not the JSON it was promised."""

# PHP writes an empty object as []. A type checker need not know; both are false.
if TYPE_CHECKING:
    Fields = dict[str, Any] | None
else:
    EmptyList = Annotated[list[None], Meta(max_length=0)]
    Fields = dict[str, Any] | EmptyList | None

Instant = str | int | float | None
Identity = str | int | None


class Context(Struct, rename="camel"):
    """The parts of `context` that are read. A part of an unexpected shape is left out, later."""

    traits: Fields = None
    external_ids: Any = None
    page: Any = None
    campaign: Any = None
    library: Any = None
    device: Any = None
    app: Any = None
    locale: Any = None
    timezone: Any = None
    consent: Any = None
    ip: Any = None


NO_CONTEXT = Context()
if TYPE_CHECKING:
    GivenContext = Context | None
else:
    GivenContext = Context | EmptyList | None


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


def _plain(levels: int) -> Any:
    """Return the type of a JSON value of at most that many levels of lists and objects.

    It is spelled out level by level, so that the decoder itself checks depth and numbers. That
    doubles with each level: few are made, and what is deeper is walked.
    """
    scalar = (
        None
        | bool
        | str
        | Annotated[int, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
        | Annotated[float, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
    )
    value: Any = scalar
    for _ in range(levels):
        value = scalar | list[value] | dict[str, value]
    return value


if TYPE_CHECKING:
    _QuickCall = Call
else:
    _Plain = dict[str, _plain(3)] | EmptyList | None

    class _QuickContext(Context):
        traits: _Plain = None

    class _QuickCall(Call):
        properties: _Plain = None
        traits: _Plain = None
        context: _QuickContext | EmptyList | None = None


_decode = msgspec.json.Decoder(_QuickCall).decode
_decode_any = msgspec.json.Decoder(Call).decode


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
        return _decode(raw)
    except BAD_JSON as error:
        if not isinstance(error, msgspec.ValidationError):
            raise _rejection(error) from None
    return _walked(raw)


def _walked(raw: Raw | bytes) -> Call:
    """Read an event that is deep, or find out what is wrong with it."""
    try:
        call = _decode_any(raw)
    except BAD_JSON as error:
        raise _rejection(error) from None
    for fields in (call.properties, call.traits, call.context and call.context.traits):
        if fields:
            _walk(fields, 2)
    return call


def _walk(value: Any, depth: int) -> None:
    """Raise Rejected where lists, objects or numbers go too far; the event itself is depth 1."""
    if isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise _too_deep()
        for inner in value.values() if isinstance(value, dict) else value:
            _walk(inner, depth + 1)
    elif isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise _too_large()


def _rejection(error: Exception) -> Rejected:
    """Say what is wrong without repeating anything of what was sent."""
    if isinstance(error, RecursionError):
        return _too_deep()
    if isinstance(error, UnicodeDecodeError):
        return Rejected("invalid_json", "a string is not valid UTF-8")
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return Rejected("invalid_json", text)
    if "out of range" in text:
        return _too_large()
    return Rejected("invalid_event", text)


def _too_deep() -> Rejected:
    return Rejected("too_deep", f"an event may nest {MAX_DEPTH} levels of lists and objects")


def _too_large() -> Rejected:
    return Rejected("number_too_large", f"numbers must lie within {MAX_NUMBER:.0e} of 0")
