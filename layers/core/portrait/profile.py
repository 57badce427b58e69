"""The use case of the profile function: apply a batch of events, each exactly once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import msgspec

from portrait import identity
from portrait.changes import MAX_CHANGES_BYTES
from portrait.event import Event, label
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.fold import Rules, fold_group
from portrait.record import Record, Write
from portrait.resolution import Group, Sighting, beyond, group
from portrait.seen import message_hash

MAX_ATTEMPTS = 6
MAX_HOMES_PER_WRITE = 40
"""A transaction holds at most 100 items; each home may turn itself and the root it led to."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def write(self, work: Write, *, now: int) -> None:
        """Write all of it or nothing, or raise Conflict or Unavailable."""


@dataclass(slots=True)
class Applied:
    """What became of a batch, by index of the event. `faults` names what was never expected."""

    applied: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    writes: int = 0
    conflicts: int = 0


def sight(
    events: Sequence[Event], secret: bytes, strengths: identity.Strengths = identity.NO_STRENGTHS
) -> list[Sighting]:
    """Return the events with their homes and hashes: what is archived and applied."""
    homes = cache(lambda known: identity.home(secret, known[0], known[1], strengths))
    return [
        Sighting(
            index,
            event,
            message_hash(secret, event.source, event.id),
            tuple(map(homes, event.identifiers)),
        )
        for index, event in enumerate(events)
    ]


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
            records = _read(pending, portraits, consistent=attempt > 0)
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


def _read(
    sightings: Sequence[Sighting], portraits: Portraits, *, consistent: bool
) -> dict[str, Record]:
    """Read what lies at the homes of the events, and at those that a disputed identifier names."""
    homes = {home for sighting in sightings for home in sighting.homes}
    records = dict(portraits.load_resolved(homes, consistent=consistent))
    if more := beyond(records):
        records.update(portraits.load_resolved(more, consistent=consistent))
    return records


@dataclass(frozen=True, slots=True)
class _Round:
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
            outcome.rejected.update((s.index, fault) for s in part.sightings)
        except Exception as fault:
            # A fault of ours that one customer's data brings out must not stop the others.
            outcome.faults.append(type(fault).__name__)
            outcome.failed += [sighting.index for sighting in part.sightings]
        return ()

    def _apply(self, part: Group, records: dict[str, Record]) -> None:
        fold = fold_group(part, records, self.rules, consistent=self.consistent)
        if fold.wanted:
            records.update(self.portraits.load_resolved(fold.wanted, consistent=True))
            fold = fold_group(part, records, self.rules, consistent=self.consistent)
        outcome = self.outcome
        if fold.write is not None:
            self.portraits.write(fold.write, now=self.now)
            outcome.writes += 1
        outcome.applied += [sighting.index for sighting in fold.applied]
        outcome.duplicates += [sighting.index for sighting in fold.duplicates]
        outcome.erased += [sighting.index for sighting in fold.erased]
        outcome.rejected.update((sighting.index, fault) for sighting, fault in fold.rejected)


def _leading(sightings: tuple[Sighting, ...], interests: frozenset[str]) -> tuple[Sighting, ...]:
    """Return as many sightings, from the first, as one write may carry."""
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
