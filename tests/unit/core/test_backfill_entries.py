"""Backfill and campaigns: nobody enters because a trait learned what happened long ago."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.archive import archive_row
from portrait.backfill.run import Backfill, metric_of
from portrait.metrics import DAY_MS
from portrait.profile import sight
from portrait.record import Record
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, SECRET, an_event

HOUR = 3_600_000
TRAIT = {
    "kind": "trait", "key": "orders", "event": "Order Completed", "operation": "count",
    "property": None, "window": "30d", "exact": True,
}  # fmt: skip
REGULAR = {"trait": "orders", "at_least": 3}
SEGMENT = {"kind": "segment", "key": "regular", "name": "Regular", "where": REGULAR}
NEW = {"kind": "segment", "key": "new", "name": "New", "where": {"trait": "orders", "below": 3}}


def a_becoming(**fields: Any) -> dict[str, Any]:
    return a_campaign(key="becoming", entry={"becomes": REGULAR}, **fields)


CROSSING = [
    a_campaign(1, key="came", entry={"segment": "regular"}, reentry="every_occurrence"),
    a_campaign(1, key="went", entry={"segment": "new", "crossing": "left"},
               reentry="every_occurrence"),
]  # fmt: skip


class Shop:
    """A pipeline whose events are archived, and definitions that are published meanwhile."""

    def __init__(self) -> None:
        self.world = Clockwork(catalogue_of(a_policy()), NOON)
        self.archived: list[Any] = []
        self.number = 0

    def publish(self, *documents: dict[str, Any]) -> None:
        self.world.catalogue = catalogue_of(*documents, a_policy())
        self.world.now += 2 * HOUR

    def order(self, user: str = "anna") -> None:
        self.number += 1
        event = an_event(f"m{self.number}", name="Order Completed", at=self.world.now,
                         who={"user_id": user})  # fmt: skip
        seen = sight([event], SECRET)
        self.archived += [msgspec.json.decode(archive_row(each, "r")) for each in seen]
        self.world.feed(event)
        self.world.settle()
        self.world.now += HOUR

    def backfill(self) -> None:
        world = self.world
        metric = metric_of(world.catalogue.metrics, "Order Completed")
        Backfill(
            metric=metric, secret=SECRET, token="run", portraits=self, archive=self,
            catalogue=lambda: world.catalogue, now=lambda: world.now, tell=lambda _: None,
            pause=lambda _: None,
        ).run()  # fmt: skip
        world.settle()
        world.pass_time(world.now)

    # The table and the archive, as the command knows them.

    def roots(self) -> list[Record]:
        return [one for one in self.world.table.items.values() if one.state]

    def load_resolved(self, homes: Any, *, consistent: bool = False) -> dict[str, Record]:
        return self.world.load_resolved(homes, consistent=consistent)

    def write(self, work: Any, *, now: int) -> None:
        self.world.write(work, now=now)

    def names(self) -> list[str]:
        return ["all"]

    def rows(self, name: str) -> list[Any]:
        return self.archived

    @property
    def entered(self) -> list[str]:
        return [one.campaign for one in self.world.entries()]


@settings(max_examples=60, deadline=None)
@given(
    past=st.integers(0, 6), between=st.integers(0, 4), after=st.integers(0, 4),
    documents=st.sampled_from([(SEGMENT, NEW, *CROSSING), (a_becoming(published_at=NOON),)]),
)  # fmt: skip
def test_who_was_it_before_does_not_enter_and_who_becomes_it_does(past, between, after, documents):
    """Orders before the trait, before it was filled, and afterwards."""
    shop = Shop()
    for _ in range(past):
        shop.order()
    shop.publish(TRAIT, *documents)
    for _ in range(between):
        shop.order()
    seen = len(shop.entered)  # by what it had counted so far
    shop.backfill()
    assert len(shop.entered) == seen
    for _ in range(after):
        shop.order()

    known = past + between
    becomes = known < 3 <= known + after
    assert (len(shop.entered) > seen) == becomes
    shop.world.pass_time(shop.world.now + 40 * DAY_MS)
    assert len(shop.entered) == len(set(shop.entered))


def test_a_campaign_that_was_paused_until_its_trait_was_filled_lets_in_who_comes_to_it():
    shop = Shop()
    for user, orders in (("anna", 5), ("bo", 2)):
        for _ in range(orders):
            shop.order(user)
    shop.publish(TRAIT, a_becoming(version=1, published_at=shop.world.now, status="paused"))
    shop.backfill()
    shop.publish(TRAIT, a_becoming(version=2, published_at=shop.world.now))
    shop.order("anna")
    assert shop.entered == []
    shop.order("bo")

    assert shop.entered == ["becoming"]


@pytest.mark.parametrize("late", [5, HOUR])
def test_what_time_ended_before_a_trait_was_filled_is_told_as_ever(late):
    shop = Shop()
    shop.publish(TRAIT, SEGMENT, CROSSING[0])
    for _ in range(3):
        shop.order()
    (due_at,) = {one.due_at for one in shop.world.timers}
    shop.world.now = due_at + late
    shop.backfill()

    assert [(one.segment, one.entered, one.at) for one in shop.world.told][1:] == [
        ("regular", False, due_at)
    ]
