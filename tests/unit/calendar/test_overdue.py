"""Timers that were lost: whoever is overdue is woken within a day, page by page, once."""

from typing import Any

import pytest

from portrait.calendar_pages import decode_page
from portrait.calendar_runs import OVERDUE, sweeps_due, tick
from portrait.catalogue import Catalogue
from portrait.faults import Unavailable
from portrait.overdue import LATE_MS, Late, Overdue, encode_overdue, wake_overdue
from tests.unit.calendar.earths import Books
from tests.unit.calendar.test_wall_clock import ms
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import an_event
from tests.unit.dialogues.campaigns import a_campaign, catalogue
from tests.unit.dialogues.shop import HOUR, POLICY, letter

NOON = ms("2026-06-01T12:00Z")
HALF_PAST_THREE = ms("2026-06-02T03:30Z")
DAY_MS = 86_400_000


class Shelf:
    """Portraits and when they are to be woken, two on a page of each chain."""

    def __init__(self, world: Clockwork) -> None:
        self.world = world

    def overdue(self, chain: int, chains: int, *, cursor: str, before: int) -> Late:
        homes = sorted(self.world.table.items)[chain::chains]
        start = homes.index(cursor) + 1 if cursor else 0
        page = homes[start : start + 2]
        items = [self.world.table.items[home] for home in page]
        late = [one.home for one in items if one.due_at is not None and one.due_at < before]
        return Late(late, page[-1] if start + 2 < len(homes) else "")


def ticks(books: Books, now: int) -> list[Overdue]:
    queue: list[str] = []
    tick({}, books, sweeps=sweeps_due(Catalogue(), now=now), fallback="UTC", everywhere=list,
         chains=lambda: 1, send=queue.extend, now=now)  # fmt: skip
    return [page for page in map(decode_page, queue) if isinstance(page, Overdue)]


def test_a_pass_begins_once_a_day_at_half_past_three():
    books = Books()
    ticks(books, NOON)
    begun = [
        (now, page)
        for now in range(NOON, NOON + 3 * DAY_MS, 5 * 60_000)
        for page in ticks(books, now)
    ]

    assert begun == [
        (at, Overdue(at - LATE_MS)) for at in (HALF_PAST_THREE, HALF_PAST_THREE + DAY_MS,
                                               HALF_PAST_THREE + 2 * DAY_MS)
    ]  # fmt: skip
    assert {run.campaign for run in books.runs} == {OVERDUE}


@pytest.mark.parametrize("chains", [1, 3])
def test_dialogues_whose_timers_were_lost_go_on(chains):
    world = Clockwork(catalogue(a_campaign([{"wait": {"for": "2h"}}, letter()]), POLICY), NOON)
    for n in range(9):
        world.feed(an_event(f"m{n}", name="Started", at=NOON, who={"user_id": f"u{n}"}))
        world.settle()
    world.timers.clear()  # the stream's dead letters were thrown away
    since = HALF_PAST_THREE - 3 * HOUR + 1
    world.tell(an_event("late", name="Started", at=since, who={"user_id": "on time"}))
    world.timers.clear()
    assert world.said == []

    world.now = HALF_PAST_THREE
    queue = [encode_overdue(page) for page in ticks(Books(), world.now)]
    while queue:
        page: Any = decode_page(queue.pop())
        wake_overdue(page, Shelf(world), chains=lambda: chains, wake=world.queue.extend,
                     go_on=queue.extend)  # fmt: skip
    world.settle()

    assert len(world.said) == 9  # who is due within the hour may have a wake under way
    assert world.timers == set()


def test_a_page_whose_wakes_were_not_taken_does_not_go_on():
    world = Clockwork(catalogue(a_campaign([{"wait": {"for": "2h"}}]), POLICY), NOON)
    for n in range(3):
        world.tell(an_event(f"m{n}", name="Started", at=NOON, who={"user_id": f"u{n}"}))
    queue: list[str] = []

    def refuse(bodies: Any) -> None:
        raise Unavailable("no queue")

    with pytest.raises(Unavailable):
        wake_overdue(Overdue(NOON + DAY_MS, 0, 1), Shelf(world), chains=lambda: 1, wake=refuse,
                     go_on=queue.extend)  # fmt: skip
    assert not queue
