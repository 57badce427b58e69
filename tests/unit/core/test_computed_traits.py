"""Computed traits: what each is, held against a list of everything that ever happened."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.entries import MAX_ENTRIES
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.series import Series
from tests.unit.core.histories import (
    HOUR_MS,
    NOW,
    Order,
    a_trait,
    payloads,
    plainly,
    portrait_of,
    view_of,
)

ABOUT = {
    "count": None, "time_since_first": None, "time_since_last": None, "sum": "revenue",
    "average": "lines.n", "min": "revenue", "max": "lines.n", "first": "city", "last": "revenue",
    "most_frequent": "lines.sku", "unique_list": "lines.n", "unique_count": "lines.sku",
}  # fmt: skip
WINDOWS = (
    {"window": "ever"},
    {"window": "45m"},
    {"window": "36h", "exact": True},
    {"window": "2d"},
    {"window": "30d", "exact": True},
    {"window": "1095d"},
    {"window": "1d", "calendar": "local", "time_zone": "Europe/Stockholm"},
    {"window": "30d", "calendar": "local", "time_zone": "America/New_York"},
    {"window": "7d", "calendar": "local", "time_zone": "Pacific/Auckland"},
)
FILTERS = (
    (None, lambda properties: True),
    ({"property": "city", "equals": "Umeå"}, lambda p: p.get("city") == "Umeå"),
    (
        {
            "any": [
                {"property": "lines.sku", "in": ["a"]},
                {"not": {"property": "city", "exists": True}},
            ]
        },
        lambda p: "city" not in p
        or any(isinstance(one, dict) and one.get("sku") == "a" for one in p.get("lines", [])),
    ),
)  # fmt: skip
DST = (1_774_746_000_000, 1_792_890_000_000)
"""2026-03-29T01:00Z and 2026-10-25T01:00Z, when Stockholm's clocks change."""

instants = st.one_of(
    st.integers(NOW - 3 * HOUR_MS, NOW),
    st.integers(NOW - 40 * DAY_MS, NOW),
    st.integers(NOW - 4 * 365 * DAY_MS, NOW),
    st.sampled_from([NOW, NOW - 1, NOW - 45 * 60_000, NOW - 36 * HOUR_MS, NOW - 30 * DAY_MS]),
)
orders = st.builds(
    Order, at=instants, properties=payloads, home=st.sampled_from(["h1", "h2", "h3"])
)


@pytest.mark.parametrize("operation", ABOUT)
@settings(max_examples=60, deadline=None)
@given(
    history=st.lists(orders, max_size=12),
    window=st.sampled_from(WINDOWS),
    passing=st.sampled_from(FILTERS),
    data=st.data(),
)
def test_a_trait_is_what_the_list_of_all_events_says_in_any_order_over_any_strands(
    operation, history, window, passing, data
):
    where, passes = passing
    document = a_trait(operation, **window)
    document |= {} if ABOUT[operation] is None else {"property": ABOUT[operation]}
    document |= {} if where is None else {"where": where}
    told = plainly([one for one in history if passes(one.properties)], document)

    assert view_of(document, data.draw(st.permutations(history))).trait("t") == told


@pytest.mark.parametrize("operation", ABOUT)
@settings(max_examples=30, deadline=None)
@given(history=st.lists(orders, max_size=14), window=st.sampled_from(WINDOWS), data=st.data())
def test_any_order_of_arrival_leaves_the_same_bytes(operation, history, window, data):
    document = a_trait(operation, **window)
    document |= {} if ABOUT[operation] is None else {"property": ABOUT[operation]}
    catalogue = Catalogue.compile([document])

    def series(history):
        return Portrait.decode("h1", portrait_of(catalogue, history).encode()).strands

    shuffled, plain = series(data.draw(st.permutations(history))), series(history)
    assert {home: s.series for home, s in shuffled.items()} == {
        home: s.series for home, s in plain.items()
    }


