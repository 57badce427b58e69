"""Crossings: a customer enters a segment, or leaves it."""

from collections.abc import Iterable
from typing import NamedTuple

MAX_CROSSINGS = 10
"""How many a portrait remembers, as long as the timeline of a strand."""


class Crossing(NamedTuple):
    """At `at`, a customer entered the segment or left it, where they had been since `since`.

    Instants are UTC milliseconds: that of the event, or of the boundary where only time passed.
    """

    at: int
    segment: str
    entered: bool
    since: int

    @property
    def said(self) -> str:
        """What happened, in two words, for people."""
        return f"{'entered' if self.entered else 'left'} {self.segment}"


def newest(*logs: Iterable[Crossing]) -> list[Crossing]:
    """Return the newest crossings of the logs, newest first."""
    return sorted({one for log in logs for one in log}, reverse=True)[:MAX_CROSSINGS]
