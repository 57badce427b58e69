"""Segments: entered and left at the very instant, by events and by time alone."""

from bisect import bisect_right
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait import segment_clock
from portrait.catalogue import Catalogue
from portrait.crossings import Crossing
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.segment_clock import MAX_LOOKS, members
from portrait.segments import review
from tests.unit.core.histories import HOUR_MS, NOW, Order, portrait_of
from tests.unit.core.worlds import an_event

STEP = HOUR_MS // 2
START = NOW // DAY_MS * DAY_MS
HORIZON = START + 5 * DAY_MS
GRID = [at + odd for at in range(START, HORIZON + 1, STEP) for odd in (-1, 0, 1)][:-2]
"""Everything below happens on the half hour, so nothing can change but there, or 1 ms beside."""

WINDOWS = ("30m", "90m", "6h", "1d", "2d", "ever")


def a_segment(key: str, where: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "segment", "key": key, "name": key, "where": where}


def bought(within: str = "6h", **fields: Any) -> dict[str, Any]:
    operators = fields or {"at_least": 1}
    return {"event": "Order Completed", "within": within, **operators}


def a_catalogue(*trees: dict[str, Any], traits: tuple[dict[str, Any], ...] = ()) -> Catalogue:
    return Catalogue.compile([*traits, *(a_segment(f"s{i}", t) for i, t in enumerate(trees))])


def follow(portrait: Portrait, catalogue: Catalogue, start: int) -> list[Crossing]:
    """Return every crossing up to the horizon, looking only when told to."""
    crossings: list[Crossing] = []
    found = review(portrait, catalogue, start)
    crossings += found.crossings
    while found.due_at is not None and found.due_at < HORIZON:
        at = found.due_at
        found = review(portrait, catalogue, at)
        assert found.crossings, "woken for a boundary that changes nothing"
        crossings += found.crossings
    return crossings


def looking_always(portrait: Portrait, catalogue: Catalogue, start: int) -> list[tuple[int, bool]]:
    """Return (instant, entered) for each crossing, by looking at every instant there is."""
    inside: frozenset[str] = frozenset()
    found = []
    for at in [start, *GRID[bisect_right(GRID, start) :]]:
        now = members(portrait.view(catalogue, at), catalogue)
        found += [(at, key, key in now) for key in sorted(now ^ inside)]
        inside = now
    return found


def short(crossings: list[Crossing]) -> list[tuple[int, str, bool]]:
    return [(one.at, one.segment, one.entered) for one in crossings]


