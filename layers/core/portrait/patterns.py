"""Patterns: what is usual for one customer, and whether they have left it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from statistics import median
from typing import Any

from portrait import books
from portrait.durations import milliseconds
from portrait.metrics import DAY_MS, Metric
from portrait.paths import elements_at
from portrait.requirements import Tree, rhythm_metric
from portrait.series import Series
from portrait.values import as_value
from portrait.windows import span_at

SAME_OCCASION_MS = DAY_MS
"""What comes within a day of another is one occasion: who orders twice in an evening does not shop
every hour."""

Kept = Mapping[str, Series]

_LATEST = 2**62


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`overdue`: the time since the last event is more than so many times the usual interval."""

    metric: Metric
    times: float
    at_least: int
    window_ms: int

    @classmethod
    def from_tree(cls, tree: Tree) -> "Rhythm":
        """Read the condition in canonical form."""
        window = milliseconds(tree["within"])
        return cls(rhythm_metric(tree), float(tree["times"]), tree["at_least"], window)

    def overdue_at(self, kept: Kept, now: int) -> int | None:
        """Return the first instant (UTC ms) at which it holds; None for who has no rhythm yet.

        What is usual is the median of the intervals between occasions in the window: one holiday
        or one double purchase does not move it.
        """
        occasions = _occasions(_instants(kept, self.window_ms, now))
        if len(occasions) < max(2, self.at_least):
            return None
        gaps = (later - one for one, later in pairwise(occasions))
        return occasions[-1] + int(median(gaps) * self.times) + 1


@dataclass(frozen=True, slots=True)
class Fall:
    """`falling`: there were at most so many times as many events in the window as in the one before
    it, in which there were at least so many."""

    metric: Metric
    to: float
    at_least: int
    window_ms: int

    @classmethod
    def from_tree(cls, tree: Tree) -> "Fall":
        """Read the condition in canonical form."""
        window = milliseconds(tree["within"])
        return cls(rhythm_metric(tree), float(tree["to"]), tree["at_least"], window)

    def holds(self, kept: Kept, now: int) -> bool:
        """Tell whether it holds at `now` (UTC ms)."""
        instants = _instants(kept, 2 * self.window_ms, now)
        before = bisect_right(instants, now - self.window_ms)
        recent = len(instants) - before
        return before >= self.at_least and recent <= self.to * before

    def changes(self, kept: Kept, now: int) -> list[int]:
        """Return, ascending, the instants after `now` at which time alone may change it."""
        # By the clock of its client, one may lie ahead: it comes in before it leaves.
        ahead = span_at(2 * self.window_ms, now)._replace(now=_LATEST)
        instants = [at for series in kept.values() for at in series.instants(ahead)]
        shifts = (0, self.window_ms, 2 * self.window_ms)
        return sorted({at + shift for at in instants for shift in shifts if at + shift > now})


def is_new(
    kept: Kept, property: str, properties: Mapping[str, Any], later: Iterable[Mapping[str, Any]]
) -> bool:
    """Tell whether an event brought a value that the customer never had in one before.

    Args:
        kept: the counts of the property's values, this event's and the later ones' among them.
        later: the properties of events that came in the same write, and are not to hide it.
    """
    counted = dict.fromkeys(_values(properties, property), 0)
    if not counted:
        return False
    for series in kept.values():
        for value, times in books.read(series.book).items():
            if value in counted:
                counted[value] += times
    for told in (properties, *later):
        for value in _values(told, property):
            if value in counted:
                counted[value] -= 1
    return any(times <= 0 for times in counted.values())


def _values(properties: Mapping[str, Any], property: str) -> Iterator[int | str]:
    found = map(as_value, elements_at(properties, property))
    return (value for value in found if value is not None)


def _instants(kept: Kept, window_ms: int, now: int) -> Sequence[int]:
    span = span_at(window_ms, now)
    found = [instants for series in kept.values() if (instants := series.instants(span))]
    return found[0] if len(found) == 1 else list(merge(*found))


def _occasions(instants: Sequence[int]) -> list[int]:
    """Return the instants, of those within a day of each other the first."""
    found: list[int] = []
    place = 0
    while place < len(instants):
        found.append(instants[place])
        place = bisect_left(instants, instants[place] + SAME_OCCASION_MS, place)
    return found
