"""The use case of the profile function: apply a batch of events, each exactly once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from portrait import identity
from portrait.changes import MAX_CHANGES_BYTES
from portrait.event import Event, Identifier, label
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.fold import Rules, fold_group
from portrait.record import Record, Write
from portrait.resolution import Group, Sighting, group
from portrait.seen import message_hash
from portrait.surroundings import read_around

MAX_ATTEMPTS = 6
MAX_HOMES_PER_WRITE = 40
"""A transaction holds at most 100 items; each home may turn itself and the root it led to."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""

    def write(self, work: Write, *, now: int) -> None:
        """Write all of it or nothing, or raise Conflict or Unavailable."""


class Applied(msgspec.Struct):
    """What became of a batch, by index of the event. `faults` names what was never expected."""

    applied: list[int] = []
    duplicates: list[int] = []
    erased: list[int] = []
    failed: list[int] = []
    rejected: dict[int, Rejected] = {}
    faults: list[str] = []
    writes: int = 0
    conflicts: int = 0


def sight(
    events: Sequence[Event], secret: bytes, strengths: identity.Strengths = identity.NO_STRENGTHS
) -> list[Sighting]:
    """Return the events with their homes and hashes: what is archived and applied."""
    homes: dict[Identifier, str] = {}
    sightings = []
    for index, event in enumerate(events):
        at = []
        for pair in event.identifiers:
            home = homes.get(pair)
            if home is None:
                home = homes[pair] = identity.home(secret, pair[0], pair[1], strengths)
            at.append(home)
        message = message_hash(secret, event.source, event.id)
        sightings.append(Sighting(index, event, message, tuple(at)))
    return sightings


def apply(
    sightings: Sequence[Sighting],
    portraits: Portraits,
    *,
    rules: Rules,
    now: int,
    pause: Callable[[int], None],
) -> Applied:
    """Fold the events into the portraits they are about: one read round, one write per customer.

    Safe to repeat: an event that was counted before is found in its strand and changes nothing.
    A customer whose write lost a race is read again, consistently, and folded anew; after
    `MAX_ATTEMPTS` the events are reported as failed, so that the queue keeps them.

    Args:
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """
    outcome = Applied()
    pending = list(sightings)
    attempt = 0
    while pending:
        try:
            homes = {home for sighting in pending for home in sighting.homes}
            records = read_around(homes, portraits.load_resolved, consistent=attempt > 0)
        except Unavailable:
            outcome.failed += [sighting.index for sighting in pending]
            break
        conflicts = outcome.conflicts
        round_ = _Round(portraits, rules, now, attempt > 0, outcome)
        pending = round_.run(group(pending, records), records)
        if outcome.conflicts > conflicts:
            attempt += 1
            if attempt >= MAX_ATTEMPTS:
                outcome.failed += [sighting.index for sighting in pending]
                break
            pause(attempt)
        else:
            attempt = max(attempt, 1)
    return outcome


class _Round(msgspec.Struct):
    """One attempt at a batch, with records that were read once."""

    portraits: Portraits
    rules: Rules
    now: int
    consistent: bool
    outcome: Applied

    def run(self, groups: Iterable[Group], records: dict[str, Record]) -> list[Sighting]:
        """Write each group once; return the sightings that need another round."""
        again: list[Sighting] = []
        for whole in groups:
            taken = _leading(whole.sightings, self.rules.interests)
            again += whole.sightings[len(taken) :]
            parts = [whole] if len(taken) == len(whole.sightings) else group(taken, records)
            for part in parts:
                again += self._try(part, records)
        return sorted(again, key=lambda sighting: sighting.index)

    def _try(self, part: Group, records: dict[str, Record]) -> Sequence[Sighting]:
        outcome = self.outcome
        try:
            self._apply(part, records)
        except Conflict:
            outcome.conflicts += 1
            return part.sightings
        except Unavailable:
            outcome.failed += [sighting.index for sighting in part.sightings]
        except Rejected as fault:
            if len(part.sightings) > 1:  # one of them does not fit: the others are not to suffer
                alone = [group([sighting], records)[0] for sighting in part.sightings]
                return [again for one in alone for again in self._try(one, records)]
            outcome.rejected.update((s.index, fault) for s in part.sightings)
        except Exception as fault:
            # A fault of ours that one customer's data brings out must not stop the others.
            outcome.faults.append(type(fault).__name__)
            outcome.failed += [sighting.index for sighting in part.sightings]
        return ()

    def _apply(self, part: Group, records: dict[str, Record]) -> None:
        fold = fold_group(part, records, self.rules, consistent=self.consistent)
        if fold.wanted:
            more = self.portraits.load_resolved(fold.wanted, consistent=True)
            # What was grouped by stays as it was read: its version is what the write checks.
            records.update({home: more[home] for home in more.keys() - records.keys()})
            fold = fold_group(part, records, self.rules, consistent=self.consistent)
        outcome = self.outcome
        if fold.write is not None:
            self.portraits.write(fold.write, now=self.now)
            outcome.writes += 1
        outcome.applied += [sighting.index for sighting in fold.applied]
        outcome.duplicates += [sighting.index for sighting in fold.duplicates]
        outcome.erased += [sighting.index for sighting in fold.erased]
        for sighting, fault in fold.rejected:
            outcome.rejected[sighting.index] = fault


def _leading(sightings: tuple[Sighting, ...], interests: frozenset[str]) -> tuple[Sighting, ...]:
    """Return as many sightings, from the first, as one write may carry."""
    if len(sightings) == 1:
        return sightings
    homes: set[str] = set()
    size = 0
    for count, sighting in enumerate(sightings):
        homes.update(sighting.homes)
        if label(sighting.event.kind, sighting.event.name) in interests:
            event = sighting.event
            size += len(msgspec.msgpack.encode((event.properties, event.traits)))
        if count and (len(homes) > MAX_HOMES_PER_WRITE or size > MAX_CHANGES_BYTES):
            return sightings[:count]
    return sightings
