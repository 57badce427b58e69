"""Clocks on the wall: which instant it is when they first show a minute, and what they show when.

A minute that daylight saving leaves out happens at the first instant after the gap; one that it
repeats happens the first time. So every local minute of every zone is exactly one instant, and a
later minute is never an earlier instant.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

EASTMOST = timedelta(hours=15)
"""No clock is further ahead of UTC than this. Source: tzdata (Manila before 1844 was behind more,
and nothing is planned for then)."""
WESTMOST = timedelta(hours=-16)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def moment(instant: int) -> datetime:
    """Return an instant (UTC ms) as a moment in UTC.

    Raises:
        OverflowError: it is beyond the years 1 to 9999.
    """
    return _EPOCH + instant * _MS


def shown(instant: int, zone: tzinfo) -> datetime:
    """Return what a clock of the zone shows at an instant (UTC ms), itself without a zone.

    Raises:
        OverflowError: it is beyond the years 1 to 9999.
    """
    return moment(instant).astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=16_384)
def instant_of(local: datetime, zone: tzinfo) -> int:
    """Return the first instant (UTC ms) at which a clock of the zone shows `local`, or later.

    Args:
        local: without a zone.

    Raises:
        OverflowError: the instant is beyond the years 1 to 9999.
    """
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) != local:
        found = _end_of_gap(local.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)
    return (found - _EPOCH) // _MS


def _end_of_gap(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the instant between two at which the offset from UTC changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