@pytest.mark.parametrize("operation", ["count", "sum", "first", "time_since_first", "unique_count"])
@settings(max_examples=60, deadline=None)
@given(
    ages=st.lists(st.integers(0, 4 * 24 * 4), max_size=8),
    zone=st.sampled_from(["Europe/Stockholm", "America/New_York", "Pacific/Auckland"]),
    clocks_change=st.sampled_from(DST),
    quarters=st.integers(-2 * 24 * 4, 2 * 24 * 4),
)
def test_local_days_are_those_of_the_wall_clock_also_when_it_changes(
    operation, ages, zone, clocks_change, quarters
):
    """Every quarter of an hour of four days before any quarter around the change of the clocks."""
    document = a_trait(operation, window="2d", calendar="local", time_zone=zone)
    if operation in ("sum", "unique_count"):
        document["property"] = "revenue"
    now = clocks_change + quarters * 15 * 60_000
    history = [Order(now - age * 15 * 60_000, {"revenue": age}) for age in ages]

    assert view_of(document, history, now).trait("t") == plainly(history, document, now)


def test_the_days_of_a_calendar_window_are_those_of_the_policy_unless_the_trait_names_others():
    policy = {
        "kind": "policy", "key": "default", "control": 0, "seed": "s", "caps": [],
        "quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Asia/Tokyo"},
        "service_purposes": [],
    }  # fmt: skip
    tokyo = a_trait("count", window="1d", calendar="local")
    paris = a_trait("count", window="1d", calendar="local", time_zone="Europe/Paris", key="p")
    catalogue = Catalogue.compile([policy, tokyo, paris])

    keys = [metric.key for metric in catalogue.metrics["Order Completed"]]
    assert keys == ["Order Completed@Asia/Tokyo", "Order Completed@Europe/Paris"]


@pytest.mark.parametrize(("seed", "spread"), [(1, 10_000), (2, 10_000), (3, 500_000)])
def test_beyond_the_bound_older_entries_spill_by_the_minute_whatever_the_order(seed, spread):
    """The newest stay exact, nothing is lost, and two orders leave the same series."""
    random = Random(seed)
    document = a_trait("sum", property="revenue", window="30d", exact=True)
    (metric,) = Catalogue.compile([document]).metrics["Order Completed"]
    instants = [NOW - 40 * DAY_MS + random.randrange(10 * DAY_MS) for _ in range(20)]
    instants += [NOW - DAY_MS + n * spread % DAY_MS for n in range(MAX_ENTRIES + 150)]

    def folded():
        random.shuffle(instants)
        series = Series()
        for at in instants:
            series.feed(at, [at % 1000], metric)
        return series

    one, other = folded(), folded()

    assert one == other
    kept = one.entries()
    assert MAX_ENTRIES - 60 < len(kept) <= MAX_ENTRIES
    assert [at for at, _ in kept] == sorted(instants)[-len(kept) :]
    assert len(kept) + sum(day[1] for day in one.days) + one.before[0] == len(instants)
    sums = sum(v for _, v in kept) + sum(day[2] for day in one.days) + one.before[1]
    assert sums == sum(at % 1000 for at in instants)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=2, max_size=8, unique=True), st.data())
def test_a_burst_beyond_the_bound_that_has_left_the_window_leaves_no_trace_of_its_order(days, data):
    document = a_trait("count", window="30d", exact=True)
    (metric,) = Catalogue.compile([document]).metrics["Order Completed"]
    burst = [(NOW - 45 * DAY_MS + n, [None]) for n in range(MAX_ENTRIES + 10)]
    parts = [[(NOW - day * DAY_MS, [None])] for day in days] + [burst]

    def folded(parts):
        series = Series()
        for part in parts:
            for at, values in part:
                series.feed(at, values, metric)
        return series

    assert folded(data.draw(st.permutations(parts))) == folded(parts)


