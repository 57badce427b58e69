"""Quiet hours: when the recipient's clock says that nothing may be sent, and when it may again.

The wall clock is always computed from the instant, never the other way round: no hour is missing or
double in that direction, so a night is 10, 11 or 12 hours long as daylight saving has it.
"""

from datetime import datetime, timedelta, tzinfo

from portrait.compiled import QuietHours
from portrait.metrics import DAY_MS
from portrait.time_zones import Zones, time_zone

_LOOK_AHEAD_MS = 8 * DAY_MS
"""Hours that are quiet somewhere in the recipient's zones for a whole week stay so."""


def is_quiet(at: int, hours: QuietHours, zones: Zones) -> bool:
    """Tell whether an instant (UTC ms) lies in the quiet hours of any of the zones."""
    return any(_is_quiet(at, hours, time_zone(name)) for name in zones)


def first_allowed(now: int, hours: QuietHours, zones: Zones) -> int | None:
    """Return the first instant (UTC ms) from `now` on that is quiet in none of the zones.

    It is `now` itself or the very millisecond at which a clock leaves the quiet hours. None where
    the zones lie so far apart that there is no such hour within a week.
    """
    at, clocks = now, [time_zone(name) for name in zones]
    while at < now + _LOOK_AHEAD_MS:
        asleep = next((clock for clock in clocks if _is_quiet(at, hours, clock)), None)
        if asleep is None:
            return at
        at = _next_showing(hours.end, at, asleep)
    return None


def _is_quiet(at: int, hours: QuietHours, clock: tzinfo) -> bool:
    local = datetime.fromtimestamp(at / 1000, clock)
    minute = local.hour * 60 + local.minute
    if hours.start <= hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


def _next_showing(minute: int, at: int, clock: tzinfo) -> int:
    """Return the next instant at which the clock shows a minute of the day, or is changed before.

    No clock is changed twice, there and back, within a day.
    """
    local = datetime.fromtimestamp(at / 1000, clock)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    since = (local.replace(tzinfo=None) - midnight) // timedelta(milliseconds=1)
    then = at + ((minute * 60_000 - since) % DAY_MS or DAY_MS)
    offset = local.utcoffset()
    if _offset(then, clock) == offset:
        return then
    low, high = at // 1000, -(-then // 1000)  # clocks are changed on whole seconds
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle * 1000, clock) == offset else (low, middle)
    return high * 1000


def _offset(at: int, clock: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(at / 1000, clock).utcoffset()
