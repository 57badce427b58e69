"""Frequency caps: what each has counted, and when it has room for one more."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from itertools import chain

from portrait.calendar_days import day_of, start_of
from portrait.compiled import Cap, Policy
from portrait.metrics import DAY_MS
from portrait.strand import Contact
from portrait.time_zones import Zones

_DAYS_MS = 2 * DAY_MS
"""Two instants so far apart are never on one calendar day, whatever is done to the clock."""


class Count:
    """The instants (UTC ms) of everything that one cap counts: contacts, and places given since.

    A rolling window of length w holds the instants in (end - w, end], whatever its end: one more is
    within the cap if no window that would hold it holds more than the cap allows, be the others
    earlier or later. A contact exactly one window old no longer counts.
    """

    def __init__(self, cap: Cap, instants: Iterable[int], zones: Zones) -> None:
        self.cap = cap
        self._zones = zones
        self._instants = sorted(instants)

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
        while (end := self._end_of_full_day(at)) is not None:
            at = max(end, at + 1)  # onwards, should a clock be set back over midnight
        return at

    def _end_of_full_day(self, at: int) -> int | None:
        """Return when a day without room ends that `at` lies in, in any of the zones, or None."""
        first = bisect_right(self._instants, at - _DAYS_MS)
        near = self._instants[first : bisect_left(self._instants, at + _DAYS_MS)]
        if len(near) < self.cap.messages:
            return None
        for zone in self._zones:
            day = day_of(at, zone)
            if sum(day_of(each, zone) == day for each in near) >= self.cap.messages:
                return start_of(day + 1, zone)
        return None


def counts(contacts: Iterable[Contact], policy: Policy, zones: Zones) -> list[Count]:
    """Return what every cap of the policy has counted of a customer's contacts.

    Every contact counts but those that were held, or that the provider definitely refused. One with
    a later instant (its writer's clock was ahead) counts too.
    """
    told: dict[tuple[str, str], list[int]] = {}
    for contact in contacts:
        # Without a campaign it is feedback about a message that was not ours.
        if contact.campaign and contact.state not in ("failed", "held"):
            told.setdefault((contact.channel, contact.purpose), []).append(contact.at)
    counted = [(kind, instants) for kind, instants in told.items() if policy.counts(*kind)]
    return [
        Count(cap, chain.from_iterable(at for kind, at in counted if cap.covers(*kind)), zones)
        for cap in policy.caps
    ]
