"""Clocks on the wall: which instant it is when they first show a minute, and what they show when.

A minute that daylight saving leaves out happens at the first instant after the gap; one that it
repeats happens the first time. So every local minute of every zone is exactly one instant, and a
later minute is never an earlier instant.
"""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache

from portrait.time_zones import time_zone

EASTMOST = timedelta(hours=15)
"""No clock is further ahead of UTC than this. Source: tzdata (Manila before 1844 was behind more,
and nothing is planned for then)."""
WESTMOST = timedelta(hours=-16)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


def moment(instant: int) -> datetime:
    """Return an instant (UTC ms) as a moment in UTC.

    Raises:
        OverflowError: it is beyond the years 1 to 9999.
    """
    return _EPOCH + instant * _MS


def shown(instant: int, zone: str) -> datetime:
    """Return what a clock of an IANA zone shows at an instant (UTC ms), without a zone.

    A zone that this machine does not know counts as UTC. Raises OverflowError as `moment`.
    """
    return moment(instant).astimezone(time_zone(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=16_384)
def instant_of(local: datetime, zone: str) -> int:
    """Return the first instant (UTC ms) at which a clock of the zone shows `local`, or later.

    Args:
        local: without a zone.

    Raises:
        OverflowError: the instant is beyond the years 1 to 9999.
    """
    place = time_zone(zone)
    found = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    if found.astimezone(place).replace(tzinfo=None, fold=0) != local:
        found = _end_of_gap(local.replace(tzinfo=place, fold=1).astimezone(UTC), found, place)
    return (found - _EPOCH) // _MS


def _end_of_gap(before: datetime, after: datetime, place: tzinfo) -> datetime:
    """Return the instant between two at which the offset from UTC changes, to the second."""
    old = before.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(place).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def until_local_time(now: int, at: str, zone: str, weekdays: Collection[str] | None = None) -> int:
    """Return the first instant after `now` at which a clock of the zone shows a time of day.

    Args:
        now: UTC ms.
        at: `HH:MM`.
        weekdays: of `WEEKDAYS`, those on which it counts; None for every day.
    """
    day, clock = shown(now, zone).date() - _DAY, time.fromisoformat(at)
    while True:
        if weekdays is None or WEEKDAYS[day.weekday()] in weekdays:
            instant = instant_of(datetime.combine(day, clock), zone)
            if instant > now:
                return instant
        day += _DAY
