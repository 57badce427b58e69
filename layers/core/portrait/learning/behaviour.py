"""Behaviour: what one customer did before a cut-off, however the strands kept it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.series import Series


class Doing(NamedTuple):
    """What was done on one day (UTC, counted from 1970): how often, and its worth in millionths."""

    day: int
    times: int
    amount: int


class Taken(NamedTuple):
    """An item (or a category) that was bought on a day, and how often."""

    day: int
    item: str
    times: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one customer did on the days of the lookback before a cut-off; each part by day.

    Days are all that it tells: a series may keep instants or have spilled them into days, and both
    are the same behaviour.

    Attributes:
        cut: the first day that nothing is known of.
        is_whole: whether every item of those days is known: a series keeps so many and no more, and
            newer ones push the oldest out, whether they were bought before the cut-off or after.
    """

    cut: int
    purchases: tuple[Doing, ...] = ()
    returns: tuple[Doing, ...] = ()
    services: tuple[Doing, ...] = ()
    engagement: Mapping[str, tuple[Doing, ...]] = field(default_factory=dict)
    items: tuple[Taken, ...] = ()
    categories: tuple[Taken, ...] = ()
    is_whole: bool = True


def cut_at(now: int) -> int:
    """Return the cut-off of a live score: today, as far as it has come, is the last day known."""
    return now // DAY_MS + 1


def behaviour(portrait: Portrait, learning: Learning, cut: int) -> Behaviour:
    """Return what the customer did on the days [cut - lookback, cut), from all their strands.

    No event of the day of the cut-off or later changes it, as long as the series keep their days
    apart for the lookback and the time since the cut-off; but that it may cease to be whole, and
    is then nothing to learn from.

    Args:
        cut: a day, counted from 1970 in UTC.
    """
    days = range(cut - learning.lookback, cut)
    return Behaviour(
        cut,
        purchases=_doings(portrait, (learning.purchases,), days),
        returns=_doings(portrait, learning.returns, days),
        services=_doings(portrait, learning.services, days),
        engagement={
            channel: _doings(portrait, keys, days) for channel, keys in learning.engagement.items()
        },
        items=_taken(portrait, learning.items, days),
        categories=_taken(portrait, learning.categories, days),
        is_whole=_floor(portrait, (learning.items, learning.categories)) <= days.start * DAY_MS,
    )


def purchase_days(portrait: Portrait, learning: Learning, cut: int) -> tuple[Doing, ...]:
    """Return the purchases alone, for labels: what came in a window before `cut`."""
    return _doings(portrait, (learning.purchases,), range(cut - learning.lookback, cut))


def items_bought(portrait: Portrait, learning: Learning, cut: int) -> tuple[Taken, ...]:
    """Return the items alone, for taste: what was bought within the lookback before `cut`."""
    return _taken(portrait, learning.items, range(cut - learning.lookback, cut))


def _doings(portrait: Portrait, keys: Iterable[str], days: range) -> tuple[Doing, ...]:
    found: dict[int, tuple[int, int]] = {}
    for series in _series(portrait, keys):
        for day, count, amount in _by_day(series):
            if day in days:
                known = found.get(day, (0, 0))
                found[day] = (known[0] + count, known[1] + amount)
    return tuple(Doing(day, *found[day]) for day in sorted(found))


def _taken(portrait: Portrait, key: str, days: range) -> tuple[Taken, ...]:
    found: dict[tuple[int, str], int] = {}
    for series in _series(portrait, (key,) if key else ()):
        for instant, value in series.entries():
            day = instant // DAY_MS
            if day in days and value is not None:
                name = value if isinstance(value, str) else str(value)
                found[day, name] = found.get((day, name), 0) + 1
    return tuple(Taken(day, item, found[day, item]) for day, item in sorted(found))


def _floor(portrait: Portrait, keys: Iterable[str]) -> int:
    """Return the instant before which some of what the series kept may have been pushed out."""
    return max((series.floor for series in _series(portrait, keys)), default=0)


def _series(portrait: Portrait, keys: Iterable[str]) -> Iterator[Series]:
    for key in keys:
        for strand in portrait.strands.values():
            if key in strand.series:
                yield strand.series[key]


def _by_day(series: Series) -> Iterator[tuple[int, int, int]]:
    for instant, value in series.entries():
        yield instant // DAY_MS, 1, value if isinstance(value, int) else 0
    yield from ((day, count, amount) for day, count, amount in series.days)
