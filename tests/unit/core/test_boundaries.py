"""Boundaries: no instant at which time alone changes a condition is missed."""

from bisect import bisect_right
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.boundaries import boundaries
from portrait.catalogue import Catalogue
from portrait.conditions import Situation, compile_condition
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from tests.unit.core.histories import HOUR_MS, NOW, Order, a_trait, payloads, portrait_of

TREES = [
    {"event": "Order Completed", "within": "45m", "at_least": 1},
    {"event": "Order Completed", "within": "2d", "at_least": 2},
    {"event": "Order Completed", "within": "36h", "sum": "revenue", "above": 3},
    {"event": "Order Completed", "within": "ever", "at_least": 1},
    {"event": "Order Completed", "within": "2d", "at_least": 1,
     "where": {"property": "city", "equals": "Umeå"}},
    {"trait": "t", "at_least": 2},
    {"trait": "t", "at_most": 3600},
    {"trait": "t", "exists": False},
    {"trait": "t", "contains": "a"},
    {"trait": "t", "in": [1, "a", 90_000]},
    {"date": "t", "in_last": "2d"},
    {"date": "renewal", "in_next": "3d"},
    {"date": "renewal", "in_next": "1d", "in_last": "1d"},
    {"segment": "recent"},
    {"overdue": "Order Completed", "times": 1.2, "at_least": 2, "within": "9d"},
    {"overdue": "Order Completed", "times": 0.5, "at_least": 2, "within": "3d"},
    {"falling": "Order Completed", "within": "1d", "to": 0.5, "at_least": 1},
    {"falling": "Order Completed", "within": "36h", "to": 0, "at_least": 2},
]  # fmt: skip
TRAITS = [
    a_trait("count", window="2d"),
    a_trait("count", window="3d", calendar="local", time_zone="Europe/Stockholm"),
    a_trait("sum", property="revenue", window="36h", exact=True),
    a_trait("time_since_last"),
    a_trait("time_since_first", window="2d"),
    a_trait("first", window="2d"),
    a_trait("last", window="2d"),
    a_trait("unique_list", property="lines.sku", window="3d"),
    a_trait("most_frequent", property="lines.sku", window="2d"),
    a_trait("max", property="revenue", window="2d"),
]
SEGMENTS = {
    "recent": {"all": [{"trait": "t", "at_least": 1}, {"segment": "lately"}]},
    "lately": {"event": "Order Completed", "within": "2h", "at_least": 1},
}
leaves = st.sampled_from(TREES)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=3,
)
moments = st.one_of(
    st.integers(NOW - 4 * DAY_MS, NOW + 9 * HOUR_MS),
    st.sampled_from([NOW, NOW - DAY_MS, NOW - 2 * DAY_MS + 1]),
)


def documents(tree, trait):
    segments = [
        {"kind": "segment", "key": key, "name": key, "where": where}
        for key, where in SEGMENTS.items()
    ]
    asked = {"kind": "segment", "key": "asked", "name": "asked", "where": tree}
    return [trait, *segments, asked]


def holds(tree, portrait, catalogue, now):
    view = portrait.view(catalogue, now)
    return compile_condition(tree)(Situation(view, None, catalogue.segments))


@settings(max_examples=300, deadline=None)
@given(
    tree=trees,
    trait=st.sampled_from(TRAITS),
    history=st.lists(st.builds(Order, at=moments, properties=payloads), max_size=5),
    renewal=st.integers(NOW - 3 * DAY_MS, NOW + 5 * DAY_MS),
    steps=st.lists(st.integers(1, 6 * DAY_MS), max_size=20),
)
def test_between_boundaries_nothing_changes(tree, trait, history, renewal, steps):
    """Follow the boundaries as a timer does; between two of them the condition stays as it is."""
    catalogue = Catalogue.compile(documents(tree, trait))
    portrait = portrait_of(catalogue, history)
    portrait.strand("h1").set_trait("renewal", _said(renewal))
    now, end = NOW, NOW + 8 * DAY_MS
    alarms, truths = [now], [holds(tree, portrait, catalogue, now)]
    while now is not None and now < end and len(alarms) < 500:
        now = next(boundaries(tree, portrait.view(catalogue, now), SEGMENTS), None)
        if now is not None:
            alarms.append(now)
            truths.append(holds(tree, portrait, catalogue, now))

    probes = [NOW + step for step in steps]
    probes += [at + off for at in alarms for off in (-1, 1) if at + off > NOW]
    for probe in probes:
        standing = truths[bisect_right(alarms, probe) - 1]
        assert holds(tree, portrait, catalogue, probe) is standing, probe - NOW


