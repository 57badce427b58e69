"""Where the sun stands: what clocks show, and whether it is night, straight from the zones."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from tests.faults.sending.programme import quiet_minutes


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_quiet(at: int, zone: str) -> bool:
    """Tell whether an instant (UTC ms) lies in the quiet hours, by the clock of a zone."""
    local = datetime.fromtimestamp(at / 1000, _zone(zone))
    start, end = quiet_minutes()
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start <= end else minute >= start or minute < end


def day(at: int, zone: str) -> str:
    """Return on which day an instant lies, by the clock of a zone."""
    return datetime.fromtimestamp(at / 1000, _zone(zone)).date().isoformat()
