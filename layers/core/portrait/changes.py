"""What one write of a portrait just did: the outbox that travels with the item on the stream."""

from collections.abc import Iterable
from typing import Any

import msgspec

from portrait.crossings import Crossing
from portrait.event import Event, label
from portrait.strand import Contact

MAX_CHANGES_BYTES = 100_000
"""A write whose happenings would be larger is made in several writes; the item limit is 400 KB."""


class Happening(msgspec.Struct, frozen=True, array_like=True):
    """One event that was just folded, for those who react to it. Instants are UTC milliseconds.

    `id` is the message hash in hex and `strand` the home it was folded at: together they name the
    occurrence, whatever merges happen later.
    """

    id: str
    source: str
    kind: str
    name: str
    at: int
    received_at: int
    strand: str
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}


class Merge(msgspec.Struct, frozen=True, array_like=True):
    """Another customer turned out to be this one: when, who, and the event that showed it."""

    at: int
    absorbed: str
    into: str
    cause: str


class Refused(msgspec.Struct, frozen=True, array_like=True):
    """An identifier was seen with this customer and not linked: when, which, and why."""

    at: int
    identifier: str
    kind: str
    cause: str


class Changes(msgspec.Struct, frozen=True, array_like=True):
    """Everything one write did that somebody may react to.

    `readdressed` says that somebody in an audience may be reached at another address now.
    """

    happenings: tuple[Happening, ...] = ()
    contacts: tuple[Contact, ...] = ()
    merges: tuple[Merge, ...] = ()
    refused: tuple[Refused, ...] = ()
    segments: tuple[Crossing, ...] = ()
    readdressed: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Changes)


def happening(event: Event, message: bytes, strand: str) -> Happening:
    """Return the event as the trigger sees it."""
    return Happening(
        message.hex(), event.source, event.kind, label(event.kind, event.name), event.timestamp,
        event.received_at, strand, event.properties, event.traits,
    )  # fmt: skip


def encode(
    happenings: Iterable[Happening] = (),
    contacts: Iterable[Contact] = (),
    merges: Iterable[Merge] = (),
    refused: Iterable[Refused] = (),
    segments: Iterable[Crossing] = (),
    readdressed: bool = False,
) -> bytes | None:
    """Return the changes as the item carries them, or None when nobody would react."""
    said = (
        tuple(happenings), tuple(contacts), tuple(merges), tuple(refused), tuple(segments),
        readdressed,
    )  # fmt: skip
    return _encoder.encode(Changes(*said)) if any(said) else None


def decode(packed: bytes) -> Changes:
    """Read what `encode` wrote."""
    return _decoder.decode(packed)
