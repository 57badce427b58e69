"""Cron expressions of five fields, as wall-clock minutes; they know nothing of time zones.

minute 0-59, hour 0-23, day of month 1-31 or L (the last), month 1-12 or JAN-DEC, day of week 0-7
(0 and 7 are Sunday) or SUN-SAT. A field is `*`, a value, a range `a-b`, either of the two with a
step `/n`, or a list of those. Where both days are given, one that fits is enough.

Source: crontab(5) of Vixie cron, whose rule for the two days applies unless a field begins with
`*`; `L` as in Quartz.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAST = "L"


@dataclass(frozen=True, slots=True)
class Cron:
    """When a clock on the wall shows a minute that fits.

    Attributes:
        times: of the days that fit, ascending.
        last_day: the last day of a month fits, whichever it is.
        weekdays: Sunday is 0.
        either: one of day of month and day of week is enough; else both must fit.
    """

    times: tuple[time, ...]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def fits(self, day: date) -> bool:
        """Tell whether there are times on this day."""
        if day.month not in self.months:
            return False
        of_month = day.day in self.days or (
            self.last_day and day.day == monthrange(day.year, day.month)[1]
        )
        of_week = day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either else of_month and of_week

    def between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield, ascending, the minutes from `first` to `last`, both included; no zone is meant."""
        day = first.date()
        while day <= last.date():
            if self.fits(day):
                for each in self.times:
                    if first <= (minute := datetime.combine(day, each)) <= last:
                        yield minute
            if day == date.max:
                return
            day += timedelta(days=1)


def parse_cron(text: str) -> Cron:
    """Read a cron expression.

    Raises:
        ValueError: it is none, or no day will ever fit; the message says which part and why.
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(
            "expected five fields: minute, hour, day of month, month and day of week, "
            "such as 0 9 * * MON-FRI"
        )
    minutes, hours, days, months, weekdays = fields
    day_list = [part for part in days.upper().split(",") if part != _LAST]
    cron = Cron(
        times=tuple(
            time(hour, minute)
            for hour in sorted(_values("hour", hours, 0, 23))
            for minute in sorted(_values("minute", minutes, 0, 59))
        ),
        days=_values("day of month", ",".join(day_list), 1, 31) if day_list else frozenset(),
        last_day=_LAST in days.upper().split(","),
        months=_values("month", months, 1, 12, _MONTHS),
        weekdays=frozenset(n % 7 for n in _values("day of week", weekdays, 0, 7, _WEEKDAYS)),
        either=not days.startswith("*") and not weekdays.startswith("*"),
    )
    _check_possible(cron, days)
    return cron


def _check_possible(cron: Cron, days: str) -> None:
    longest = max(_LONGEST[month - 1] for month in cron.months)
    if not cron.either and not cron.last_day and min(cron.days) > longest:
        names = ", ".join(_MONTHS[month - 1] for month in sorted(cron.months))
        raise ValueError(f"no day will ever fit: {names} never has day {days}")


def _values(
    field: str, text: str, low: int, high: int, names: Sequence[str] = ()
) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        elif slash and not dash:
            raise ValueError(f"{field}: a step needs * or a range before it, got {part!r}")
        else:
            start = _value(field, first, low, high, names)
            end = _value(field, last, low, high, names) if dash else start
        if end < start:
            raise ValueError(f"{field}: expected a range that rises, got {span!r}")
        found.update(range(start, end + 1, _step(field, step, part) if slash else 1))
    return frozenset(found)


def _value(field: str, text: str, low: int, high: int, names: Sequence[str]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + low
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and low <= int(text) <= high):
        choice = f" or {names[0]} to {names[-1]}" if names else ""
        raise ValueError(f"{field}: expected {low} to {high}{choice}, got {text!r}")
    return int(text)


def _step(field: str, text: str, part: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) > 0):
        raise ValueError(f"{field}: expected a step from 1 to 99 after the /, got {part!r}")
    return int(text)
