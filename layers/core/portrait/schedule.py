"""Schedules as the functions hold them: local minutes, and the instants that they are somewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portrait.cron import Cron, parse_cron
from portrait.durations import milliseconds
from portrait.metrics import DAY_MS
from portrait.recurrence import CUSTOMER
from portrait.time_zones import time_zone
from portrait.wall_clock import EASTMOST, WESTMOST, instant_of, moment

SCHEDULES = ("cron", "at", "daily", "weekly", "monthly")
MOST_A_DAY = 48
"""More often than every half hour, one pass would not be over when the next one begins."""

LATEST_MS = DAY_MS

_LONGEST_GAP = timedelta(hours=25)
"""Samoa left out 30 December 2011."""


class Due(NamedTuple):
    """A local minute, as `2026-03-29T09:00`, and the instant (UTC ms) that it is in some zones."""

    occurrence: str
    instant: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a calendar campaign lets its customers in.

    Attributes:
        cron: the local minutes; None where it is just `once`.
        zone: IANA name for everybody, or None for each customer's own.
        valid_for_ms: how late a pass may begin.
    """

    cron: Cron | None
    once: datetime | None
    zone: str | None
    valid_for_ms: int

    @classmethod
    def from_document(cls, schedule: Mapping[str, Any]) -> "Schedule":
        """Read the schedule of a canonical `campaign` document."""
        once = datetime.fromisoformat(schedule["at"]) if "at" in schedule else None
        zone = schedule["time_zone"]
        return cls(
            cron=None if once else parse_cron(_expression(schedule)),
            once=once,
            zone=None if zone == CUSTOMER else zone,
            valid_for_ms=milliseconds(schedule["valid_for"]),
        )

    def minutes(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield, ascending, the local minutes from `first` to `last`, both included."""
        if self.cron is not None:
            yield from self.cron.between(first, last)
        elif self.once is not None and first <= self.once <= last:
            yield self.once

    def due(self, zones: Mapping[str, int], *, after: int, until: int) -> set[Due]:
        """Return what happens in a span of time somewhere, each local minute once an instant.

        Args:
            zones: where there are customers, and the instant since when.
            after: UTC ms, not included.
            until: UTC ms, included.
        """
        asked = zones if self.zone is None else {self.zone: after}
        places = [(time_zone(name), since) for name, since in asked.items()]
        first = moment(after) + WESTMOST - _LONGEST_GAP
        last = moment(until) + EASTMOST
        return {
            Due(text(minute), instant)
            for minute in self.minutes(_whole(first), _whole(last))
            for zone, since in places
            if max(after, since) < (instant := instant_of(minute, zone)) <= until
        }


def text(minute: datetime) -> str:
    """Return a local minute as an occurrence is named."""
    return minute.isoformat(timespec="minutes")


def occurs(occurrence: str, zone: str) -> int:
    """Return the instant (UTC ms) at which an occurrence happens in a zone."""
    return instant_of(datetime.fromisoformat(occurrence), time_zone(zone))


def _whole(at: datetime) -> datetime:
    return at.replace(tzinfo=None, second=0, microsecond=0)


def _expression(schedule: Mapping[str, Any]) -> str:
    """Return a friendly form as the cron expression that it stands for."""
    if "cron" in schedule:
        return str(schedule["cron"])
    (form,) = (schedule[name] for name in ("daily", "weekly", "monthly") if name in schedule)
    hour, minute = map(int, (form if isinstance(form, str) else form["at"]).split(":"))
    days, weekdays = "*", "*"
    if "monthly" in schedule:
        days = "L" if form["day"] == "last" else str(form["day"])
    if "weekly" in schedule:
        weekdays = ",".join(day.upper() for day in form["on"])
    return f"{minute} {hour} {days} * {weekdays}"
