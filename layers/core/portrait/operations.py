"""Operations of computed traits: what each makes of the series of one customer within a span."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from portrait import books
from portrait.entries import Entry, entry_order
from portrait.metrics import MICRO, Keeps
from portrait.series import Series, Tally, combined
from portrait.values import plain_value, value_order
from portrait.windows import Span

Operation = Literal[
    "count", "sum", "average", "min", "max", "first", "last", "most_frequent",
    "unique_list", "unique_count", "time_since_first", "time_since_last",
]  # fmt: skip

_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """An operation's series, one of each strand that has it, and the span it is asked about.

    Attributes:
        named: a property is asked about, so first and last are its values, not their instants.
        limit: how many values a list holds at most.
    """

    series: Sequence[Series]
    span: Span
    keeps: Keeps
    named: bool
    limit: int

    def tally(self) -> Tally | None:
        """Return the tally of all strands together."""
        found: Sequence[int] = ()
        for series in self.series:
            tally = series.tally(self.span, self.keeps)
            if tally is not None:
                found = combined(found, tally, self.keeps) if found else tally
        return (found[0], found[1]) if found else None

    def earliest(self) -> Entry | None:
        """Return the first entry of all strands in the span."""
        found = (series.earliest(self.span) for series in self.series)
        return min((entry for entry in found if entry), key=entry_order, default=None)

    def latest(self) -> Entry | None:
        """Return the last entry of all strands in the span."""
        found = (series.latest(self.span) for series in self.series)
        return max((entry for entry in found if entry), key=entry_order, default=None)

    def newest(self) -> dict[int | str, int]:
        """Return the values in the span with the instant at which each came last."""
        found: dict[int | str, int] = {}
        for series in self.series:
            for value, at in books.read(series.book).items():
                if self.span.holds(at):
                    found[value] = max(at, found.get(value, at))
        return found

    def counts(self) -> Mapping[int | str, int]:
        """Return how often each value came in the span."""
        found: Counter[int | str] = Counter()
        for series in self.series:
            if self.span.after is None:
                found.update(books.read(series.book))
            else:
                found.update(value for _, value in series.within(self.span) if value is not None)
        return found


Answer = Callable[[Question], Any]


def count(question: Question) -> int:
    """Return how many events there were."""
    tally = question.tally()
    return tally[0] if tally else 0


def total(question: Question) -> Decimal:
    """Return the exact sum."""
    tally = question.tally()
    return Decimal(tally[1] if tally else 0) / MICRO


def average(question: Question) -> Decimal | None:
    """Return the mean, rounded half up to the millionth; None of nothing."""
    tally = question.tally()
    return Decimal((2 * tally[1] + tally[0]) // (2 * tally[0])) / MICRO if tally else None


def smallest(question: Question) -> Decimal | None:
    """Return the smallest value, or None."""
    tally = question.tally()
    return Decimal(tally[0]) / MICRO if tally else None


def largest(question: Question) -> Decimal | None:
    """Return the largest value, or None."""
    tally = question.tally()
    return Decimal(tally[1]) / MICRO if tally else None


def first(question: Question) -> Any:
    """Return the property's first value, or when the first event was."""
    return _said(question, question.earliest())


def last(question: Question) -> Any:
    """Return the property's last value, or when the last event was."""
    return _said(question, question.latest())


def most_frequent(question: Question) -> Any:
    """Return the value that came most often; of several the smallest, numbers before texts."""
    counts = question.counts()
    best = min(counts, key=lambda value: (-counts[value], value_order(value)), default=None)
    return plain_value(best)


def unique_list(question: Question) -> list[Any]:
    """Return the different values, the one that came last at the front."""
    newest = question.newest()
    ordered = sorted(newest, key=lambda value: (-newest[value], value_order(value)))
    return [plain_value(value) for value in ordered[: question.limit]]


def unique_count(question: Question) -> int:
    """Return how many different values there were."""
    return len(question.newest())


def time_since_first(question: Question) -> Decimal | None:
    """Return the seconds since the first event."""
    return _since(question, question.earliest())


def time_since_last(question: Question) -> Decimal | None:
    """Return the seconds since the last event."""
    return _since(question, question.latest())


def _said(question: Question, entry: Entry | None) -> Any:
    if entry is None:
        return None
    return plain_value(entry[1]) if question.named else iso(entry[0])


def _since(question: Question, entry: Entry | None) -> Decimal | None:
    return None if entry is None else Decimal(question.span.now - entry[0]) / 1000


def iso(at: int) -> str:
    """Return an instant as ISO 8601 with milliseconds, in UTC."""
    moment = _START + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


OPERATIONS: Mapping[Operation, tuple[Keeps, Answer]] = {
    "count": ("sums", count),
    "sum": ("sums", total),
    "average": ("sums", average),
    "min": ("range", smallest),
    "max": ("range", largest),
    "first": ("values", first),
    "last": ("values", last),
    "most_frequent": ("counts", most_frequent),
    "unique_list": ("unique", unique_list),
    "unique_count": ("unique", unique_count),
    "time_since_first": ("sums", time_since_first),
    "time_since_last": ("sums", time_since_last),
}
"""What each needs to be kept, and how it is answered."""
