"""Occasions: who turns out to be one customer is spoken to once for what they all entered for."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.forthcoming import asked_at
from portrait.metrics import DAY_MS
from portrait.occasions import MERGED, doubled
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import an_event
from tests.unit.dialogues.campaigns import NOW, a_campaign, catalogue
from tests.unit.dialogues.shop import HOUR, POLICY, letter

COOKIES = [{"anonymous_id": f"c{n}"} for n in range(3)]
ANNA = {"user_id": "anna"}
BIRTHDAY = {"date": "birthday", "every": "year", "at": "09:00"}
STEPS = [{"wait": {"for": "1h"}}, letter(), {"wait": {"for": "1h"}}, letter()]


class World(Clockwork):
    """Visitors who all have one birthday, a day from now, and may turn out to be one."""

    def __init__(self, *visitors: dict[str, str], at: tuple[int, ...] = (), **fields: Any) -> None:
        document = a_campaign(STEPS, entry=BIRTHDAY, **fields)
        super().__init__(catalogue(document, POLICY), NOW)
        self.number = 0
        for who, after in zip(visitors, at or [0] * len(visitors), strict=True):
            self.pass_time(self.now + after)
            self.hears("identify", who, traits={"birthday": "1980-05-29"})

    def hears(self, kind: Any, who: dict[str, str], **fields: Any) -> None:
        self.number += 1
        name = "" if kind == "identify" else "Seen"
        self.feed(an_event(f"m{self.number}", kind=kind, name=name, at=self.now, who=who, **fields))
        self.settle()

    def join(self, who: dict[str, str]) -> None:
        self.hears("track", {**ANNA, **who})

    @property
    def standing(self) -> list[tuple[str, str]]:
        return sorted((journey, one.reason) for journey, one in self.dialogues.items())


TEN = NOW // DAY_MS * DAY_MS + DAY_MS + 9 * HOUR + 60_000
"""A minute after they all entered, before anything was said."""


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("between", [0, HOUR // 4])
def test_one_of_several_goes_on_whoever_was_merged_into_whom(order, between):
    world = World(*COOKIES)
    world.pass_time(TEN)
    assert len(world.dialogues) == 3
    known = sorted(world.dialogues)
    for place in order:
        world.join(COOKIES[place])
        world.pass_time(world.now + between)
    world.pass_time(world.now + DAY_MS)

    assert len(world.roots) == 1
    assert [one.campaign for one in world.said] == ["c", "c"]
    assert world.standing == [(known[0], "done"), (known[1], MERGED), (known[2], MERGED)]


@settings(max_examples=100, deadline=None)
@given(
    times=st.lists(st.integers(0, 4 * HOUR), min_size=3, max_size=3),
    order=st.permutations(range(3)),
    control=st.sampled_from([0, 0.5]),
)
def test_nothing_is_said_twice_once_they_are_one(times, order, control):
    world = World(*COOKIES, control=control)
    world.pass_time(TEN)
    for place, after in zip(order, times, strict=True):
        world.pass_time(world.now + after)
        world.join(COOKIES[place])
        world.said.clear()
    world.pass_time(world.now + DAY_MS)

    assert len(world.roots) == 1
    assert len({one.journey for one in world.said}) <= 1
    if "control" in {one.arm for one in world.dialogues.values()}:
        assert world.said == []


def test_one_that_is_through_leaves_nothing_to_say_to_the_other():
    world = World(*COOKIES[:2])
    world.pass_time(TEN)
    first, second = sorted(world.dialogues)
    world.pass_time(TEN + DAY_MS)
    dialogues = world.dialogues
    running = dialogues[first]._replace(state="running", step="1", ended_at=0, reason="")
    assert doubled({**dialogues, first: running}) == {first}
    assert doubled({second: running}) == frozenset()


def test_a_message_under_way_of_the_one_that_ends_is_asked_for_no_more():
    world = World(*COOKIES[:2])
    world.pass_time(TEN + HOUR - 120_000)
    world.join(COOKIES[0])
    world.join(COOKIES[1])
    (portrait,) = world.roots.values()
    for strand in portrait.strands.values():
        for journey, one in strand.dialogues.items():
            strand.dialogues[journey] = one._replace(state="running", step="1", reason="")
    view = portrait.view(world.catalogue, world.now)

    asked = [asked_at(view, journey, "1") is not None for journey in sorted(view.dialogues)]
    assert asked == [True, False]


def test_different_occasions_and_campaigns_both_go_on():
    world = World(*COOKIES[:1])
    world.pass_time(TEN)
    ((journey, one),) = world.dialogues.items()
    other = {**world.dialogues, f"{'0' * 16}{journey[16:]}": one}
    assert doubled(other) == frozenset()
    assert doubled({journey: one, f"{journey[:16]}{'0' * 16}": one._replace(campaign="d")}) == set()


def test_of_two_who_are_only_held_for_one_basket_one_is_let_in():
    entry = {"event": "Started", "absent": {"event": "Ordered", "within": "45m"}}
    document = a_campaign([letter()], entry=entry, key_property="cart")
    world = Clockwork(catalogue(document, POLICY), NOW)
    joining = [{**ANNA, **who} for who in COOKIES[:2]]
    for number, who in enumerate([*COOKIES[:2], *joining]):
        name = "Started" if number < 2 else "Seen"
        world.feed(an_event(f"m{number}", name=name, at=NOW, who=who, properties={"cart": "k1"}))
        world.settle()
    world.pass_time(NOW + 2 * HOUR)

    assert len(world.said) == 1
    assert sorted(one.reason for one in world.dialogues.values()) == ["done", MERGED]
