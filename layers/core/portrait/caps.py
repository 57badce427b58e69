"""Frequency caps: what each has counted, and when it has room for one more."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from portrait.calendar_days import day_of, start_of
from portrait.compiled import Cap, Policy
from portrait.strand import Contact
from portrait.time_zones import Zones


class Count:
    """The instants (UTC ms) of everything that one cap counts: contacts, and places given since.

    A rolling window of length w holds the instants in (end - w, end], whatever its end: one more is
    within the cap if no window that would hold it holds more than the cap allows, be the others
    earlier or later. A contact exactly one window old no longer counts.
    """

    def __init__(self, cap: Cap, contacts: Iterable[Contact], zones: Zones) -> None:
        self.cap = cap
        self._zones = zones
        self._instants = sorted(c.at for c in contacts if cap.covers(c.channel, c.purpose))

    def add(self, at: int) -> None:
        """Count one more."""
        insort(self._instants, at)

    def next_room(self, at: int) -> int | None:
        """Return the first instant from `at` on with room for one more, or None if none has."""
        if self.cap.messages == 0:
            return None
        if self.cap.window_ms is None:
            return self._next_day_with_room(at)
        return self._next_window_with_room(at, self.cap.window_ms)

    def _next_window_with_room(self, at: int, window: int) -> int:
        instants, most = self._instants, self.cap.messages
        while True:
            earliest = bisect_right(instants, at - window)
            latest = bisect_left(instants, at + window) - most
            # The last run of as many as are allowed that fits into one window together with `at`.
            for first in range(latest, earliest - 1, -1):
                start, end = min(instants[first], at), max(instants[first + most - 1], at)
                if end - start < window:
                    at = instants[first] + window
                    break
            else:
                return at

    def _next_day_with_room(self, at: int) -> int:
        """Where the recipient may be in several zones, the day of each must have room."""
        while True:
            later = at
            for zone in self._zones:
                day = day_of(later, zone)
                start, end = start_of(day, zone), start_of(day + 1, zone)
                held = bisect_left(self._instants, end) - bisect_left(self._instants, start)
                later = later if held < self.cap.messages else end
            if later == at:
                return at
            at = later


def counts(contacts: Sequence[Contact], policy: Policy, zones: Zones) -> list[Count]:
    """Return what every cap of the policy has counted of these contacts."""
    counted = [contact for contact in contacts if _is_counted(contact, policy)]
    return [Count(cap, counted, zones) for cap in policy.caps]


def _is_counted(contact: Contact, policy: Policy) -> bool:
    """Tell whether a contact disturbed the customer as far as caps are concerned.

    Every one does but those that were held, or that the provider definitely refused. One with a
    later instant (its writer's clock was ahead) counts too.
    """
    return (
        contact.state not in ("failed", "held")
        and bool(contact.campaign)  # else it is feedback about a message that was not ours
        and policy.counts(contact.channel, contact.purpose)
    )
