"""A series: one metric of one strand, in a form where the order of arrival leaves no trace."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from operator import itemgetter

import msgspec

from portrait import books
from portrait.calendar_days import day_of, start_of
from portrait.entries import (
    MAX_ENTRIES,
    Entry,
    Unpacked,
    append,
    entry_order,
    is_before,
    number_of,
    pack,
    surplus_before,
    unpack,
    unpacked,
)
from portrait.metrics import DAY_MS, Keeps, Metric
from portrait.values import Value
from portrait.windows import Span, Window, day_leaves_at, leaves_at, span_at

Tally = tuple[int, int]
"""What is kept of many values: (how many, sum) or (smallest, largest), in millionths."""

SHADOW = "~"
"""Set before the key of a series that is being filled from the archive beside the one in force."""


class Series(msgspec.Struct, array_like=True):
    """What one metric counted: entries one by one, day buckets, and one bucket for all before.

    Every field follows from the set of events alone. Nothing forgets but by a horizon that only
    ever rises, so that what was forgotten in one order would be forgotten in any.

    Attributes:
        exact: packed entries of the longest window, of metrics that keep instants.
        days: [day, *tally] in order of days, of events that are not among `exact`.
        before: the tally of every day older than the longest window asked for.
        fed: how many values there ever were.
        floor: the instant before which even entries within the window have spilled; 0 for none.
        book: packed values with their counts, or their last instants.
        token: names the run that fills this series from the archive.
    """

    exact: bytes | list[Entry] = b""
    days: list[list[int]] = []
    before: list[int] = []
    first: Entry | None = None
    last: Entry | None = None
    fed: int = 0
    floor: int = 0
    book: bytes = b""
    token: str = ""

    def feed(self, instant: int, values: list[Value], metric: Metric) -> None:
        """Count what one event says; any order of calls leaves the same series."""
        day = None if self.last is None else self.last[0] // DAY_MS
        self.fed = self.number + len(values)
        for value in values:
            self._add((instant, value), metric)
        if metric.keeps == "counts" and metric.ever:
            self.book = books.counted(self.book, values)
        elif metric.keeps == "unique":
            horizon = None if metric.ever else self._horizon(metric)
            self.book = books.renewed(self.book, instant, values, horizon)
        if self.exact and day is not None and self.last and day != self.last[0] // DAY_MS:
            self._spill(self.entries(), metric)
        if self.days:
            self._fold_before(metric)

    @property
    def number(self) -> int:
        """How many values there ever were, also of a series that is older than `fed`."""
        if self.fed or self.first is None:
            return self.fed
        return len(self.entries()) + sum(row[1] for row in self.days) + sum(self.before[:1])

    def entries(self) -> list[Entry]:
        """Return the instants that are kept one by one, with their values, in order."""
        return self.exact if isinstance(self.exact, list) else unpack(self.exact)

    def _add(self, entry: Entry, metric: Metric) -> None:
        newest = self.last is None or not is_before(entry, self.last)
        if newest:
            self.last = entry
        if self.first is None or is_before(entry, self.first):
            self.first = entry
        if not metric.exact or entry[0] < max(self.floor, self._horizon(metric) or 0):
            self._bucket(entry, metric)
        elif newest and isinstance(self.exact, bytes) and number_of(self.exact) < MAX_ENTRIES:
            self.exact = append(self.exact, entry)
        else:
            entries = self.entries()
            insort(entries, entry, key=entry_order)
            self._spill(entries, metric)

    def _spill(self, entries: list[Entry], metric: Metric) -> None:
        """Keep the entries that the window needs and the bound allows; bucket the others."""
        horizon = self._horizon(metric) or 0
        if self.floor <= horizon:
            self.floor = 0
        start = bisect_left(entries, max(horizon, self.floor), key=itemgetter(0))
        if len(entries) - start > MAX_ENTRIES:
            self.floor = surplus_before(entries)
            start = bisect_left(entries, self.floor, key=itemgetter(0))
        for entry in entries[:start]:
            self._bucket(entry, metric)
        if start or isinstance(self.exact, list) or len(entries) != number_of(self.exact):
            self.exact = pack(entries[start:])

    def _horizon(self, metric: Metric) -> int | None:
        """Return the instant before which nothing can be in any window any more."""
        if metric.days is None or self.last is None:
            return None
        return (self.last[0] // DAY_MS - metric.days) * DAY_MS

    def _bucket(self, entry: Entry, metric: Metric) -> None:
        value = entry[1] if isinstance(entry[1], int) else 0
        if metric.keeps == "sums":
            tally = (1, value)
        elif metric.keeps == "range":
            tally = (value, value)
        else:
            return
        day = day_of(entry[0], metric.zone)
        place = bisect_left(self.days, day, key=itemgetter(0))
        if place == len(self.days) or self.days[place][0] != day:
            self.days.insert(place, [day, *tally])
        else:
            self.days[place][1:] = combined(self.days[place][1:], tally, metric.keeps)

    def _fold_before(self, metric: Metric) -> None:
        if metric.days is None or self.last is None:
            return
        horizon = day_of(self.last[0], metric.zone) - metric.days
        while self.days and self.days[0][0] < horizon:
            _, *tally = self.days.pop(0)
            self.before = combined(self.before, tally, metric.keeps) if self.before else tally

    def tally(self, span: Span, keeps: Keeps = "sums") -> Tally | None:
        """Return the tally of the span, or None where nothing is in it.

        Entries are compared to the millisecond. A day bucket counts when its last instant does,
        so what is bucketed is exact to the calendar day.
        """
        found: Sequence[int] = ()
        for tally in self._tallies(span, keeps):
            found = combined(found, tally, keeps) if found else tally
        return (found[0], found[1]) if found else None

    def _tallies(self, span: Span, keeps: Keeps) -> Iterator[Sequence[int]]:
        if self.exact:
            entries = self._unpacked()
            start, end = entries.within(span)
            if keeps == "sums" and start < end:
                yield end - start, entries.sums[end] - entries.sums[start]
            elif start < end:
                numbers = [value for value in entries.values[start:end] if isinstance(value, int)]
                yield min(numbers), max(numbers)
        first = bisect_left(self.days, span.first_day, key=itemgetter(0))
        beyond = bisect_right(self.days, span.last_day, key=itemgetter(0))
        for _, *tally in self.days[first:beyond]:
            yield tally
        if self.before and span.after is None:
            yield self.before

    def _unpacked(self) -> Unpacked:
        return Unpacked(self.exact) if isinstance(self.exact, list) else unpacked(self.exact)

    def within(self, span: Span) -> list[Entry]:
        """Return the entries in the span, of a metric that keeps instants."""
        if not self.exact:
            return []
        entries = self._unpacked()
        start, end = entries.within(span)
        return list(zip(entries.instants[start:end], entries.values[start:end], strict=True))

    def instants(self, span: Span) -> Sequence[int]:
        """Return the instants of the entries in the span, ascending."""
        if not self.exact:
            return ()
        entries = self._unpacked()
        start, end = entries.within(span)
        return entries.instants[start:end]

    def earliest(self, span: Span) -> Entry | None:
        """Return the first entry in the span; only a metric that keeps instants knows every one."""
        if self.first is not None and span.holds(self.first[0]):
            return self.first
        return next(iter(self.within(span)), None)

    def latest(self, span: Span) -> Entry | None:
        """Return the last entry in the span, or None."""
        if self.last is not None and span.holds(self.last[0]):
            return self.last
        return next(reversed(self.within(span)), None)

    def leaving(self, window: Window, now: int, zone: str | None = None) -> Iterator[int]:
        """Yield, ascending, the instants after `now` at which time alone changes the window.

        Args:
            zone: of the days in which the series counts.
        """
        instants = self._unpacked().instants if self.exact else []
        newest = sorted(books.read(self.book).values()) if self.book else []
        ends = sorted(entry[0] for entry in (self.first, self.last) if entry)
        days = [row[0] for row in self.days]
        # One that lies ahead, by the client's clock, comes in before it leaves.
        streams: list[Iterator[int]] = [iter(k[bisect_right(k, now) :]) for k in (instants, newest)]
        streams += [iter(ends), (start_of(day, zone) for day in days)]
        if window is not None:
            after = span_at(window, now, zone).after
            for known in (instants, newest, ends):
                # What left the window already will not come back.
                start = 0 if after is None else bisect_right(known, after)
                streams.append(map(partial(leaves_at, window), islice(known, start, None)))
            streams.append(day_leaves_at(window, day, zone) for day in days)
        return (at for at in merge(*streams) if at > now)


def feed(series: dict[str, Series], metric: Metric, instant: int, values: list[Value]) -> None:
    """Count what an event says in the metric's series, and in one being filled beside it."""
    kept = series.get(metric.key)
    if kept is None:
        kept = series[metric.key] = Series()
    kept.feed(instant, values, metric)
    shadow = series.get(SHADOW + metric.key)
    if shadow is not None:
        shadow.feed(instant, values, metric)


def combined(left: Sequence[int], right: Sequence[int], keeps: Keeps) -> list[int]:
    """Return two tallies as one."""
    if keeps == "range":
        return [min(left[0], right[0]), max(left[1], right[1])]
    return [left[0] + right[0], left[1] + right[1]]
