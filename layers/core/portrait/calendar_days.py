"""Calendar days of a time zone, counted from 1970-01-01; they are 23 to 25 hours long."""

from datetime import UTC, date, datetime, timedelta

from portrait.metrics import DAY_MS
from portrait.time_zones import time_zone

_EPOCH = date(1970, 1, 1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(instant: int, zone: str | None) -> int:
    """Return the calendar day of an instant (UTC ms) in an IANA zone; None is UTC.

    A zone that this machine does not know counts as UTC.
    """
    if zone is None:
        return instant // DAY_MS
    try:
        moment = (_START + timedelta(milliseconds=instant)).astimezone(time_zone(zone))
    except OverflowError:  # beyond the years 1 to 9999
        return instant // DAY_MS
    return (moment.date() - _EPOCH).days


def start_of(day: int, zone: str | None) -> int:
    """Return the first instant of a calendar day, in UTC ms."""
    if zone is None:
        return day * DAY_MS
    try:
        date_ = _EPOCH + timedelta(days=day)
        midnight = datetime(date_.year, date_.month, date_.day, tzinfo=time_zone(zone))
        return (midnight - _START) // timedelta(milliseconds=1)
    except OverflowError:
        return day * DAY_MS
