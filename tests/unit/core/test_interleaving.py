"""Whole invocations between the reads and the write of another: nobody is lost or doubled."""

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

from portrait.catalogue import Catalogue
from portrait.erasure import erase
from portrait.faults import Unavailable
from portrait.identity import home
from portrait.portrait import BORROWED
from portrait.record import Record, Write
from portrait.resolution import resolve
from portrait.unmerging import unmerge
from tests.unit.core.worlds import NOON, SECRET, Table, an_event, feed

IDENTIFIERS = [
    *(("user_id", f"u{n}") for n in range(3)),
    *(("email", f"{name}@x.se") for name in "ab"),
    *(("phone", f"070111222{n}") for n in range(2)),
    ("loyalty_id", "L1"),
    *(("anonymous_id", f"d{n}") for n in range(3)),
]
STEPS = 60
INTERRUPTIONS = 0.08


class Interrupted(Table):
    """A table that is read in two rounds, as the real one, with others at work in between."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random
        self.others: Callable[[], None] = lambda: None
        self.depth = 0

    def _interrupt(self) -> None:
        if self.depth < 2 and self.random.random() < INTERRUPTIONS:
            self.depth += 1
            self.others()
            self.depth -= 1

    def load_resolved(self, homes: Iterable[str], *, consistent: bool = False) -> dict[str, Record]:
        found: dict[str, Record] = {}
        wanted = set(homes)
        while wanted:
            self._interrupt()
            loaded = {h: self.items[h] for h in sorted(wanted) if h in self.items}
            found.update(loaded)
            wanted = {r.merged_into for r in loaded.values() if r.merged_into} - found.keys()
        return found

    def write(self, work: Write, *, now: int) -> None:
        self._interrupt()
        super().write(work, now=now)

    def bury(self, records: Iterable[Record], **more: Any) -> None:
        self._interrupt()
        super().bury(records, **more)


class World:
    """Events, corrections and erasures of a few people who share everything, drawn from a seed."""

    def __init__(self, seed: int, *, erasures: float) -> None:
        self.random = Random(seed)
        self.erasures = erasures
        self.table = Interrupted(self.random)
        self.table.others = self.step
        self.now = NOON
        self.sent: list[Any] = []
        self.applied: Counter[str] = Counter()

    def step(self) -> None:
        self.now += self.random.choice([1, 1000, 3_600_000])
        place, chosen = self._somebody(), self.random.random()
        try:
            if chosen < 0.08:
                unmerge(place, place, self.table, catalogue=Catalogue(), clock=self._clock,
                        pause=lambda _: None)  # fmt: skip
            elif chosen < 0.08 + self.erasures:
                erase(place, self.table, clock=self._clock, pause=lambda _: None)
            else:
                self._hear()
        except Unavailable:
            pass

    def _hear(self) -> None:
        events = [self._event() for _ in range(self.random.randint(1, 3))]
        self.sent += events
        if self.random.random() < 0.3:
            events.append(self.random.choice(self.sent))
        outcome = feed(events, self.table)
        assert not outcome.faults
        self.applied.update(events[index].id for index in outcome.applied)

    def _event(self) -> Any:
        who = dict(self.random.sample(IDENTIFIERS, self.random.choice([1, 2, 2, 3])))
        at = self.now - self.random.choice([0, 0, 5000])
        return an_event(f"m{len(self.sent)}-{self.random.random()}", at=at, received_at=self.now,
                        who=who)  # fmt: skip

    def _somebody(self) -> str:
        return home(SECRET, *self.random.choice(IDENTIFIERS))

    def _clock(self) -> int:
        return self.now

    def faults(self) -> Iterable[str]:
        """Yield what does not hold of the table as it lies there."""
        owners: dict[str, str] = {}
        counted = 0
        for place, record in self.table.items.items():
            if record.merged_into is not None and record.merged_into >= place:
                yield "a pointer leads to a weaker home"
            if not record.state:
                continue
            portrait = record.portrait
            counted += sum(strand.events for strand in portrait.strands.values())
            heard = {
                key.partition(BORROWED)[0] for key in portrait.strands
            } | portrait.guards.keys()
            if min(portrait.ids) != place or not heard <= portrait.ids.keys():
                yield "a portrait is not about its identifiers"
            if portrait.beyond != record.beyond:
                yield "what lies beyond a portrait is not what it says"
            for one in portrait.ids:
                if owners.setdefault(one, place) != place:
                    yield "an identifier has two owners"
                if resolve(one, self.table.items) != place:
                    yield "an identifier does not lead to its owner"
        for place, record in self.table.items.items():
            if record.merged_into and record.erased_at is None and place not in owners:
                yield "a pointer that nobody owns"
        if any(times > 1 for times in self.applied.values()):
            yield "an event was applied twice"
        if not self.erasures and counted != len(self.applied):
            yield f"{counted} of {len(self.applied)} applied events are counted"


@pytest.mark.parametrize("erasures", [0, 0.03])
@pytest.mark.parametrize("seed", range(20))
def test_whatever_others_do_in_between_each_event_counts_once_and_each_identifier_is_ones(
    seed, erasures
):
    world = World(seed, erasures=erasures)

    for _ in range(STEPS):
        world.step()
        assert list(world.faults()) == []
