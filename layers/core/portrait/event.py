"""One thing a customer did: the shape in which an event travels between functions and is folded."""

from typing import Any, Literal

import msgspec

from portrait.queue_text import queue_text

Kind = Literal["identify", "track", "page", "screen", "group", "alias"]
Identifier = tuple[str, str]
"""(namespace, normalised value), for example `("email", "a@b.se")`."""

ENVELOPE_VERSION: Literal[1] = 1


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An accepted event. All instants are UTC milliseconds since the epoch.

    `id` is the client's message id and is unique within `source`. `identifiers` are normalised,
    strongest first and never empty. `timestamp` is when it happened, corrected for the client's
    clock and clamped; the three instants it was computed from are kept beside it.
    """

    id: str
    source: str
    kind: Kind
    name: str = ""
    identifiers: tuple[Identifier, ...] = ()
    timestamp: int
    received_at: int
    original_timestamp: int | None = None
    sent_at: int | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}


def label(kind: str, name: str) -> str:
    """Return the name under which metrics, conditions and campaigns know an event.

    A tracked event goes by its name; the other calls by theirs: `$identify`, `$page`. No client
    can pose as one of those by tracking an event with such a name.
    """
    return name if kind == "track" and not name.startswith("$") else f"${kind}"


class Envelope(msgspec.Struct, frozen=True):
    """The body of one message on the `events` queue as `ingest` writes it."""

    portrait: Literal[1]
    events: tuple[Event, ...]


_decoder = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder()


def encode_envelope(events: tuple[Event, ...]) -> str:
    """Return the events as the body of one queue message."""
    return queue_text(_encoder.encode(Envelope(portrait=ENVELOPE_VERSION, events=events)))


def decode_envelope(body: str | bytes) -> tuple[Event, ...]:
    """Read what `encode_envelope` wrote.

    Raises:
        msgspec.MsgspecError: the body is anything else.
    """
    return _decoder.decode(body).events
