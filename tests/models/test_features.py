"""Features: what comes after the cut-off, the order of events and plain tenure leave no trace."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.churn import features as churn
from models.response import features as response
from models.value import features as value
from portrait import entries, series
from portrait.dialogue import Entries
from portrait.learning.behaviour import behaviour
from portrait.learning.exposures import Lot
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from tests.unit.core.worlds import NOON, an_event
from tests.unit.learning.test_document import compiled

CATALOGUE = compiled(
    services=[{"event": "Support Asked"}],
    purchase={"event": "Order Completed", "items": "products.sku", "categories": "products.kind"},
)
LEARNING = CATALOGUE.learning
INSTANTS = {
    name: tuple(replace(metric, exact=True) for metric in some)
    for name, some in CATALOGUE.metrics.items()
}
CUT = NOON // DAY_MS - 120
KINDS = ("Order Completed", "Order Refunded", "Email Opened", "Support Asked")
ROWS = {"churn": churn.row, "value": value.row}

happenings = st.tuples(
    st.sampled_from(KINDS), st.sampled_from("ab"), st.integers(0, 9_000), st.integers(0, DAY_MS - 1)
)
befores = st.lists(st.tuples(st.integers(-300, -1), happenings), min_size=1, max_size=12)
afters = st.lists(st.tuples(st.integers(0, 119), happenings), min_size=1, max_size=8)


def events(days, start: int, label: str):
    made = []
    for number, (day, (name, strand, cents, instant)) in enumerate(days):
        said = {"revenue": cents / 100, "total": cents / 100}
        said["products"] = [{"sku": f"i{cents % 5}", "kind": f"k{cents % 2}"}]
        at = (start + day) * DAY_MS + instant
        made.append((strand, an_event(f"{label}{number}", name=name, at=at, properties=said,
                                      received_at=NOON)))  # fmt: skip
    return made


def portrait_of(told, metrics=CATALOGUE.metrics) -> Portrait:
    """Return a customer, their two strands together as after a merge."""
    portrait = Portrait("a")
    for strand, event in told:
        message = Random(event.id).randbytes(6)
        portrait.strand(strand).fold(event, message, metrics)
    return Portrait.decode("a", portrait.encode())


def rows(told, cut: int = CUT) -> list:
    known = behaviour(portrait_of(told), LEARNING, cut)
    return [repr(row(known)) for row in ROWS.values()]


@settings(max_examples=80, deadline=None)
@given(befores, afters, st.data())
def test_no_event_after_the_cut_off_changes_a_row_in_any_order_on_any_strand(before, after, data):
    known = events(before, CUT, "before")
    later = known + events(after, CUT, "after")
    assert rows(data.draw(st.permutations(later))) == rows(known)


@pytest.fixture
def spilling(monkeypatch):
    monkeypatch.setattr(series, "MAX_ENTRIES", 3)
    monkeypatch.setattr(entries, "MAX_ENTRIES", 3)


def test_instants_that_later_purchases_spill_into_days_are_the_same_behaviour(spilling):
    order, days = ("Order Completed", "a", 500, 7), (-90, -50, -20, -3)
    known = events([(day, order) for day in days], CUT, "before")
    portrait = portrait_of(known + events([(n, order) for n in range(8)], CUT, "after"), INSTANTS)

    assert len(portrait.strands["a"].series[LEARNING.purchases].days) > len(days)  # spilled
    found, plain = (behaviour(one, LEARNING, CUT) for one in (portrait, portrait_of(known)))
    assert found.purchases == plain.purchases


BOUGHT = st.tuples(
    st.just("Order Completed"), st.just("a"), st.integers(0, 9_000), st.integers(0, DAY_MS - 1)
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(-360, -1), BOUGHT), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 119), BOUGHT), max_size=6),
    st.data(),
)
def test_items_that_later_ones_push_out_change_no_row_but_that_it_is_not_learned_from(
    spilling, before, after, data
):
    known = events(before, CUT, "before")
    later = data.draw(st.permutations(known + events(after, CUT, "after")))

    learned = {name: repr(rows) for name, rows in learned_from(known).items()}
    for name, rows in learned_from(later).items():
        assert repr(rows) in (learned[name], "[]")
        assert rows or len(before) + len(after) > 3  # who bought little is learned from


LOTS = {"letter": Lot(0.9, True)}


def learned_from(told) -> dict[str, list]:
    """Return the rows that models learn from at the cut-off, by model."""
    portrait = portrait_of(told)
    portrait.strand("h1").entries["letter"] = Entries(1, CUT * DAY_MS)
    return {
        "churn": [row for _, row, _ in churn.examples(portrait, LEARNING, [CUT], 30)],
        "value": [row for _, row, _ in value.examples(portrait, LEARNING, [CUT], 30, CUT + 120)],
        "response": [row for _, row, *_ in response.examples(portrait, LEARNING, LOTS, CUT + 120)],
    }


def test_of_who_buys_more_items_than_are_kept_a_live_score_takes_items_for_unknown(spilling):
    order = ("Order Completed", "a", 500, 7)
    portrait = portrait_of(events([(-n, order) for n in range(1, 6)], CUT, "e"))

    known = dict(zip(churn.names(LEARNING), churn.row(behaviour(portrait, LEARNING, CUT)),
                     strict=True))  # fmt: skip

    unknown = {name for name, value in known.items() if np.isnan(value)}
    assert {"lines", "breadth", "repeated", "categories"} <= unknown
    assert not {"pace", "recency", "average_order"} & unknown
    assert not list(churn.examples(portrait, LEARNING, [CUT], 30))


@settings(max_examples=50, deadline=None)
@given(befores, st.integers(1, 100))
def test_no_feature_is_the_date(before, shift):
    assert rows(events(before, CUT, "e"), CUT) == rows(
        events(before, CUT - shift, "e"), CUT - shift
    )


def test_the_first_instant_of_the_cut_off_is_after_and_the_last_before_is_known():
    for instant, bought in ((CUT * DAY_MS - 1, True), (CUT * DAY_MS, False)):
        order = an_event("e", name="Order Completed", at=instant, properties={"revenue": 1.0},
                         received_at=NOON)  # fmt: skip
        known = behaviour(portrait_of([("a", order)]), LEARNING, CUT)
        assert (churn.row(known) is not None) is bought


@pytest.mark.parametrize(("day", "gone"), [(0, 0.0), (29, 0.0), (30, 1.0), (-1, 1.0)])
def test_churn_is_nothing_bought_from_the_cut_off_to_the_end_of_the_horizon(day, gone):
    order = ("Order Completed", "a", 500, 0)
    portrait = portrait_of(events([(-40, order), (day, order)], CUT, "e"))
    ((cut, _, outcome),) = churn.examples(portrait, LEARNING, [CUT], 30)
    assert (cut, outcome) == (CUT, [gone])


def test_value_is_what_was_bought_within_the_horizon_and_a_year_only_where_it_has_closed():
    order = ("Order Completed", "a", 500, 0)
    portrait = portrait_of(events([(d, order) for d in (-40, 0, 14, 29, 30)], CUT, "e"))
    ((_, _, outcome),) = value.examples(portrait, LEARNING, [CUT], 30, CUT + 120)
    assert outcome[:5] == [3.0, 15.0, 2.0, 10.0, 1.0]
    assert np.isnan(outcome[5:]).all()


@pytest.mark.parametrize("model", [churn, value])
def test_a_row_is_as_long_as_its_names(model):
    known = behaviour(portrait_of(events([(-1, ("Order Completed", "a", 1, 0))], CUT, "e")),
                      LEARNING, CUT)  # fmt: skip
    assert len(model.row(known)) == len(model.names(LEARNING))
