"""A new version that moves running dialogues wakes whoever is in them, once, page by page."""

from typing import Any

import pytest

from portrait.calendar_pages import decode_page
from portrait.calendar_plan import STALE_MS, Claim, Run
from portrait.calendar_runs import OVERDUE, sweeps_due, tick
from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical, parse
from portrait.faults import Unavailable
from portrait.sweeps import SETTLED_MS, Entrants, Sweep, encode_sweep, sweep
from portrait.waking import read_wake
from tests.unit.calendar.earths import Books
from tests.unit.calendar.test_wall_clock import ms

NOON = ms("2026-06-01T12:00Z")
DAY_MS = 86_400_000


def a_version(version: int, running: Any = "restart", **fields: Any) -> dict[str, Any]:
    document = canonical(
        parse(
            {
                "kind": "campaign", "key": "news", "name": "News", "purpose": "marketing",
                "entry": {"event": "Order Completed"}, "running": running,
                "steps": [{"send": {"channel": "webhook", "template": "t"}}], **fields,
            }
        )
    )  # fmt: skip
    return {**document, "version": version, "published_at": NOON}


def due(*documents: dict[str, Any], now: int = NOON + SETTLED_MS) -> dict[Run, Any]:
    *before, newest = documents
    found = sweeps_due(Catalogue.compile([newest], before), now=now)
    return {run: decode_page(body) for run, body in found.items() if run.campaign != OVERDUE}


def test_a_version_that_moves_running_dialogues_is_swept_when_every_function_knows_it():
    versions = a_version(1, lasts_at_most="30d"), a_version(2, lasts_at_most="10d")

    assert due(*versions, now=NOON + SETTLED_MS - 1) == {}
    assert due(*versions) == {
        Run(NOON, "news", "sweep 2"): Sweep("news", 2, NOON - 30 * DAY_MS),
    }


@pytest.mark.parametrize(
    "versions",
    [
        [a_version(1)],
        [a_version(1), a_version(2, "keep")],
    ],
    ids=["the first", "keep"],
)
def test_a_version_that_moves_nobody_is_not_swept(versions):
    assert due(*versions) == {}


def test_a_paused_campaign_is_swept_too():
    assert len(due(a_version(1), a_version(2, status="paused"))) == 1


def ticks(books: Books, queue: list[str], now: int) -> int:
    catalogue_sweeps = due(a_version(1), a_version(2), now=now)
    bodies = {run: encode_sweep(page) for run, page in catalogue_sweeps.items()}
    counts = tick(
        {}, books, sweeps=bodies, fallback="UTC", everywhere=list, chains=lambda: 1,
        send=queue.extend, now=now,
    )  # fmt: skip
    return counts["swept"]


def test_it_is_swept_once_and_again_if_whoever_claimed_it_broke_off():
    books, queue = Books(), []
    later = NOON + SETTLED_MS
    books.runs[Run(NOON, "news", "sweep 2")] = Claim("claimed", later)

    assert ticks(books, queue, later + STALE_MS) == 0
    assert ticks(books, queue, later + STALE_MS + 1) == 1
    assert ticks(books, queue, later + STALE_MS + 60_000) == 0
    assert ticks(books, queue, later + 3 * DAY_MS) == 0
    assert queue == [encode_sweep(Sweep("news", 2, NOON - 91 * DAY_MS))]


class Dossier:
    """Who entered, two on a page."""

    def __init__(self, *homes: str) -> None:
        self.homes = homes

    def running(self, campaign: str, version: int, *, since: int, cursor: Any) -> Entrants:
        start = int(cursor["n"]["N"]) if cursor else 0
        more = {"n": {"N": str(start + 2)}} if start + 2 < len(self.homes) else None
        return Entrants(self.homes[start : start + 2], more)


def test_everybody_is_woken_page_by_page():
    queue, woken = [encode_sweep(Sweep("news", 2, 0))], []
    while queue:
        page = decode_page(queue.pop())
        assert isinstance(page, Sweep)
        sweep(page, Dossier("a", "b", "c", "c", "e"), wake=woken.extend, go_on=queue.extend)

    assert [read_wake(body).home for body in woken] == ["a", "b", "c", "e"]


def test_a_page_whose_wakes_were_not_taken_does_not_go_on():
    queue: list[str] = []

    def refuse(bodies: Any) -> None:
        raise Unavailable("no queue")

    with pytest.raises(Unavailable):
        sweep(Sweep("news", 2, 0), Dossier("a", "b", "c"), wake=refuse, go_on=queue.extend)
    assert not queue
