"""The timing of a message that is welcome: now, later, or at no moment before it expires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portrait.arbitration import Planned, plan, rank
from portrait.caps import counts
from portrait.compiled import Cap, Policy
from portrait.quiet_hours import first_allowed, is_quiet
from portrait.strand import Contact
from portrait.tickets import LEASE_MS
from portrait.time_zones import Zones
from portrait.verdicts import Held, Wait

RETRY_MS = 15 * 60_000
"""How long after a message worth more was due one looks what became of it."""

SPARE_MS = 60_000
"""How long before its expiry a message is tried for the last time: timers are that punctual."""

_TRIES = 96
"""Quarters of an hour in a day: quiet hours are shorter."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One message, and all that has a say in when it may go.

    A message is held only when nothing that may still happen could let it go in time. While a claim
    may be given back, or one that is worth more may yet vanish (its dialogue ends, its template
    fails), it waits: until the first moment it could go if it were alone, then until a while after
    each of those was due, and at last until shortly before it expires.

    Attributes:
        ahead: the messages that choose their place before it, in any order.
        zones: the recipient's.
    """

    own: Planned
    contacts: Sequence[Contact]
    ahead: Sequence[Planned]
    policy: Policy
    zones: Zones
    now: int

    def judge(self) -> Held | Wait | None:
        """Return None for now, or why not."""
        alone = self._places(self.contacts, ())[self.own.id]
        if alone is None:
            return self._without_a_moment()
        places = self._places(self.contacts, self.ahead)
        at = places[self.own.id]
        if at == self.now:
            return None
        if at == alone:
            return self._put_off(alone)
        rivals = self._rivals(places)
        if at is not None:
            return Wait(at, "outranked", rival=rivals[0].campaign)
        first = min(places[each.id] or 0 for each in rivals)
        until = max(alone, min(first + RETRY_MS, self._last_chance()))
        if until > self.now:
            return Wait(until, "outranked", rival=rivals[0].campaign)
        return Held("outranked", rival=rivals[0].campaign)

    def _places(
        self, contacts: Sequence[Contact], ahead: Sequence[Planned]
    ) -> dict[str, int | None]:
        return plan(contacts, [*ahead, self.own], self.policy, now=self.now, zone=self.zones)

    def _rivals(self, places: Mapping[str, int | None]) -> list[Planned]:
        """Return those ahead that took a place under a cap it shares, the most valuable first."""
        caps = [cap for cap in self.policy.caps if cap.covers(self.own.channel, self.own.purpose)]
        placed = [each for each in self.ahead if places[each.id] is not None]
        shared = [p for p in placed if any(cap.covers(p.channel, p.purpose) for cap in caps)]
        return sorted(shared, key=rank)

    def _without_a_moment(self) -> Held | Wait:
        fresh = [c for c in self.contacts if c.state == "claimed" and c.at > self.now - LEASE_MS]
        others = [contact for contact in self.contacts if contact not in fresh]
        if fresh and self._places(others, ())[self.own.id] is not None:
            return self._put_off(min(contact.at for contact in fresh) + LEASE_MS)
        cap = self._spent_cap()
        return Held("cap" if cap else "quiet_hours", cap)

    def _put_off(self, until: int) -> Wait:
        cap = self._spent_cap()
        return Wait(until, "cap" if cap else "quiet_hours", cap)

    def _spent_cap(self) -> Cap | None:
        """Return the cap that bars it longest once it is no longer quiet, if one does."""
        hours = self.policy.quiet_for(self.own.channel, self.own.purpose)
        awake = first_allowed(self.now, hours, self.zones) if hours else self.now
        if awake is None or awake >= self.own.expires_at:
            return None
        rooms = [
            (count.next_room(awake), count.cap)
            for count in counts(self.contacts, self.policy, self.zones)
            if count.cap.covers(self.own.channel, self.own.purpose)
        ]
        spent = [(room is None, room or 0, cap) for room, cap in rooms if room != awake]
        return max(spent, key=lambda each: each[:2])[2] if spent else None

    def _last_chance(self) -> int:
        """Return the last moment at which to try it; now, where there is none left."""
        last = self.own.expires_at - SPARE_MS
        hours = self.policy.quiet_for(self.own.channel, self.own.purpose)
        for at in range(last, max(self.now, last - _TRIES * RETRY_MS), -RETRY_MS):
            if hours is None or not is_quiet(at, hours, self.zones):
                return at
        return self.now
