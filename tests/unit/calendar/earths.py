"""A small earth for the calendar's tests: customers in zones, a table in pages, and what fails."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from zlib import crc32

import msgspec

from portrait.calendar_pages import Content, Page, Scheduled, decode_page, turn
from portrait.calendar_plan import Active, Calendar, Claim, Run, State
from portrait.calendar_runs import tick
from portrait.catalogue import Catalogue
from portrait.conditions import compile_condition
from portrait.faults import Unavailable
from portrait.record import Record
from portrait.stimulus import Stimulus
from tests.unit.core.worlds import Table, an_event, feed

PAGE = 3
CATALOGUE = Catalogue()


def a_campaign(schedule: Any, where: Any = None, **fields: Any) -> Scheduled:
    """Return a campaign as the calendar sees it."""
    return Scheduled(1, schedule, compile_condition(where), **fields)


def zone_of(view: Any) -> str:
    return view.trait("timezone") or "Europe/Stockholm"


@dataclass
class Books:
    """What is remembered, in memory; every call may fail, before or after it has been done."""

    stumble: Callable[[], None] = lambda: None
    ticked_at: int | None = None
    active: Mapping[str, Active] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)
    counted_at: int | None = None
    runs: dict[Run, Claim] = field(default_factory=dict)
    over: dict[tuple[int, int], set[int]] = field(default_factory=dict)

    def calendar(self) -> Calendar:
        self.stumble()
        return Calendar(self.ticked_at, self.active, dict(self.zones), self.counted_at)

    def claims(self, after: int) -> Mapping[Run, Claim]:
        self.stumble()
        return {run: claim for run, claim in self.runs.items() if run.instant > after}

    def claim(self, run: Run, state: State, *, now: int) -> bool:
        self.stumble()
        free = run not in self.runs
        if free:
            self.runs[run] = Claim(state, now)
        self.stumble()
        return free

    def begin(self, run: Run, *, now: int) -> None:
        self.stumble()
        self.runs[run] = Claim("begun", now)

    def ticked(self, active: Mapping[str, Active], *, now: int) -> None:
        self.stumble()
        self.ticked_at, self.active = now, dict(active)

    def note(self, zones: Iterable[str], now: int) -> None:
        self.stumble()
        for zone in zones:
            self.zones.setdefault(zone, now)

    def end_chain(self, page: Page, now: int) -> None:
        self.stumble()
        over = self.over.setdefault((page.instant, page.began), set())
        over.add(page.chain)
        if len(over) == page.chains and page.counting and self.counted_at is None:
            self.counted_at = now


@dataclass
class Earth:
    """Customers, the pages queue, and who was told to enter what.

    Attributes:
        rng: what fails and in which order pages come; None lets nothing fail.
        starts: every start that was queued, with the time at which it was.
    """

    campaigns: Mapping[str, Scheduled]
    zones: Sequence[str] = ()
    rng: Random | None = None
    chains: int = 2
    table: Table = field(default_factory=Table)
    queue: list[str] = field(default_factory=list)
    starts: list[tuple[str, Any, int]] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    moved_at: dict[str, int] = field(default_factory=dict)
    catalogue: Catalogue = CATALOGUE

    def __post_init__(self) -> None:
        self.books = Books(self._stumble)

    def _stumble(self) -> None:
        if self.rng is not None and self.rng.random() < 0.04:
            raise Unavailable("it did not answer")

    def settle(self, *people: tuple[str, str | None]) -> None:
        """Let customers, by user id and zone, be heard of."""
        feed(
            (
                an_event(
                    f"i-{who}", kind="identify", name="", who={"user_id": who},
                    traits={"timezone": zone} if zone else {"city": "?"},
                )
                for who, zone in people
            ),
            self.table,
        )  # fmt: skip

    def arrive(self, who: str, zone: str | None, now: int) -> None:
        """Let a customer be heard of now, whose zone profile notes before it writes them."""
        if zone:
            self.books.zones.setdefault(zone, now)
        self.settle((who, zone))

    def place(self, home: str) -> int:
        """Return where a home lies on the way through the table."""
        return crc32(home.encode())

    def places(self) -> list[str]:
        """Return every home in the order in which they are read."""
        return sorted(self.table.items, key=lambda home: (self.place(home), home))

    def page(self, chain: int, chains: int, *, cursor: str, moved_since: int) -> Content:
        self._stumble()
        homes = [home for home in self.places() if crc32(home.encode()) % chains == chain]
        start = homes.index(cursor) + 1 if cursor else 0
        on_page = homes[start : start + PAGE]
        self.read.append(len(on_page))
        records = [self.table.items[home] for home in on_page]
        found = [one for one in records if one.state or self._has_moved(one, moved_since)]
        more = start + PAGE < len(homes)
        return Content(found, on_page[-1] if more else "")

    def _has_moved(self, record: Record, since: int) -> bool:
        return bool(record.merged_into) and self.moved_at.get(record.home, 0) >= since

    def load_resolved(self, homes: Iterable[str]) -> dict[str, Record]:
        return self.table.load_resolved(homes)

    def tick(self, now: int) -> dict[str, int]:
        """Let the calendar tick once; what fails is left to the next."""
        try:
            return dict(
                tick(
                    self.campaigns, self.books,
                    fallback="Europe/Stockholm",
                    everywhere=lambda: self.zones, chains=lambda: self.chains,
                    send=self._queue, now=now,
                )
            )  # fmt: skip
        except Unavailable:
            return {}

    def work(self, now: int) -> None:
        """Do pages until none is left; some come twice, in any order, and some break off."""
        while self.queue:
            place = self.rng.randrange(len(self.queue)) if self.rng else 0
            body = self.queue.pop(place)
            if self.rng is not None and self.rng.random() < 0.1:
                self.queue.append(body)
            try:
                self.do(decode_page(body), now)
            except Unavailable:
                self.queue.append(body)

    def do(self, page: Page, now: int) -> None:
        counts = turn(
            page, self, self.campaigns, catalogue=self.catalogue, zone_of=zone_of,
            note=lambda zones: self.books.note(zones, now),
            start=lambda bodies: self._start(bodies, now), go_on=self._queue,
        )  # fmt: skip
        if counts["last"]:
            self.books.end_chain(page, now)

    def _queue(self, bodies: Sequence[str]) -> None:
        for body in bodies:
            self._stumble()
            self.queue.append(body)

    def _start(self, bodies: Sequence[str], now: int) -> None:
        for body in bodies:
            self._stumble()
            told = msgspec.json.decode(body, type=Stimulus)
            self.starts += [(told.home, start, now) for start in told.starts]

    def begun(self) -> set[tuple[str, str, str, int]]:
        """Return who was told what: home, campaign, occurrence and instant."""
        return {(home, s.campaign, s.occurrence, s.at) for home, s, _ in self.starts}

    def move(self, home: str, to: str, at: int) -> None:
        """Let a portrait move to another home, as when a visitor logs in."""
        record = self.table.items[home]
        self.table.items[to] = replace(record, home=to)
        self.table.items[home] = Record(home, record.version + 1, b"", to)
        self.moved_at[home] = at
