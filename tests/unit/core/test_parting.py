"""Portraits that part: nobody enters a segment, or a campaign by it, because they were taken apart.

Segments follow what is known of a customer. When that is divided between two, or taken together,
both are in other segments than before, though neither did anything.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.identity import home
from portrait.metrics import DAY_MS
from portrait.segment_clock import members
from portrait.unmerging import unmerge
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, SECRET, an_event

HOUR = 3_600_000
ANNA, COOKIE = {"user_id": "anna"}, {"anonymous_id": "c1"}


def bought(**limits: Any) -> dict[str, Any]:
    return {"event": "Order Completed", "within": "2d", **limits}


def a_segment(key: str, **limits: Any) -> dict[str, Any]:
    return {"kind": "segment", "key": key, "name": key, "where": bought(**limits)}


SEGMENTS = [
    a_segment("buyer", at_least=1), a_segment("regular", at_least=3), a_segment("few", below=3),
]  # fmt: skip
CAMPAIGNS = [
    a_campaign(1, key=f"{segment}_{crossing}", entry={"segment": segment, "crossing": crossing},
               reentry="every_occurrence")
    for segment in ("buyer", "regular", "few") for crossing in ("entered", "left")
] + [
    a_campaign(1, key="steady", entry={"becomes": bought(at_least=2), "until": bought(below=1)},
               reentry="every_occurrence"),
    a_campaign(1, key="rare", entry={"becomes": bought(below=2)}, reentry="every_occurrence"),
]  # fmt: skip
CATALOGUE: Catalogue = catalogue_of(*SEGMENTS, *CAMPAIGNS, a_policy())


class Told:
    """Tells a world of orders, and takes customers apart."""

    def __init__(self) -> None:
        self.world, self.number = Clockwork(CATALOGUE, NOON), 0

    def order(self, who: dict[str, str]) -> None:
        self.number += 1
        self.world.feed(
            an_event(f"m{self.number}", name="Order Completed", at=self.world.now, who=who)
        )
        self.world.settle()

    def part(self) -> int:
        """Take the visitor out of the member; return how many crossings and entries it made."""
        before = len(self.world.told) + len(self.world.entries())
        here, there = home(SECRET, "user_id", "anna"), home(SECRET, "anonymous_id", "c1")
        unmerge(here, there, self.world, catalogue=CATALOGUE, clock=lambda: self.world.now,
                pause=lambda _: None)  # fmt: skip
        self.world.settle()
        return len(self.world.told) + len(self.world.entries()) - before

    def is_settled(self) -> bool:
        """Tell whether everybody is in the segments that hold for them."""
        now = self.world.now
        return all(
            one.segments.keys() == members(one.view(CATALOGUE, now), CATALOGUE, one.segments)
            for one in self.world.roots.values()
        )


orders = st.lists(
    st.tuples(st.sampled_from([ANNA, COOKIE, {**ANNA, **COOKIE}]), st.integers(0, 30)),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(before=orders, rests=st.integers(0, 60), after=orders)
def test_taken_apart_nobody_enters_or_leaves_by_it_and_both_go_on_from_there(before, rests, after):
    told = Told()
    for who, hours in [*before, ({**ANNA, **COOKIE}, 0)]:
        told.order(who)
        told.world.pass_time(told.world.now + hours * HOUR)
    told.world.pass_time(told.world.now + rests * HOUR)

    assert told.part() == 0
    assert told.is_settled()
    for who, hours in after:
        told.order(who)
        told.world.pass_time(told.world.now + hours * HOUR)
        assert told.is_settled()
    told.world.pass_time(told.world.now + 9 * DAY_MS)
    assert told.is_settled()


def test_what_time_alone_ended_before_they_were_taken_apart_is_still_told():
    told = Told()
    for _ in range(3):
        told.order({**ANNA, **COOKIE})
    (due_at,) = {one.due_at for one in told.world.timers}
    told.world.now = due_at + 5  # the timer is late, and somebody takes them apart meanwhile
    told.part()

    (left,) = [one for one in told.world.told if one.segment == "regular" and not one.entered]
    assert due_at <= left.at <= due_at + 5


def test_an_identifier_that_turns_out_to_be_shared_takes_nobody_into_a_segment():
    told = Told()
    till = {"loyalty_id": "till"}
    told.order({"user_id": "u0", **till})
    for _ in range(3):
        told.order(till)
    entered = {one.segment for one in told.world.told if one.entered}
    assert "regular" in entered
    crossings = len(told.world.told)
    for user in range(1, 6):
        told.world.now += HOUR
        told.world.feed(
            an_event(f"n{user}", name="Seen", at=told.world.now,
                     who={"user_id": f"u{user}", **till})
        )  # fmt: skip
        told.world.settle()

    assert len(told.world.roots) > 5
    crossed = {one.segment for one in told.world.told[crossings:]}
    assert crossed <= {"few", "~rare"}  # the newcomers, who bought nothing yet


@pytest.mark.parametrize("hours", [0, 1])
def test_the_crossings_of_an_order_that_parts_two_are_its_own(hours):
    told = Told()
    for _ in range(2):
        told.order({**ANNA, **COOKIE})
    told.part()
    before = len(told.world.told)
    told.world.now += hours * HOUR
    for _ in range(3):
        told.order(ANNA)

    assert ("regular", True) in {(one.segment, one.entered) for one in told.world.told[before:]}
