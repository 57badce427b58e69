"""Local time of customers: when it will next be nine for them, and dates that they gave."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from portrait.comparisons import instant

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def until_local_time(at: int, clock: str, zone: tzinfo, weekdays: tuple[str, ...] = ()) -> int:
    """Return the first instant after `at` at which it is `clock` there, on one of the days."""
    local = datetime.fromtimestamp(at / 1000, zone)
    hour, minute = map(int, clock.split(":"))
    for ahead in range(9):
        day = local.date() + timedelta(days=ahead)
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        found = round(moment.astimezone(UTC).timestamp() * 1000)
        if found > at and (not weekdays or _DAYS[day.weekday()] in weekdays):
            return found
    return at


def until_date(date: Any, clock: str, zone: tzinfo, *, offset_ms: int = 0) -> int | None:
    """Return the instant of the date's day at `clock`, so long after it; None of no date."""
    at = instant(date)
    if at is None:
        return None
    day = (datetime.fromtimestamp(at / 1000, UTC) + timedelta(milliseconds=offset_ms)).date()
    hour, minute = map(int, clock.split(":"))
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return round(moment.astimezone(UTC).timestamp() * 1000)


def next_date(
    date: Any, *, yearly: bool, offset_ms: int, clock: str, zone: tzinfo, after: int
) -> tuple[int, str] | None:
    """Return the first such instant after `after` (UTC ms), and what it is called."""
    at = until_date(date, clock, zone, offset_ms=offset_ms)
    if at is None:
        return None
    moment = datetime.fromtimestamp(at / 1000, zone)
    if not yearly:
        return (at, moment.date().isoformat()) if at > after else None
    year = datetime.fromtimestamp(after / 1000, zone).year
    for each in range(year - 1, year + 3):
        day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
        found = moment.replace(year=each, day=day)
        stamp = round(found.astimezone(UTC).timestamp() * 1000)
        if stamp > after and each >= moment.year:
            return stamp, found.date().isoformat()
    return None
