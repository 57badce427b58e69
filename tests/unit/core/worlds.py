"""Small worlds for the core's tests: events, an in-memory portraits table, and ways to feed it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from portrait.event import Event, Kind
from portrait.faults import Conflict
from portrait.fold import Rules
from portrait.identity import strongest_first
from portrait.metrics import DAY_MS, Metric
from portrait.portrait import Portrait
from portrait.profile import Applied, apply, sight
from portrait.record import Record, Write
from portrait.resolution import reach

SECRET = b"a secret of this test world"
NOON = 20_000 * DAY_MS + DAY_MS // 2

ORDERS = Metric("Order Completed", "Order Completed", exact=True, days=30)
SPEND = Metric("Order Completed.revenue", "Order Completed", "revenue", exact=True, days=None)
VIEWS = Metric("Product Viewed", "Product Viewed", days=7)
METRICS: Mapping[str, tuple[Metric, ...]] = {
    "Order Completed": (ORDERS, SPEND),
    "Product Viewed": (VIEWS,),
}
RULES = Rules(METRICS, frozenset({"Order Completed"}))


def an_event(
    id: str = "m1",
    *,
    name: str = "Product Viewed",
    kind: Kind = "track",
    at: int = NOON,
    who: Mapping[str, str] | None = None,
    **fields: Any,
) -> Event:
    """Return an event of `who` (namespace to value), received when it happened."""
    identifiers = strongest_first((who or {"user_id": "u1"}).items())
    fields.setdefault("received_at", at)
    return Event(
        id=id, source="web", kind=kind, name=name, timestamp=at, identifiers=identifiers, **fields
    )


class Table:
    """The portraits table in memory, with the one rule that matters: versions are checked."""

    def __init__(self) -> None:
        self.items: dict[str, Record] = {}
        self.writes = 0

    def load_resolved(self, homes: Iterable[str], *, consistent: bool = False) -> dict[str, Record]:
        found: dict[str, Record] = {}
        wanted = set(homes)
        while wanted:
            found.update({home: self.items[home] for home in wanted if home in self.items})
            wanted = {r.merged_into for r in found.values() if r.merged_into} - found.keys()
        return found

    def follow(self, home: str) -> Record | None:
        return reach(home, self.items)

    def write(self, work: Write, *, now: int) -> None:
        for part in work.parts:
            for record in (part.root, *part.pointers):
                known = self.items.get(record.home)
                if (known.version if known else 0) != record.version:
                    raise Conflict(record.home)
        self.writes += 1
        for part in work.parts:
            root = part.root
            self.items[root.home] = Record(
                root.home,
                root.version + 1,
                part.state,
                None,
                root.erased_at,
                part.beyond,
                part.wake_at,
                updated_at=now,
            )
            for pointer in part.pointers:
                self.items[pointer.home] = Record(
                    pointer.home, pointer.version + 1, b"", root.home, pointer.erased_at,
                    updated_at=now,
                )  # fmt: skip

    def bury(
        self,
        records: Iterable[Record],
        *,
        erased_at: int,
        leading: bool = False,
        others: Iterable[Write] = (),
    ) -> None:
        records, others = list(records), list(others)
        for record in (*records, *(part.root for part in others)):
            known = self.items.get(record.home)
            if (known.version if known else 0) != record.version:
                raise Conflict(record.home)
        for record in records:
            onward = record.merged_into if leading else None
            self.items[record.home] = Record(
                record.home, record.version + 1, b"", onward, erased_at, updated_at=erased_at
            )
        for part in others:
            self.items[part.root.home] = replace(
                part.root, version=part.root.version + 1, state=part.state, beyond=part.beyond,
                updated_at=erased_at,
            )  # fmt: skip

    def portraits(self) -> dict[str, Portrait]:
        """Return the roots, by home."""
        return {home: r.portrait for home, r in self.items.items() if r.state}

    def states(self) -> dict[str, bytes]:
        """Return every root's bytes, by home."""
        return {home: r.state for home, r in self.items.items() if r.state}


def play(events: Iterable[Event], table: Table | None = None, batch: int = 100) -> Table:
    """Apply the events in batches of `batch`; every one must succeed."""
    table = table or Table()
    events = list(events)
    for start in range(0, len(events), batch):
        outcome = feed(events[start : start + batch], table)
        assert not outcome.failed
        assert not outcome.rejected
    return table


def feed(events: Iterable[Event], table: Any, *, now: int = NOON) -> Applied:
    """Apply one batch."""
    sightings = sight(list(events), SECRET)
    return apply(sightings, table, rules=RULES, now=now, pause=lambda _: None)
