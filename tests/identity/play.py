"""Worlds through the product's own resolution and folding, over a table in memory."""

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from portrait import seen
from portrait.event import Event
from portrait.fold import Rules
from portrait.profile import apply, sight
from portrait.resolution import Sighting
from portrait.seen import HASH_SIZE
from tests.identity.peers import alone
from tests.identity.world import World
from tests.unit.core.worlds import Table

SECRET = b"a secret of these worlds"
RULES = Rules({}, frozenset())
"""Nothing is counted: what is measured is who an event is about, and keeping it with them."""


@dataclass(slots=True)
class Played:
    """Where the product put each event of a world, and what that took.

    Attributes:
        assignment: event id to the root of the portrait.
        seconds: processor time of resolving, folding and writing the `sightings`, the table in
            memory included.
        wall: time on the clock of the same, with whatever else the machine did meanwhile.
        refused: batches that were not applied whole, by what became of them.
    """

    assignment: dict[str, Hashable]
    seconds: float
    wall: float
    sightings: int
    refused: dict[str, int] = field(default_factory=dict)

    def pace(self) -> float:
        """Return the seconds of processor time that 10,000 sightings take."""
        return 10_000 * self.seconds / max(self.sightings, 1)

    def wall_pace(self) -> float:
        """Return the seconds on the clock that 10,000 sightings take."""
        return 10_000 * self.wall / max(self.sightings, 1)


def play(
    world: World, *, batch: int = 1, report: Callable[[int], None] = lambda count: None
) -> Played:
    """Play the events of a world in order of arrival, `batch` to an invocation.

    Args:
        report: called now and then with how many events were played.
    """
    table = Table()
    sightings: list[Sighting] = []
    refused: dict[str, int] = {}
    seconds = wall = 0.0
    with remembering():
        for count, events in enumerate(_batches(world.events, batch), 1):
            entered, began = time.perf_counter(), time.process_time()
            batched = sight(events, SECRET)
            outcome = apply(
                batched, table, rules=RULES, now=events[-1].received_at, pause=lambda attempt: None
            )
            seconds += time.process_time() - began
            wall += time.perf_counter() - entered
            lost = {fault.reason for fault in outcome.rejected.values()}
            for name in (*lost, *outcome.faults, *(["failed"] if outcome.failed else [])):
                refused[name] = refused.get(name, 0) + 1
            sightings += batched
            if count * batch % 10_000 < batch:
                report(count * batch)
    placed = {**assignment(table, sightings), **alone(world)}
    return Played(placed, seconds, wall, len(sightings), refused)


def assignment(table: Table, sightings: Sequence[Sighting]) -> dict[str, Hashable]:
    """Return the root of the portrait in which each sighting was counted.

    What was counted in none (a refused event) is alone.
    """
    roots = {
        message: home
        for home, portrait in table.portraits().items()
        for strand in portrait.strands.values()
        for _, packed in strand.seen
        for message in _messages(packed)
    }
    return {s.event.id: roots.get(s.message, ("nowhere", s.event.id)) for s in sightings}


def _messages(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE))


@contextmanager
def remembering() -> Iterator[None]:
    """Let strands remember every message, so that each can be found where it was counted."""
    bounds = seen.SEEN_DAYS, seen.MAX_SEEN
    seen.SEEN_DAYS, seen.MAX_SEEN = 10**6, 10**6
    try:
        yield
    finally:
        seen.SEEN_DAYS, seen.MAX_SEEN = bounds


def _batches(events: Sequence[Event], size: int) -> Iterator[list[Event]]:
    rest = iter(events)
    while batch := list(islice(rest, size)):
        yield batch
