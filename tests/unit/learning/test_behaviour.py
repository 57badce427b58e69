"""Behaviour: what came after a cut-off is not in it, whatever the order and the way it was kept."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.churn import features as churn
from models.value import features as value
from portrait.learning.behaviour import Behaviour, behaviour, cut_at
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS, Metric
from portrait.portrait import Portrait
from portrait.requirements import metric_for
from tests.unit.core.worlds import an_event

CUT = 20_000
RECEIVED = (CUT + 400) * 86_400_000
LEARNING = Learning(
    returns=("Order Refunded.revenue",),
    services=("Call Received",),
    engagement={"email": ("Email Link Clicked",)},
    items="Order Completed.products.sku:counts",
    categories="Order Completed.products.category:counts",
)
KEPT = 2 * LEARNING.lookback * DAY_MS


def metrics(*, exact: bool) -> dict[str, tuple[Metric, ...]]:
    """Return the series that are learned from, kept by the instant or by the day."""
    order = "Order Completed"
    return {
        order: (
            metric_for(order, "revenue", KEPT, exact=exact),
            metric_for(order, "products.sku", KEPT, keeps="counts", exact=True),
            metric_for(order, "products.category", KEPT, keeps="counts", exact=True),
        ),
        "Order Refunded": (metric_for("Order Refunded", "revenue", KEPT, exact=exact),),
        "Call Received": (metric_for("Call Received", None, KEPT, exact=exact),),
        "Email Link Clicked": (metric_for("Email Link Clicked", None, KEPT, exact=exact),),
    }


products = st.lists(
    st.fixed_dictionaries({"sku": st.sampled_from("abcd"), "category": st.sampled_from("xy")}),
    max_size=3,
)
said = st.fixed_dictionaries({"revenue": st.integers(0, 500), "products": products})
names = st.sampled_from(list(metrics(exact=True)))
early = st.integers((CUT - 500) * DAY_MS, CUT * DAY_MS - 1)
late = st.one_of(
    st.integers(CUT * DAY_MS, (CUT + LEARNING.lookback) * DAY_MS - 1), st.just(CUT * DAY_MS)
)
homes = st.sampled_from(["h1", "h2"])
before = st.lists(st.tuples(early, names, said, homes), max_size=12)
after = st.lists(st.tuples(late, names, said, homes), max_size=6)


def portrait_of(events, *, exact: bool = True) -> Portrait:
    """Fold the events, in this order, into the strands of their homes."""
    portrait, kept = Portrait("h1"), metrics(exact=exact)
    for number, (at, name, properties, home) in enumerate(events):
        event = an_event(str(number), name=name, at=at, received_at=RECEIVED, properties=properties)
        portrait.strand(home).fold(event, number.to_bytes(6, "big"), kept)
    return portrait


def rows(of: Behaviour) -> list[list[float] | None]:
    return [churn.row(of), value.row(of)]


@settings(max_examples=200, deadline=None)
@given(before=before, after=after, data=st.data())
def test_an_event_after_the_cut_off_never_changes_a_row(before, after, data):
    events = data.draw(st.permutations([*before, *after]))

    known = behaviour(portrait_of(before), LEARNING, CUT)
    later = behaviour(portrait_of(events), LEARNING, CUT)

    assert later == known
    assert repr(rows(later)) == repr(rows(known))


@settings(max_examples=100, deadline=None)
@given(events=st.lists(st.tuples(st.one_of(early, late), names, said, homes), max_size=12))
def test_what_is_kept_by_the_day_tells_what_is_kept_by_the_instant(events):
    by_instant = behaviour(portrait_of(events), LEARNING, CUT)

    assert behaviour(portrait_of(events, exact=False), LEARNING, CUT) == by_instant


@settings(max_examples=100, deadline=None)
@given(events=st.lists(st.tuples(early, names, said, homes), max_size=12), days=st.integers(1, 90))
def test_a_row_does_not_know_in_which_year_it_is(events, days):
    moved = [(at + days * DAY_MS, *others) for at, *others in events]

    now = behaviour(portrait_of(events), LEARNING, CUT)
    later = behaviour(portrait_of(moved), LEARNING, CUT + days)

    assert repr(rows(later)) == repr(rows(now))


def test_a_purchase_of_today_counts_in_a_live_score():
    noon = CUT * DAY_MS + DAY_MS // 2
    portrait = portrait_of([(noon, "Order Completed", {"revenue": 5}, "h1")])

    assert behaviour(portrait, LEARNING, cut_at(noon)).purchases[0].amount == 5_000_000
    assert behaviour(portrait, LEARNING, CUT).purchases == ()


@pytest.mark.parametrize("features", [churn, value], ids=["churn", "value"])
def test_a_row_has_a_number_for_every_name_and_none_for_who_never_bought(features):
    portrait = portrait_of([(CUT * DAY_MS - 1, "Order Completed", {"revenue": 5}, "h1")])

    assert len(features.row(behaviour(portrait, LEARNING, CUT))) == len(features.names(LEARNING))
    assert features.row(Behaviour(CUT)) is None
    assert features.row(replace(behaviour(portrait, LEARNING, CUT), items=(), engagement={}))
