"""Things that happen in one millisecond: each is an answer once, but for what led where it is.

Tills and apps that tell time in whole seconds tell a checkout and its order at one instant.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.dialogues.campaigns import NOW, Customer, a_campaign, definition, happens
from tests.unit.dialogues.shop import ANNA, MINUTE, Shop, letter

GOAL = {"event": "Ordered", "within": "7d"}


def listening(name: str, *events: str) -> dict[str, Any]:
    branches = [{"name": each.lower(), "event": each, "steps": []} for each in events]
    return {"name": name, "wait_for": {"branches": branches, "timeout": "3d", "otherwise": []}}


def told(shop: Shop, *names: str) -> None:
    shop.hears([(name, ANNA, shop.now, {}) for name in names])


@pytest.mark.parametrize("together", [True, False])
def test_what_happens_in_the_millisecond_of_the_entry_is_an_answer(together):
    shop = Shop(a_campaign([listening("answer", "Clicked"), letter()]))
    if together:
        told(shop, "Started", "Clicked")
    else:
        told(shop, "Started")
        told(shop, "Clicked")

    assert shop.sent == ["c"]


@pytest.mark.parametrize("order", [("Started", "Ordered"), ("Ordered", "Started")])
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "says", [{"goal": GOAL}, {"exits": [{"event": "Ordered", "reason": "goal"}]}]
)
def test_a_goal_or_an_exit_in_the_millisecond_of_the_entry_ends_it(order, together, says):
    shop = Shop(a_campaign([{"wait": {"for": "1h"}}, letter()], **says))
    if together:
        told(shop, *order)
    else:
        for name in order:
            told(shop, name)
    shop.passes(120 * MINUTE)

    (one,) = shop.dialogues()
    assert (one.reason, shop.sent) == ("goal", [])


@pytest.mark.parametrize("entry", [{"event": "Ordered"}, {"event": ["Started", "Ordered"]}])
@pytest.mark.parametrize("key", [None, "order"])
def test_what_let_them_in_is_never_its_own_goal(entry, key):
    keyed = {"key_property": key} if key else {}
    shop = Shop(a_campaign([{"wait": {"for": "1d"}}], entry=entry, goal=GOAL, at_most=1, **keyed))
    shop.happens("Ordered", order="o1")
    shop.happens("Viewed")
    (one,) = shop.dialogues()
    assert one.goal_at == 0

    shop.happens("Ordered", order="o2")
    (one,) = shop.dialogues()
    assert one.goal_at == shop.now


def test_of_what_crossed_a_line_nobody_knows_which_it_was():
    third = {"becomes": {"event": "Ordered", "at_least": 3}}
    shop = Shop(a_campaign([{"wait": {"for": "1d"}}], entry=third, goal=GOAL))
    for _ in range(3):
        shop.happens("Ordered")

    (one,) = shop.dialogues()
    assert one.goal_at == 0


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_each_of_them_opens_one_step_and_once_in_whatever_order_and_how_often_they_come(data):
    steps = [listening(f"s{n}", "Clicked") for n in range(6)]
    customer = Customer(definition(a_campaign(steps)))
    at = NOW + data.draw(st.sampled_from([0, MINUTE]))
    customer.now = at
    number = data.draw(st.integers(1, 5))
    clicks = [replace(happens("Clicked", at), id=f"{n:012x}"[::-1]) for n in range(number)]
    heard = data.draw(st.lists(st.sampled_from(clicks), max_size=20))
    for click in data.draw(st.permutations([*clicks, *heard])):
        customer.hear(click)

    assert customer.state.step == f"s{number}"
    assert len(customer.noted("branch")) == number
