"""Who is only held, when it is certain that they enter: limits, and what is heard again."""

import pytest

from tests.unit.core.campaigns import a_campaign as a_document
from tests.unit.core.campaigns import a_policy, catalogue_of, say
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event
from tests.unit.dialogues.shop import ANNA, DAY_MS, HOUR, MINUTE, Shop, a_campaign, letter

COOKIE, PHONE = {"anonymous_id": "c1"}, {"anonymous_id": "c2"}
BASKET = {"event": "Checkout Started", "absent": {"event": "Order Completed", "within": "45m"}}


@pytest.mark.parametrize("fields", [{"reentry": "once"}, {"reentry": {"after": "30d"}}])
def test_two_who_are_held_and_turn_out_to_be_one_enter_no_more_often_than_one_may(fields):
    shop = Shop(a_campaign([letter()], entry=BASKET, **fields))
    shop.happens("Checkout Started", COOKIE)
    shop.passes(MINUTE)
    shop.happens("Checkout Started", PHONE)
    shop.happens("$identify", {**ANNA, **COOKIE})
    shop.happens("$identify", {**ANNA, **PHONE})
    shop.passes(DAY_MS)

    assert len(shop.dossiers()) == 1


def test_two_baskets_that_are_held_at_once_enter_once_where_once_is_asked():
    shop = Shop(a_campaign([letter()], entry=BASKET, reentry="once", key_property="cart"))
    shop.happens("Checkout Started", cart="1")
    shop.happens("Checkout Started", cart="2")
    shop.passes(DAY_MS)

    assert len(shop.dossiers()) == 1


def test_who_is_in_as_often_as_allowed_is_not_let_in_once_more_and_they_are_not_counted_twice():
    shop = Shop(a_campaign([{"wait": {"for": "9d"}}], entry=BASKET, at_most=1))
    shop.happens("Checkout Started", COOKIE)
    shop.happens("Checkout Started", PHONE)
    shop.happens("$identify", {**ANNA, **COOKIE})
    shop.happens("$identify", {**ANNA, **PHONE})
    shop.passes(DAY_MS)

    assert len(shop.dossiers()) == 1


def test_a_long_absence_is_not_too_late_because_it_was_long():
    entry = {"event": "Checkout Started", "absent": {"event": "Order Completed", "within": "9d"}}
    shop = Shop(a_campaign([letter()], entry=entry))
    shop.happens("Checkout Started")
    shop.passes(10 * DAY_MS)

    assert len(shop.dossiers()) == 1


def test_the_same_basket_told_through_another_identifier_starts_its_time_anew():
    shop = Shop(a_campaign([letter()], entry=BASKET, key_property="cart"))
    shop.happens("$identify", {**ANNA, **COOKIE})
    shop.happens("Checkout Started", COOKIE, cart="1")
    shop.passes(30 * MINUTE)
    shop.happens("Checkout Started", ANNA, cart="1")
    shop.passes(30 * MINUTE)
    assert shop.sent == []
    shop.passes(15 * MINUTE)

    assert shop.sent == ["c"]


def test_a_repetition_that_is_delivered_again_after_they_entered_lets_nobody_in_twice():
    document = a_document(key="c", entry=BASKET, steps=[say()])
    world = Clockwork(catalogue_of(document, a_policy()), NOON)
    said = []
    for number in range(2):
        world.now = NOON + number * MINUTE
        world.feed(an_event(f"b{number}", name="Checkout Started", at=world.now))
        world.trigger()
        said += world.queue
        world.settle()
    world.pass_time(NOON + HOUR)
    assert len(world.entries()) == 1
    world.queue += said
    world.settle()
    world.pass_time(NOON + 3 * HOUR)

    assert len(world.entries()) == 1
