"""Happenings: events that were just folded, for those who react to them."""

from typing import Any

import msgspec

from portrait.event import Event, label


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


def happening(event: Event, message: bytes, strand: str) -> Happening:
    """Return the event as the trigger sees it."""
    return Happening(
        message.hex(), event.source, event.kind, label(event.kind, event.name), event.timestamp,
        event.received_at, strand, event.properties, event.traits,
    )  # fmt: skip
