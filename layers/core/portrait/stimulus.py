"""Stimuli: what a dialogue is told, as one body of the journeys queue. PLACEHOLDER for main's."""

import msgspec

from portrait.changes import Happening


class Start(msgspec.Struct, frozen=True):
    """A customer may enter a campaign for an occurrence."""

    campaign: str
    version: int
    occurrence: str
    at: int
    strand: str = ""
    happening: Happening | None = None


class Stimulus(msgspec.Struct, frozen=True):
    """What a customer is told."""

    home: str
    at: int
    starts: tuple[Start, ...] = ()


def encode_stimulus(stimulus: Stimulus) -> str:
    """Return one body."""
    return msgspec.json.encode(stimulus).decode()
