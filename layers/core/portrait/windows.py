"""Windows: how far back from now a computed trait or a condition looks."""

from typing import NamedTuple

from portrait.calendar_days import day_of, start_of


class CalendarDays(NamedTuple):
    """Today and the `days - 1` calendar days before it, in an IANA time zone."""

    days: int
    zone: str


_BEFORE_ALL = -(10**9)

Window = int | CalendarDays | None
"""Milliseconds that roll with the clock, calendar days, or None for ever."""


class Span(NamedTuple):
    """A window at one instant.

    Attributes:
        now: the last instant in it.
        after: the last instant before it; None where there is none.
        first_day: the first whole day that counts: its last instant is not before the span.
        last_day: the day of now.
        zone: IANA zone of the days; None for UTC.
    """

    now: int
    after: int | None
    first_day: int
    last_day: int
    zone: str | None = None

    def holds(self, instant: int) -> bool:
        """Tell whether an instant lies within."""
        return instant <= self.now and (self.after is None or instant > self.after)


def span_at(window: Window, now: int, zone: str | None = None) -> Span:
    """Return the window as of `now` (UTC ms): (now - window, now], or whole calendar days.

    Args:
        zone: of the days in which a series counts; the days of a calendar window are its own.
    """
    if isinstance(window, CalendarDays):
        today = day_of(now, window.zone)
        first = today - window.days + 1
        return Span(now, start_of(first, window.zone) - 1, first, today, window.zone)
    today = day_of(now, zone)
    if window is None:
        return Span(now, None, _BEFORE_ALL, today, zone)
    after = now - window
    return Span(now, after, day_of(after + 1, zone), today, zone)


def leaves_at(window: int | CalendarDays, instant: int) -> int:
    """Return the first instant at which one that happened at `instant` is in the window no more."""
    if isinstance(window, CalendarDays):
        return start_of(day_of(instant, window.zone) + window.days, window.zone)
    return instant + window


def day_leaves_at(window: int | CalendarDays, day: int, zone: str | None) -> int:
    """Return the first instant at which a bucketed day counts no more."""
    if isinstance(window, CalendarDays):
        return start_of(day + window.days, window.zone)
    return start_of(day + 1, zone) - 1 + window