def _said(at):
    from portrait.strand import Trait

    return Trait(at, NOW, b"said")


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (
            {"event": "Order Completed", "within": "45m", "at_least": 1},
            [NOW - 60_000 + 45 * 60_000],
        ),
        ({"date": "renewal", "in_next": "1d"}, [NOW + DAY_MS, NOW + 2 * DAY_MS + 1]),
        ({"score": "churn", "above": 0.5}, []),
        ({"consent": {"channel": "email", "purpose": "x", "status": "granted"}}, []),
        ({"trait": "renewal", "exists": True}, []),
        (None, []),
    ],
)
def test_boundaries_are_the_very_instants(tree, expected):
    catalogue = Catalogue.compile([{"kind": "segment", "key": "s", "name": "s", "where": tree}])
    portrait = portrait_of(catalogue, [Order(NOW - 60_000)])
    portrait.strand("h1").set_trait("renewal", _said(NOW + 2 * DAY_MS))

    assert list(boundaries(tree, portrait.view(catalogue, NOW))) == expected


def test_the_days_of_a_zone_end_at_its_midnight():
    trait = a_trait("count", window="1d", calendar="local", time_zone="Asia/Kolkata")
    catalogue = Catalogue.compile([trait])
    portrait = portrait_of(catalogue, [Order(NOW - 1)])

    ends = list(boundaries({"trait": "t", "at_least": 1}, portrait.view(catalogue, NOW)))

    # 2026-05-28T20:26:40Z is 01:56:40 on the 29th there, and the day ends at 18:30Z.
    assert ends == [NOW - (1 * 3600 + 56 * 60 + 40) * 1000 + DAY_MS]


def test_the_first_of_many_boundaries_is_found_without_the_others():
    trait = a_trait("count", window="30d", exact=True)
    catalogue = Catalogue.compile([trait])
    portrait = portrait_of(catalogue, [Order(NOW - n) for n in range(2000)])
    view = Portrait.decode("h1", portrait.encode()).view(catalogue, NOW)

    found = list(islice(boundaries({"trait": "t", "at_least": 1}, view), 3))

    assert found == [NOW - 1999 + 30 * DAY_MS + n for n in range(3)]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("at_least", [False, True, True]),
        ("above", [False, False, True]),
        ("at_most", [True, True, False]),
        ("below", [True, False, False]),
        ("equals", [False, True, False]),
    ],
)
def test_the_time_since_something_crosses_a_limit_at_the_very_millisecond(operator, expected):
    trait, tree = a_trait("time_since_last"), {"trait": "t", operator: 3600}
    catalogue = Catalogue.compile([trait])
    portrait = portrait_of(catalogue, [Order(NOW - 60_000)])
    crossing = NOW - 60_000 + HOUR_MS

    assert list(boundaries(tree, portrait.view(catalogue, NOW))) == [crossing, crossing + 1]
    around = [crossing - 1, crossing, crossing + 1]
    assert [holds(tree, portrait, catalogue, at) for at in around] == expected


@pytest.mark.parametrize(
    ("operation", "window", "comes_in"),
    [
        ("time_since_last", "ever", NOW + 5 * HOUR_MS),
        ("count", "30d", (NOW + 5 * HOUR_MS) // DAY_MS * DAY_MS),
        ("first", "2d", NOW + 5 * HOUR_MS),
    ],
)
def test_what_lies_ahead_by_the_clients_clock_comes_in_when_its_time_comes(
    operation, window, comes_in
):
    """A whole day comes in at its midnight, which lies between now and then."""
    catalogue = Catalogue.compile([a_trait(operation, window=window)])
    portrait = portrait_of(catalogue, [Order(NOW + 5 * HOUR_MS)])
    tree = {"trait": "t", "exists": True}

    assert comes_in in list(boundaries(tree, portrait.view(catalogue, NOW)))
