"""Conditions: what each says of a customer, and of one of whom nothing is known."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.changes import Happening
from portrait.conditions import Situation, compile_condition
from portrait.faults import Rejected
from portrait.metrics import DAY_MS

NOW = 1_780_000_000_000
"""2026-05-28T20:26:40Z."""


@dataclass
class Customer:
    """A customer as conditions see one: events are (instant, properties) by name."""

    known: dict[str, Any] = field(default_factory=dict)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    series: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict)
    now: int = NOW

    def trait(self, name):
        return self.known.get(name)

    def consent(self, channel, purpose):
        return self.consents.get((channel, purpose))

    def _within(self, metric, window_ms):
        since = 0 if window_ms is None else self.now - window_ms
        return [entry for entry in self.series.get(metric, ()) if since < entry[0] <= self.now]

    def count(self, metric, window_ms):
        return len(self._within(metric, window_ms))

    def total(self, metric, window_ms):
        return sum((value for _, value in self._within(metric, window_ms)), Decimal(0))

    def first(self, metric, window_ms):
        return min(self._within(metric, window_ms), default=None)

    def last(self, metric, window_ms):
        return max(self._within(metric, window_ms), default=None)


def holds(tree, customer=None, *, happening=None, segments=None):
    situation = Situation(customer or Customer(), happening, segments or {})
    return compile_condition(tree)(situation)


def happened(properties=None, *, kind="track", traits=None):
    return Happening(
        id="0a", source="web", kind=kind, name="Order Completed", at=NOW, received_at=NOW,
        strand="a", properties=properties or {}, traits=traits or {},
    )  # fmt: skip


VALUES = [
    ("equal text", {"equals": "SE"}, "SE", True),
    ("text of another case", {"equals": "SE"}, "se", False),
    ("float and Decimal of one size", {"equals": 19.99}, Decimal("19.990000"), True),
    ("int and float of one size", {"equals": 1}, 1.0, True),
    ("a boolean is no number", {"equals": 1}, True, False),
    ("a number is no boolean", {"equals": True}, 1, False),
    ("text is no number", {"equals": 1}, "1", False),
    ("equal booleans", {"equals": True}, True, True),
    ("another value", {"not_equals": "SE"}, "NO", True),
    ("the same value", {"not_equals": "SE"}, "SE", False),
    ("one of several", {"in": ["SE", "NO"]}, "NO", True),
    ("none of several", {"in": ["SE", "NO"]}, "DK", False),
    ("text in text", {"contains": "@shop."}, "ann@shop.se", True),
    ("value in list", {"contains": "garden"}, ["home", "garden"], True),
    ("value not in list", {"contains": "gar"}, ["home", "garden"], False),
    ("number in text", {"contains": 1}, "1", False),
    ("there", {"exists": True}, "", True),
    ("not to be there", {"exists": False}, 0, False),
    ("at least, equal", {"at_least": 200}, 200, True),
    ("at least, below", {"at_least": 200}, Decimal("199.999999"), False),
    ("at most, equal", {"at_most": 0.1}, Decimal("0.1"), True),
    ("above, equal", {"above": 200}, 200.0, False),
    ("below, smaller", {"below": 200}, 199.5, True),
    ("number written as text", {"at_least": 200}, "250.00", True),
    ("word where a number is compared", {"at_least": 0}, "many", False),
    ("boolean where a number is compared", {"at_least": 0}, True, False),
    ("not a number", {"at_most": 10}, float("nan"), False),
    ("infinity", {"at_least": 10}, float("inf"), False),
    ("mapping where a number is compared", {"at_least": 0}, {"a": 1}, False),
    ("two operators, inside", {"at_least": 18, "below": 65}, 30, True),
    ("two operators, outside", {"at_least": 18, "below": 65}, 70, False),
    ("missing is not equal", {"equals": "SE"}, None, False),
    ("missing is different", {"not_equals": "SE"}, None, True),
    ("missing does not exist", {"exists": False}, None, True),
    ("missing is not there", {"exists": True}, None, False),
    ("missing is in nothing", {"in": ["SE"]}, None, False),
    ("missing contains nothing", {"contains": "a"}, None, False),
    ("missing is not small", {"at_most": 10}, None, False),
    ("missing is not large", {"at_least": 0}, None, False),
]


@pytest.mark.parametrize(
    ("operators", "value", "expected"),
    [case[1:] for case in VALUES],
    ids=[case[0] for case in VALUES],
)
@pytest.mark.parametrize("about", ["trait", "property", "nested property", "identify"])
def test_operators_compare_what_is_there(about, operators, value, expected):
    if about == "trait":
        assert holds({"trait": "x", **operators}, Customer(known={"x": value})) is expected
        return
    path = "order.x" if about == "nested property" else "x"
    payload = {"order": {"x": value}} if about == "nested property" else {"x": value}
    kind = "identify" if about == "identify" else "track"
    happening = happened(kind=kind, **{"traits" if kind == "identify" else "properties": payload})
    assert holds({"property": path, **operators}, happening=happening) is expected


@pytest.mark.parametrize(
    "tree", [{"property": "x", "exists": False}, {"property": "x", "equals": 1}]
)
def test_a_property_is_of_something_that_happened(tree):
    assert holds(tree) is False


WHEN = {
    "within a day": [(NOW - DAY_MS + 1, Decimal(100)), (NOW, Decimal(50))],
    "a day ago": [(NOW - DAY_MS, Decimal(100))],
    "never": [],
}


@pytest.mark.parametrize(
    ("terms", "counts"),
    [
        ({"within": "1d", "at_least": 1}, {"within a day"}),
        ({"within": "1d", "at_least": 2}, {"within a day"}),
        ({"within": "1d", "at_most": 0}, {"a day ago", "never"}),
        ({"within": "ever", "at_least": 1}, {"within a day", "a day ago"}),
        ({"within": "25h", "at_least": 1}, {"within a day", "a day ago"}),
        ({"within": "1d", "sum": "revenue", "at_least": 150}, {"within a day"}),
        ({"within": "ever", "sum": "revenue", "below": 150}, {"a day ago", "never"}),
    ],
)
@pytest.mark.parametrize("when", WHEN)
def test_events_are_counted_and_summed_within_the_window(when, terms, counts):
    metric = "Order Completed.revenue" if "sum" in terms else "Order Completed"
    customer = Customer(series={metric: WHEN[when]})

    assert holds({"event": "Order Completed", **terms}, customer) is (when in counts)


@pytest.mark.parametrize(
    ("said", "status", "expected"),
    [
        ("granted", "granted", True),
        ("withdrawn", "granted", False),
        ("withdrawn", "withdrawn", True),
        (None, "granted", False),
        (None, "withdrawn", False),
    ],
)
def test_consent_is_the_last_word_and_silence_is_none(said, status, expected):
    customer = Customer(consents={("email", "marketing"): said})
    terms = {"channel": "email", "purpose": "marketing", "status": status}

    assert holds({"consent": terms}, customer) is expected


@pytest.mark.parametrize(
    ("value", "in_next", "in_last"),
    [
        ("2026-05-29", True, False),
        ("2026-05-28", False, True),
        ("2026-05-29T22:26:40+02:00", True, False),
        ("2026-05-29T20:26:40.001Z", False, False),
        ("2026-05-28T20:26:40Z", True, True),
        ("2026-05-27T20:26:40Z", False, True),
        ("2026-05-27T20:26:39.999", False, False),
        (NOW + 1000, True, False),
        (NOW / 1000 - 1, False, True),
        (Decimal(NOW - 1), False, True),
        ("tomorrow", False, False),
        (True, False, False),
        (None, False, False),
    ],
)
def test_dates_are_compared_with_now(value, in_next, in_last):
    customer = Customer(known={"renewal": value})

    assert holds({"date": "renewal", "in_next": "1d"}, customer) is in_next
    assert holds({"date": "renewal", "in_last": "1d"}, customer) is in_last
    both = {"date": "renewal", "in_next": "1d", "in_last": "1d"}
    assert holds(both, customer) is (in_next or in_last)


@pytest.mark.parametrize(("score", "expected"), [(0.7, True), (0.69, False), (None, False)])
def test_a_score_is_a_trait_of_its_own_name(score, expected):
    customer = Customer(known={"score.churn": score, "churn": 1})

    assert holds({"score": "churn", "at_least": 0.7}, customer) is expected


def test_a_segment_is_asked_by_its_key():
    segments = {
        "vip": compile_condition({"trait": "spend", "at_least": 500}),
        "other": compile_condition({"not": {"segment": "vip"}}),
    }
    rich, poor = Customer(known={"spend": 900}), Customer()

    assert holds({"segment": "vip"}, rich, segments=segments)
    assert not holds({"segment": "vip"}, poor, segments=segments)
    assert holds({"segment": "other"}, poor, segments=segments)


def test_no_condition_holds_for_everybody():
    assert holds(None)


leaves = st.builds(lambda value: {"trait": "x", "equals": value}, st.integers(0, 3))
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=8,
)


def plainly(tree, value):
    """Evaluate a tree over one trait without compiling it."""
    match tree:
        case {"all": parts}:
            return all(plainly(part, value) for part in parts)
        case {"any": parts}:
            return any(plainly(part, value) for part in parts)
        case {"not": part}:
            return not plainly(part, value)
    return tree["equals"] == value


@given(trees, st.integers(0, 3))
def test_a_tree_is_the_logic_it_spells(tree, value):
    assert holds(tree, Customer(known={"x": value})) is plainly(tree, value)


@pytest.mark.parametrize(
    "tree",
    [
        {"traits": "x", "exists": True},
        {},
        {"all": [{"trait": "x"}, {"nothing": 1}]},
        {"event": "Order Completed", "within": "soon", "at_least": 1},
        {"trait": "x", "at_least": "many"},
        {"consent": {"channel": "email"}},
    ],
)
def test_what_is_not_canonical_is_refused(tree):
    with pytest.raises(Rejected, match="invalid_definition"):
        compile_condition(tree)
