"""A series: one metric of one strand, in a form where the order of arrival leaves no trace."""

from bisect import bisect_left, insort
from decimal import Decimal
from operator import itemgetter
from typing import Any

import msgspec

from portrait.metrics import DAY_MS, MICRO, Metric

EXACT_ENTRIES = 64
"""Newest instants kept one by one; older ones spill into day buckets."""

MAX_TEXT = 128
MAX_NUMBER = 10**12
"""Largest number a series keeps: sums of millionths must stay inside 64 bits."""
_MAX_NUMBER = Decimal(MAX_NUMBER)

Value = int | str | None
"""Whole millionths, text, or None where only the instant matters."""
Entry = tuple[int, Value]


def _order(entry: Entry) -> tuple[int, bool, str | int]:
    instant, value = entry
    return (instant, isinstance(value, str), 0 if value is None else value)


class Series(msgspec.Struct, array_like=True):
    """What one metric counted: exact newest entries, day buckets, and one bucket for all before.

    `days` holds [day since the epoch (UTC), count, sum of millionths] in order of days; `before` is
    [count, sum] of every day older than the longest window asked for.
    """

    exact: list[Entry] = []
    days: list[list[int]] = []
    before: list[int] = []
    first: Entry | None = None
    last: Entry | None = None

    def add(self, instant: int, value: Value, metric: Metric) -> None:
        """Count one event; any order of `add` calls leaves the same series."""
        entry = (instant, value)
        if self.first is None or _order(entry) < _order(self.first):
            self.first = entry
        if self.last is None or _order(entry) > _order(self.last):
            self.last = entry
        if metric.exact:
            insort(self.exact, entry, key=_order)
            if len(self.exact) <= EXACT_ENTRIES:
                return
            instant, value = self.exact.pop(0)
        self._bucket(instant // DAY_MS, value)
        if metric.days is not None:
            self._fold_before(self.last[0] // DAY_MS - metric.days)

    def _bucket(self, day: int, value: Value) -> None:
        place = bisect_left(self.days, day, key=itemgetter(0))
        if place == len(self.days) or self.days[place][0] != day:
            self.days.insert(place, [day, 0, 0])
        self.days[place][1] += 1
        self.days[place][2] += value if isinstance(value, int) else 0

    def _fold_before(self, horizon: int) -> None:
        while self.days and self.days[0][0] < horizon:
            _, count, total = self.days.pop(0)
            earlier = self.before or [0, 0]
            self.before = [earlier[0] + count, earlier[1] + total]

    def within(self, now: int, window: int | None) -> tuple[int, int]:
        """Return (count, sum of millionths) in the window (now - window, now], in milliseconds.

        Exact entries are compared to the millisecond. A day bucket belongs to the window when its
        last instant does, so a bucketed metric is exact to the calendar day (UTC).
        """
        since = -1 if window is None else now - window
        count = total = 0
        for instant, value in self.exact:
            if since < instant <= now:
                count += 1
                total += value if isinstance(value, int) else 0
        for day, events, amount in self.days:
            if (day + 1) * DAY_MS - 1 > since and day * DAY_MS <= now:
                count += events
                total += amount
        if window is None and self.before:
            count += self.before[0]
            total += self.before[1]
        return count, total

    def earliest(self, now: int, window: int | None) -> Entry | None:
        """Return the first entry in the window; windowed only as far back as exact entries go."""
        if window is None:
            return self.first
        return next((e for e in self.exact if now - window < e[0] <= now), None)

    def latest(self, now: int, window: int | None) -> Entry | None:
        """Return the last entry in the window, or None."""
        for entry in (self.last, *reversed(self.exact)):
            if entry and entry[0] <= now:
                return entry if window is None or entry[0] > now - window else None
        return None


def series_value(raw: Any) -> Value:
    """Return the form in which a property is kept: numbers as millionths, text cut to 128.

    Numbers written as text (`"25.10"`) count as numbers, as shops often send them so.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        number = Decimal(str(raw))
    except ArithmeticError:
        return str(raw)[:MAX_TEXT]
    # Compared without a context: `abs` of 1e9999999 overflows one.
    if not number.is_finite() or number.copy_abs().compare_total(_MAX_NUMBER) > 0:
        return None
    return int((number * MICRO).to_integral_value())


def plain_value(value: Value) -> Any:
    """Return a kept value as people wrote it: Decimal for numbers, text as it is."""
    return Decimal(value) / MICRO if isinstance(value, int) else value
