"""What one write of a portrait just did: the outbox that travels with the item on the stream."""

from collections.abc import Iterable

import msgspec

from portrait.crossings import Crossing
from portrait.effects import Effect, Outcome
from portrait.happening import Happening, happening
from portrait.strand import Contact

__all__ = ["Changes", "Happening", "Merge", "Refused", "decode", "encode", "happening"]

MAX_CHANGES_BYTES = 100_000
"""A write whose happenings would be larger is made in several writes; the item limit is 400 KB."""


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
    effects: tuple[Effect, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    readdressed: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Changes)


def encode(
    happenings: Iterable[Happening] = (),
    contacts: Iterable[Contact] = (),
    merges: Iterable[Merge] = (),
    refused: Iterable[Refused] = (),
    segments: Iterable[Crossing] = (),
    effects: Iterable[Effect] = (),
    outcomes: Iterable[Outcome] = (),
    readdressed: bool = False,
) -> bytes | None:
    """Return the changes as the item carries them, or None when nobody would react."""
    said = (happenings, contacts, merges, refused, segments, effects, outcomes)
    told = (*(tuple(each) for each in said), readdressed)
    return _encoder.encode(Changes(*told)) if any(told) else None  # type: ignore[arg-type]


def decode(packed: bytes) -> Changes:
    """Read what `encode` wrote."""
    return _decoder.decode(packed)
