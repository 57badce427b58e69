"""Patterns: what is usual for one customer, and when they leave it."""

import pytest

from portrait.catalogue import Catalogue
from portrait.conditions import Situation, compile_condition
from portrait.happening import Happening
from portrait.metrics import DAY_MS
from portrait.requirements import required_metrics
from tests.unit.core.histories import HOUR_MS, NOW, Order, portrait_of

OVERDUE = {"overdue": "Order Completed", "times": 1.5, "at_least": 3, "within": "365d"}
FALLING = {"falling": "Order Completed", "within": "30d", "to": 0.5, "at_least": 4}
NEW = {"first_time": "lines.kind", "of": "Order Completed"}


def catalogue(tree):
    campaign = {
        "kind": "campaign", "key": "c", "name": "C", "status": "active", "purpose": "p", "value": 1,
        "entry": {"event": ["Order Completed"], "late_at_most": "3d", "where": tree},
        "reentry": "once", "at_most": 1, "control": 0, "exits": [], "lasts_at_most": "9d",
        "running": "keep", "steps": [{"exit": {"reason": "exit"}}],
    }  # fmt: skip
    return Catalogue.compile([campaign])


def holds(tree, orders, at=NOW, happening=None, later=()):
    known = catalogue(tree)
    view = portrait_of(known, orders).view(known, at)
    return compile_condition(tree)(Situation(view, happening, {}, later))


def days_ago(*days):
    return [Order(NOW - round(one * DAY_MS)) for one in days]


def an_order(*kinds):
    return {"lines": [{"kind": kind} for kind in kinds]}


def happening(properties, name="Order Completed"):
    return Happening("m", "shop", "track", name, NOW, NOW, "h1", properties)


def test_who_buys_every_ten_days_is_overdue_after_fifteen_to_the_millisecond():
    orders = days_ago(45, 35, 25, 15)

    assert not holds(OVERDUE, orders)
    assert holds(OVERDUE, orders, at=NOW + 1)


def test_who_buys_once_a_year_is_not_overdue_after_a_month():
    assert not holds({**OVERDUE, "within": "3660d"}, days_ago(1095, 730, 365, 30))


def test_one_holiday_does_not_change_what_is_usual():
    assert holds(OVERDUE, days_ago(120, 110, 50, 40, 30, 20), at=NOW)


def test_two_orders_in_one_evening_are_one_occasion():
    twice = [Order(order.at + HOUR_MS) for order in days_ago(45, 35, 25)]

    assert not holds(OVERDUE, [*days_ago(45, 35, 25), *twice], at=NOW - 15 * DAY_MS)


def test_who_has_bought_too_seldom_has_no_rhythm():
    assert not holds(OVERDUE, days_ago(100, 90))
    assert not holds(OVERDUE, [])


@pytest.mark.parametrize(
    ("orders", "falls"),
    [
        (days_ago(55, 50, 45, 40, 20, 10), True),
        (days_ago(55, 50, 45, 40, 20, 10, 5), False),
        (days_ago(55, 50, 45), False),
        (days_ago(55, 50, 45, 40), True),
    ],
    ids=["half as many", "more than half", "too few before", "none any more"],
)
def test_frequency_falls_against_the_window_before(orders, falls):
    assert holds(FALLING, orders) is falls


def test_a_category_is_new_the_first_time_it_is_bought():
    before = Order(NOW - DAY_MS, an_order("tea"))
    tea, coffee = Order(NOW, an_order("tea")), Order(NOW, an_order("tea", "coffee"))

    assert not holds(NEW, [before, tea], happening=happening(tea.properties))
    assert holds(NEW, [before, coffee], happening=happening(coffee.properties))


def test_two_orders_of_one_write_do_not_hide_what_the_first_brought():
    first, second = (Order(NOW + n, an_order("coffee")) for n in range(2))
    later = (happening(second.properties),)

    assert holds(NEW, [first, second], happening=happening(first.properties), later=later)
    assert not holds(NEW, [first, second], happening=happening(second.properties))


def test_nothing_is_new_without_an_event_that_brings_it():
    order = Order(NOW, an_order("coffee"))

    assert not holds(NEW, [order])
    assert not holds(NEW, [order], happening=happening(order.properties, "Order Refunded"))
    assert not holds(NEW, [Order(NOW)], happening=happening({}))


def test_what_is_usual_is_kept_as_instants_for_as_long_as_it_is_asked_for():
    (overdue,) = required_metrics(OVERDUE)
    (falling,) = required_metrics(FALLING)

    assert (overdue.exact, overdue.days) == (True, 365)
    assert (falling.exact, falling.days) == (True, 60)
