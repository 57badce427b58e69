"""Filling: everybody who belongs is found, in pages, from wherever it broke off."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from portrait.audience_fill import Filled, fill
from portrait.audiences.hints import decode_hint
from portrait.audiences.identifiers import digest
from portrait.catalogue import Catalogue
from portrait.faults import Unavailable
from portrait.record import Record
from portrait.waking import read_wake
from tests.unit.audiences.worlds import BUYERS, DOCUMENTS, IDENTITY, META, World

PAGE = 3


class Run:
    """One run over a world's portraits, and what it put on which queue."""

    def __init__(self, world: World, after: str = "", breaks_at: int = -1) -> None:
        self.world = world
        self.hints: list[str] = []
        self.wakes: list[str] = []
        self.places: list[str] = []
        self.breaks_at = breaks_at
        self.done = Filled()
        self.read = 0
        try:
            self.done = fill(
                self.pages(after), world.catalogue.audiences["buyers_meta"], world.catalogue,
                clock=lambda: world.now, hint=self.hints.extend, wake=self.wakes.extend,
                tell=self._tell,
            )  # fmt: skip
        except Unavailable:
            self.done = Filled(seen=-1)

    def pages(self, after: str) -> Iterator[tuple[list[Record], str]]:
        homes = sorted(home for home, record in self.world.table.items.items() if record.state)
        homes = [home for home in homes if home > after]
        for start in range(0, len(homes) or 1, PAGE):
            if self.read == self.breaks_at:
                raise Unavailable("the table did not answer")
            self.read += 1
            some = homes[start : start + PAGE]
            is_last = start + PAGE >= len(homes)
            yield [self.world.table.items[home] for home in some], "" if is_last else some[-1]

    def _tell(self, done: Filled, place: str) -> None:
        self.places.append(place)
        # What was read is forgotten with its page.
        assert len(self.hints) + len(self.wakes) <= len(self.places) * PAGE


def known_before(*users: str) -> World:
    """Return a world in which the audience is published after people have come to belong to it."""
    world = World(BUYERS, IDENTITY)
    for user in users:
        world.join(user)
    world.identify("nobody", email="nobody@mail.example")
    assert world.take_hints() == []
    world.catalogue = Catalogue.compile([BUYERS, META, IDENTITY])
    return world


def woken(world: World, bodies: Sequence[str]) -> set[str]:
    """Let profile look at everybody who was woken, and return the hashes that are hinted at."""
    for body in bodies:
        wake = read_wake(body)
        assert wake is not None
        record = world.table.items[wake.home]
        world.table.items[wake.home] = replace(record, due_at=world.now)
    world.wake()
    return hashes(world.take_hints())


def hashes(bodies: Sequence[str]) -> set[str]:
    return {each.digest for body in bodies for each in decode_hint(body).identifiers}


USERS = tuple(f"u{n}" for n in range(8))
ALL = {digest(f"{user}@shop.example") for user in USERS}


def test_whoever_belongs_already_is_woken_and_so_pushed():
    world = known_before(*USERS)

    run = Run(world)

    assert run.done == Filled(seen=9, hinted=0, woken=8)
    assert woken(world, run.wakes) == ALL


def test_whoever_is_in_it_is_pushed_again():
    world = known_before(*USERS)
    woken(world, Run(world).wakes)

    run = Run(world)

    assert (run.done, run.wakes) == (Filled(seen=9, hinted=8, woken=0), [])
    assert hashes(run.hints) == ALL


def test_a_run_goes_on_from_where_another_broke_off():
    world = known_before(*USERS)
    first = Run(world, breaks_at=2)
    assert first.done.seen == -1

    second = Run(world, after=first.places[-1])

    assert len(first.wakes) + len(second.wakes) == 8
    assert woken(world, [*first.wakes, *second.wakes]) == ALL


def test_members_of_an_ended_audience_are_taken_out():
    world = known_before(*USERS)
    woken(world, Run(world).wakes)
    world.catalogue = Catalogue.compile([BUYERS, {**META, "status": "ended"}, IDENTITY])

    assert woken(world, Run(world).wakes) == ALL
    assert Run(world).done == Filled(seen=9)


def test_a_portrait_that_cannot_be_read_is_counted_and_stops_nobody():
    world = known_before(*USERS)
    home, record = next((h, r) for h, r in world.table.items.items() if r.state)
    world.table.items[home] = replace(record, state=b"\xffnew")
    assert Run(world).done.unreadable == 1
    assert Run(world).done.seen == 9


@pytest.mark.parametrize("documents", [DOCUMENTS])
def test_an_empty_table_is_filled_at_once(documents):
    assert Run(World(*documents)).done == Filled()
