"""Local time of customers: when it will next be nine for them, and dates that they gave."""

from collections.abc import Collection, Iterator
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, tzinfo

from portrait.comparisons import instant
from portrait.metrics import DAY_MS
from portrait.wall_clock import instant_of, moment, shown

CUSTOMER = "customer"
"""In place of a zone's name: each customer's own."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_EVER = -(1 << 62)


def until_local_time(
    at: int, clock: str, zone: tzinfo, weekdays: Collection[str] | None = None
) -> int:
    """Return the first instant after `at` at which it is `clock` there, on one of the days.

    Args:
        at: UTC ms.
        clock: `HH:MM`.
        weekdays: of `WEEKDAYS`; none of them is every day.
    """
    day, shows = shown(at, zone).date() - _DAY, time.fromisoformat(clock)
    while True:
        if not weekdays or WEEKDAYS[day.weekday()] in weekdays:
            found = instant_of(datetime.combine(day, shows), zone)
            if found > at:
                return found
        day += _DAY


def until_date(value: object, clock: str | None, zone: tzinfo, *, offset_ms: int = 0) -> int | None:
    """Return when a date is, moved by an offset, or None where the value holds none.

    As `next_date` for once; it may have passed.
    """
    found = next_date(value, yearly=False, offset_ms=offset_ms, clock=clock, zone=zone, after=_EVER)
    return found[0] if found else None


def next_date(
    value: object,
    *,
    yearly: bool,
    offset_ms: int,
    clock: str | None,
    zone: tzinfo,
    after: int,
) -> tuple[int, str] | None:
    """Return when a date comes next after an instant, and which occurrence that is.

    The days of the offset are days on the calendar, what is left of it are hours on the clock, so
    30 days before at 09:00 is at 09:00 whatever daylight saving did in between. In a common year
    29 February is 28 February.

    Args:
        value: of a trait: a date, or a date-time, whose day is the one that the zone has then.
        yearly: on the date itself and each anniversary; else on the date alone.
        offset_ms: added to each date; negative is before.
        clock: local time of day `HH:MM`; None for the value's own, midnight of a date alone.
        after: UTC ms.

    Returns:
        The instant (UTC ms) and the occurrence, the date itself without its offset; None where the
        value holds no date or none comes any more.
    """
    origin = _local(value, zone)
    if origin is None:
        return None
    days, rest = divmod(offset_ms, DAY_MS)
    shows = origin.time() if clock is None else time.fromisoformat(clock)
    try:
        for day in _dates(origin.date(), yearly, _around(after, offset_ms, zone)):
            local = datetime.combine(date.fromordinal(day.toordinal() + days), shows)
            due = instant_of(local, zone) + rest
            if due > after:
                return due, day.isoformat()
    except (OverflowError, ValueError):  # beyond the years 1 to 9999
        pass
    return None


def _local(value: object, zone: tzinfo) -> datetime | None:
    """Return the date and time that a trait holds, on the clocks of a zone.

    A date alone is a day wherever the customer is, and so is midnight UTC, which is how clients
    send one: in America that instant is on the day before.
    """
    try:
        found = instant(value)
        if found is None:
            return None
        return moment(found).replace(tzinfo=None) if found % DAY_MS == 0 else shown(found, zone)
    except (OverflowError, OSError, ValueError):
        return None


def _around(after: int, offset_ms: int, zone: tzinfo) -> int:
    """Return a year before which no date can be due after an instant."""
    try:
        return shown(after - offset_ms, zone).year - 1
    except OverflowError:
        return MINYEAR if after < 0 else MAXYEAR


def _dates(first: date, yearly: bool, year: int) -> Iterator[date]:
    if not yearly:
        yield first
        return
    for one in range(max(first.year, year, MINYEAR), MAXYEAR + 1):
        yield _in_year(first, one)


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
