"""Nights: what scoring everybody writes where little happened, and the memory that it takes."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from portrait.calendar_pages import Content
from portrait.learning.scoring import Scoring, Slice
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Record, Write
from tests.bench.first_invocation import memory
from tests.bench.tables import Cell, table
from tests.bench_models.customers import FIRST, acting, fold, learned, lives, starters
from tests.bench_models.shops import LEARNING, QUIET, Shop

STEP = 0.05
"""The default of the template."""

DISTINCT, PAGE = 1_000, 1_000
"""Customers that are not each other's doubles, and portraits in a page of the table."""

CATALOGUE = starters()
Exports = Mapping[str, Mapping[str, Any]]


def exports(shop: Shop) -> Exports:
    """Return what is learned from a real shop on the day before the quiet night."""
    today = QUIET[0]
    known = [each for each in shop.as_of(today) if each.strands]
    return {name: one.export for name, one in learned(known, LEARNING, today).items()}


def quiet_table(shop: Shop, models: Exports) -> str:
    """Return what two nights write of a real shop's customers: the first, and the one after it.

    Who did something in between was scored by day, as the product does it.
    """
    from tests.bench.aws.wire import connected
    from tests.bench.shop import account, settle

    settle()
    cells: list[Sequence[Cell]] = []
    with connected(account()) as cloud:
        for number, when in enumerate(QUIET):
            cloud.stage = f"day {number}"
            told = _happened(shop, number)
            if number:
                _scoring(models, when).homes(told)
            cloud.stage, night = f"night {number}", _scoring(models, when)
            night.slice(Slice(0, 1))
            everybody, written = night.counts["portraits"], night.counts["written"]
            units = float(cloud.ledger.charges["dynamodb_write"])
            name = "the night after" if number else "the first night"
            cells.append([name, everybody, len(told), written, written / everybody * 1000,
                          units / everybody * 1000])  # fmt: skip
    headers = ("", "portraits", "by day", "written", "of 1,000", "write units per 1,000")
    title = f"Online Retail: scores of churn and value by night, chances by steps of {STEP}"
    return table(title, headers, cells)


def _scoring(models: Exports, day: int) -> Scoring:
    """Return an invocation in the last minute of the day before."""
    from portrait.store import portrait_pages

    made, now = acting(models, LEARNING), day * DAY_MS - 60_000
    return Scoring(made, portrait_pages, CATALOGUE, LEARNING, STEP, lambda: now, time.sleep)


def _happened(shop: Shop, number: int) -> list[str]:
    """Write those of whom something new is known by the day, with the scores that they have."""
    from portrait.store import portraits

    states, before = shop.then[QUIET[number]], shop.then[QUIET[number - 1]] if number else {}
    told = [name for name, state in states.items() if before.get(name) != state]
    kept = portraits.load(told)
    for name in told:
        portrait, record = Portrait.decode(name, states[name]), kept.get(name) or Record(name)
        traits = record.portrait.strands[name].traits if record.state else {}
        portrait.strand(name).traits.update(traits)
        written = Write(record, portrait.encode(), None)
        portraits.write(written, now=QUIET[number] * DAY_MS - 120_000)
    return told


class Endless:
    """A table of as many portraits as one likes, each made when it is read and never kept."""

    def __init__(self, states: Sequence[bytes], size: int) -> None:
        self.states, self._size = list(states), size

    def page(self, chain: int, chains: int, *, cursor: str, moved_since: int) -> Content:
        places = range(chain * PAGE, min((chain + 1) * PAGE, self._size))
        return Content([self._record(place) for place in places], "")

    def load_resolved(self, homes: Iterable[str]) -> dict[str, Record]:
        return {home: self._record(int(home[1:])) for home in homes}

    def write(self, work: Write, *, now: int) -> None:
        """Written it was; nobody reads it again."""

    def _record(self, place: int) -> Record:
        return Record(f"A{place:026}", 1, self.states[place % len(self.states)])


class Few(Endless):
    """A table of so few portraits that it can keep what is written."""

    def write(self, work: Write, *, now: int) -> None:
        self.states[int(work.root.home[1:])] = work.state


def memory_table(models: Exports, sizes: Sequence[int]) -> str:
    """Return what a quiet night takes as portraits grow in number: each in its own process."""
    cells: list[Sequence[Cell]] = []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(models, file)
        file.flush()
        for size in sizes:
            command = [sys.executable, "-m", "tests.bench_models.nights", file.name, str(size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            before, after, written, seconds, kept = map(float, done.stdout.split())
            cells.append([f"{size:,} portraits", before, after, after - before, seconds,
                          seconds / size * 1e6, written / size * 1000, kept])  # fmt: skip
    headers = ("", "MB before", "MB at most", "more", "processor s", "us each", "written of 1,000",
               "bytes of state")  # fmt: skip
    return table("A quiet night in pages of 1,000: churn and value", headers, cells)


def scored(models: Exports, size: int) -> str:
    """Score so many portraits the night after; return MB before it and at most, and the rest."""
    today, states = FIRST + 700, []
    for home, events in lives(DISTINCT).items():
        portrait = Portrait(home)
        fold(portrait, [one for one in events if one.timestamp < today * DAY_MS], CATALOGUE)
        states.append(portrait.encode())
    few = Few(states, len(states))
    _night(models, few, len(states), today)
    before, began = memory("VmRSS"), time.process_time()
    written = _night(models, Endless(few.states, size), size, today + 1)
    spent, mean = time.process_time() - began, sum(map(len, few.states)) / len(states)
    return f"{before >> 20} {memory('VmHWM') >> 20} {written} {spent:.1f} {mean:.0f}"


def _night(models: Exports, portraits: Endless, size: int, day: int) -> int:
    """Score everybody, a page to a message; return how many were written."""
    assert CATALOGUE.learning is not None
    made, pages, written = acting(models, CATALOGUE.learning), -(-size // PAGE), 0
    for number in range(pages):
        night = Scoring(made, portraits, CATALOGUE, CATALOGUE.learning, STEP, lambda: day * DAY_MS,
                        time.sleep)  # fmt: skip
        night.slice(Slice(number, pages))
        written += night.counts["written"]
    return written


if __name__ == "__main__":
    print(scored(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])))