@pytest.mark.parametrize("operation", ["unique_list", "unique_count", "most_frequent"])
def test_values_beyond_a_books_bound_are_the_same_ones_whatever_the_order(operation):
    random = Random(operation)
    document = a_trait(operation, property="sku")
    (metric,) = Catalogue.compile([document]).metrics["Order Completed"]
    said = [(NOW + n // 7, [f"p{n % 4500}", f"p{(n + 13) % 4500}"]) for n in range(4500)]
    chunks = [said[start : start + 450] for start in range(0, len(said), 450)]

    def folded():
        random.shuffle(chunks)
        series = Series()
        for chunk in chunks:
            # Chunks at one instant keep this test short; a chunk holds each value twice at most.
            values = [value for _, values in chunk for value in values]
            series.feed(chunk[0][0], values, metric)
        return series

    assert folded() == folded()


def test_an_exact_trait_is_right_as_of_any_instant_of_the_last_day():
    document = a_trait("count", window="2d", exact=True)
    midnight = NOW // DAY_MS * DAY_MS
    history = [Order(midnight + hour * HOUR_MS) for hour in range(-90, 20)]

    for hour in range(20):
        now = midnight + hour * HOUR_MS
        assert view_of(document, history, now).trait("t") == plainly(history, document, now) == 48


def test_a_list_holds_the_newest_hundred_unless_asked_for_more():
    history = [Order(NOW - n, {"sku": f"p{n}"}) for n in range(300)]
    usual = view_of(a_trait("unique_list", property="sku"), history).trait("t")
    more = view_of(a_trait("unique_list", property="sku", limit=250), history).trait("t")

    assert usual == [f"p{n}" for n in range(100)]
    assert len(more) == 250


def test_what_was_kept_before_entries_were_packed_is_read_and_goes_on_counting():
    document = a_trait("sum", property="revenue", window="30d", exact=True)
    catalogue = Catalogue.compile([document])
    (metric,) = catalogue.metrics["Order Completed"]
    past = (NOW - DAY_MS, 5_000_000)
    old = Series(exact=[past], days=[], before=[2, 9_000_000], first=past, last=past)
    portrait = Portrait("h1")
    portrait.strand("h1").series[metric.key] = old
    portrait = Portrait.decode("h1", portrait.encode())

    portrait.strands["h1"].series[metric.key].feed(NOW, [1_000_000], metric)
    view = Portrait.decode("h1", portrait.encode()).view(catalogue, NOW)

    assert view.trait("t") == 6
    assert view.total(metric.key, None) == 15


def test_types_that_look_alike_are_told_apart_and_texts_keep_their_zeros():
    history = [Order(NOW - n, {"x": value}) for n, value in enumerate([1, True, "1", "01", 1.0])]

    values = view_of(a_trait("unique_list", property="x"), history).trait("t")

    assert [(type(value), value) for value in values] == [
        (Decimal, 1), (bool, True), (str, "1"), (str, "01"),
    ]  # fmt: skip


def test_traits_say_where_their_values_come_from():
    document = a_trait("sum", property="revenue", window="30d", exact=True, version=3)
    history = [
        Order(NOW - 40 * DAY_MS, {"revenue": 7}),
        Order(NOW - 3 * DAY_MS, {"revenue": 5}, "h2"),
        Order(NOW - DAY_MS, {"revenue": "2.50"}),
    ]
    said = view_of(document, history).explain("t")

    assert (said.value, said.kind, said.operation, said.window) == (
        Decimal("7.5"), "computed", "sum", "30d",
    )  # fmt: skip
    assert (said.source, said.strands) == ("Order Completed.revenue", ("h1", "h2"))
    assert (said.events, said.first_at, said.at) == (2, NOW - 3 * DAY_MS, NOW - DAY_MS)
    assert (said.exact, said.version) == (True, 3)
    assert view_of(document, history).explain("unknown") is None