limits = st.integers(0, 4)
ordered = st.one_of(
    *(st.fixed_dictionaries({name: limits}) for name in ("at_least", "at_most", "above", "below"))
)
compared = st.one_of(
    ordered,
    st.fixed_dictionaries({"equals": limits}),
    st.fixed_dictionaries({"at_least": limits, "below": limits}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
events = st.builds(
    lambda within, sums, operators: {
        "event": "Order Completed", "within": within, **sums, **operators
    },
    st.sampled_from(WINDOWS), st.sampled_from([{}, {}, {"sum": "revenue"}]), ordered,
)  # fmt: skip
VALUES = (
    "count", "sum", "average", "min", "max", "first", "last", "most_frequent", "unique_count",
)  # fmt: skip


def a_trait(key: str, operations: tuple[str, ...], property: str | None) -> Any:
    return st.fixed_dictionaries(
        {
            "kind": st.just("trait"),
            "key": st.just(key),
            "event": st.just("Order Completed"),
            "operation": st.sampled_from(operations),
            "property": st.just(property),
            "window": st.sampled_from(WINDOWS),
            "exact": st.booleans(),
        }
    )


value, since = (
    a_trait("value", VALUES, "revenue"),
    a_trait("since", ("time_since_first", "time_since_last"), None),
)
LAST_AT = {
    "kind": "trait", "key": "last_at", "event": "Order Completed", "operation": "last",
    "window": "2d", "exact": True,
}  # fmt: skip
seconds = st.sampled_from([1800, 5400, 86_400])
leaves = st.one_of(
    events,
    events,
    compared.map(lambda operators: {"trait": "value", **operators}),
    st.tuples(st.sampled_from(["at_least", "above", "below"]), seconds).map(
        lambda least: {"trait": "since", least[0]: least[1]}
    ),
    st.sampled_from(["90m", "1d"]).map(lambda last: {"date": "last_at", "in_last": last}),
    st.sampled_from(["90m", "1d"]).map(lambda ahead: {"date": "birthday", "in_next": ahead}),
    st.just({"segment": "s0"}),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
    ),
    max_leaves=4,
)
histories = st.lists(
    st.builds(
        lambda step, revenue, home: Order(START + step * STEP, {"revenue": revenue}, home),
        st.integers(0, 48 * 2), st.integers(-2, 3), st.sampled_from(["h1", "h2"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(events, st.lists(trees, max_size=2), value, since, histories, st.integers(0, 48 * 3))
def test_following_the_timer_finds_every_crossing_at_its_instant_and_wakes_for_nothing_else(
    first, others, value, since, orders, step
):
    catalogue = a_catalogue(first, *others, traits=(value, since, LAST_AT))
    portrait, start = portrait_of(catalogue, orders), START + step * STEP
    birthday = an_event("b", kind="identify", at=START, traits={"birthday": START + 4 * DAY_MS})
    portrait.strand("h1").fold(birthday, b"birthd", catalogue.metrics)

    truth = looking_always(portrait, catalogue, start)

    assert short(follow(portrait, catalogue, start)) == truth


@settings(max_examples=30, deadline=None)
@given(st.lists(events, min_size=1, max_size=3), histories)
def test_events_that_come_meanwhile_change_nothing_about_that(trees, orders):
    orders = sorted(orders, key=lambda order: order.at)
    catalogue, portrait = a_catalogue(*trees), Portrait("h1")
    truth, crossings, due = [], [], None
    inside: frozenset[str] = frozenset()
    arrivals = [order.at for order in orders]
    heard = 0
    for at in GRID:
        while due is not None and due <= at and due not in arrivals:
            found = review(portrait, catalogue, due, due_at=due)
            crossings, due = crossings + list(found.crossings), found.due_at
        if at in arrivals:
            while heard < len(orders) and orders[heard].at == at:
                fold(portrait, catalogue, orders[heard], heard)
                heard += 1
            found = review(portrait, catalogue, at, due_at=due)
            crossings, due = crossings + list(found.crossings), found.due_at
        now = members(portrait.view(catalogue, at), catalogue)
        if heard:  # nobody is anywhere before they are heard of
            truth += [(at, key, key in now) for key in sorted(now ^ inside)]
            inside = now

    assert short(crossings) == truth


def fold(portrait: Portrait, catalogue: Catalogue, order: Order, number: int) -> None:
    event = an_event(str(number), name="Order Completed", at=order.at, properties=order.properties)
    portrait.strand(order.home).fold(event, number.to_bytes(6, "big"), catalogue.metrics)


def test_a_thousand_orders_are_one_boundary(monkeypatch: pytest.MonkeyPatch):
    catalogue = a_catalogue(bought("2d", at_least=3))
    orders = [Order(START + i * 60_000, {"revenue": 1}) for i in range(1000)]
    portrait = portrait_of(catalogue, orders)
    looks = []
    monkeypatch.setattr(
        segment_clock,
        "members",
        lambda view, *rest: looks.append(view.now) or members(view, *rest),
    )

    found = review(portrait, catalogue, START + DAY_MS)

    assert found.due_at == (START + DAY_MS) + 2 * DAY_MS - 1  # of the day's bucket
    assert len(looks) == 1


def test_more_boundaries_than_can_be_looked_at_end_in_a_checkpoint_and_are_gone_on_from_there():
    # A sum that may rise again is looked at one boundary at a time.
    catalogue = a_catalogue({**bought("6h", above=3), "sum": "revenue"})
    amounts = [0] * 300 + [-1] * 5 + [1] * 5
    orders = [Order(START + i * 1000, {"revenue": amount}) for i, amount in enumerate(amounts)]
    portrait = portrait_of(catalogue, orders)
    found, woken = review(portrait, catalogue, START + HOUR_MS), []
    while found.due_at is not None:
        woken.append((found.due_at - START - 6 * HOUR_MS) // 1000)
        found = review(portrait, catalogue, found.due_at)

    assert woken == [MAX_LOOKS - 1, 2 * MAX_LOOKS - 1, 303, 306]
    assert [one.entered for one in portrait.crossings] == [False, True]


def test_a_boundary_that_only_shows_once_another_has_passed_is_found():
    trait = {"kind": "trait", "key": "since", "event": "Order Completed", "window": "6h",
             "operation": "time_since_first", "exact": True}  # fmt: skip
    between = {"trait": "since", "at_least": 5400, "at_most": 9000}
    catalogue = a_catalogue(between, traits=(trait,))
    second = START + 5 * HOUR_MS + STEP
    portrait = portrait_of(catalogue, [Order(START), Order(second)])

    # The first leaves after six hours; not before then is the second the one that counts.
    assert review(portrait, catalogue, second + 1).due_at == second + 5400 * 1000


def test_without_segments_nothing_is_looked_at():
    portrait = Portrait("h1", segments={"gone": 5})

    assert review(portrait, Catalogue(), START, due_at=START) == ((), None, False)
    assert portrait.segments == {"gone": 5}


def test_a_segment_that_this_process_has_not_read_yet_is_left_alone():
    portrait = Portrait("h1", segments={"newer": 5})

    assert review(portrait, a_catalogue(bought()), START).crossings == ()
    assert portrait.segments == {"newer": 5}


def test_a_timer_that_is_early_enough_stays_where_it_is():
    catalogue = a_catalogue(bought("6h"))
    portrait = portrait_of(catalogue, [Order(START)])

    earlier = review(portrait, catalogue, START + 1, due_at=START + HOUR_MS)
    passed = review(portrait, catalogue, START + 2, due_at=START + 1)
    later = review(portrait, catalogue, START + 3, due_at=START + DAY_MS)

    assert (earlier.due_at, passed.due_at, later.due_at) == (
        START + HOUR_MS, START + 6 * HOUR_MS, START + 6 * HOUR_MS,
    )  # fmt: skip


def test_what_a_late_timer_missed_is_told_at_its_own_instants():
    catalogue = a_catalogue(bought("6h"), {"all": [bought("1d"), {"not": bought("6h")}]})
    portrait = portrait_of(catalogue, [Order(START)])
    due = review(portrait, catalogue, START).due_at

    late = review(portrait, catalogue, START + DAY_MS + 5000, due_at=due)

    left = START + 6 * HOUR_MS
    assert short(list(late.crossings)) == [
        (left, "s0", False), (left, "s1", True), (START + DAY_MS, "s1", False),
    ]  # fmt: skip
    assert late.due_at is None


def test_a_clock_that_lags_takes_nobody_back():
    catalogue = a_catalogue(bought("6h"))
    portrait = portrait_of(catalogue, [Order(START)])
    review(portrait, catalogue, START)
    review(portrait, catalogue, START + 6 * HOUR_MS)

    assert review(portrait, catalogue, START + 6 * HOUR_MS - 30).crossings == ()


def test_the_timeline_tells_of_segments_among_what_the_customer_did():
    catalogue = a_catalogue(bought("30m"))
    portrait = portrait_of(catalogue, [Order(START), Order(START + HOUR_MS)])
    follow(portrait, catalogue, START)

    told = [(line.at - START, line.name) for line in portrait.view(catalogue, START).timeline]

    assert sorted(told) == [
        (0, "Order Completed"), (0, "entered s0"), (STEP, "left s0"),
        (HOUR_MS, "Order Completed"), (HOUR_MS, "entered s0"), (HOUR_MS + STEP, "left s0"),
    ]  # fmt: skip
    assert [line[0] for line in told] == sorted((line[0] for line in told), reverse=True)


def test_crossings_are_remembered_newest_first_and_survive_the_bytes():
    catalogue = a_catalogue(bought("30m"))
    portrait = portrait_of(catalogue, [Order(START + i * HOUR_MS) for i in range(8)])
    follow(portrait, catalogue, START)

    again = Portrait.decode("h1", portrait.encode())

    assert len(again.crossings) == 10
    assert again.crossings == portrait.crossings
    assert all(one.at >= two.at for one, two in pairwise(again.crossings))
    assert again.crossings[0] == Crossing(
        START + 7 * HOUR_MS + STEP, "s0", False, START + 7 * HOUR_MS
    )
