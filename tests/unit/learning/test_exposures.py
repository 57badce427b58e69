"""Exposures: nothing after a window changes one, no order does, and merges keep them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.compiled import Policy
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.dialogue import Entries
from portrait.learning.exposures import Exposure, Lot, exposures, lots
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.requirements import metric_for
from tests.unit.core.worlds import an_event

DAY, HORIZON = 20_000, 30
TODAY = DAY + 100
NOON = DAY * DAY_MS + DAY_MS // 2
END = (DAY + HORIZON) * DAY_MS
LEARNING = Learning()
KEPT = 2 * LEARNING.lookback * DAY_MS
LOTS = {"basket": Lot(0.8, True), "service": Lot(0.5, False)}
WITHIN = range(TODAY - LEARNING.lookback, TODAY - HORIZON + 1)

instants = st.integers((DAY - 300) * DAY_MS, TODAY * DAY_MS)
arms = st.sampled_from(["treated", "control"])
homes = st.sampled_from(["h1", "h2"])
purchases = st.lists(st.tuples(instants, homes), max_size=8)
entering = st.lists(st.tuples(st.sampled_from([*LOTS, "other"]), instants, homes), max_size=6)


def bought(portrait: Portrait, at: int, home: str, number: int, *, exact: bool = True) -> None:
    metric = metric_for("Order Completed", "revenue", KEPT, exact=exact)
    event = an_event(str(number), name="Order Completed", at=at, received_at=TODAY * DAY_MS,
                     properties={"revenue": 5})  # fmt: skip
    portrait.strand(home).fold(event, number.to_bytes(6, "big"), {"Order Completed": (metric,)})


def enter(portrait: Portrait, campaign: str, at: int, home: str) -> None:
    strand, entry = portrait.strand(home), Entries(1, at)
    known = strand.entries.get(campaign)
    strand.entries[campaign] = known.and_also(entry) if known else entry


def customer(buys=(), entries=(), drawn=(), *, exact: bool = True) -> Portrait:
    """Return somebody who bought and entered, and the arms that were drawn for them."""
    portrait = Portrait("h1")
    for number, (at, home) in enumerate(buys):
        bought(portrait, at, home, number, exact=exact)
    for campaign, at, home in entries:
        enter(portrait, campaign, at, home)
    for home, key, arm in drawn:
        portrait.strand(home).set_arm(key, arm)
    return portrait


def told(portrait: Portrait) -> list[Exposure]:
    return list(exposures(portrait, LEARNING, LOTS, WITHIN, horizon=HORIZON))


drawn = st.lists(st.tuples(homes, st.sampled_from([*LOTS, "*"]), arms), max_size=6)


@settings(max_examples=200, deadline=None)
@given(buys=purchases, entries=entering, drawn=drawn, more=purchases, again=entering)
def test_what_comes_after_the_window_never_changes_an_exposure(buys, entries, drawn, more, again):
    before = told(customer(buys, entries, drawn))
    end = max((one.day + HORIZON for one in before), default=TODAY) * DAY_MS
    seen = {key for key, *_ in entries}
    late = [(end + at % (50 * DAY_MS), home) for at, home in more]
    later = [(key, end + at % DAY_MS, home) for key, at, home in again if key in seen]

    after = told(customer([*buys, *late], [*entries, *later], drawn))

    assert [one for one in after if one.day + HORIZON <= end // DAY_MS] == before


@settings(max_examples=200, deadline=None)
@given(buys=purchases, entries=entering, drawn=drawn, data=st.data())
def test_the_order_in_which_things_are_heard_does_not_matter(buys, entries, drawn, data):
    known = told(customer(buys, entries, drawn))

    shuffled = (data.draw(st.permutations(one)) for one in (buys, entries, drawn))

    assert told(customer(*shuffled)) == known


@settings(max_examples=200, deadline=None)
@given(entries=entering, drawn=drawn)
def test_a_merge_keeps_every_exposure_as_of_the_first_entry_of_either(entries, drawn):
    both = customer((), entries, drawn)
    alone = []
    for home in ("h1", "h2"):
        one = Portrait(home, strands={at: s for at, s in both.strands.items() if at == home})
        alone.append({each.chance: each for each in told(one)})

    merged = {each.chance: each for each in told(both)}

    everything = range(0, TODAY)
    for chance, each in merged.items():
        days = [some[chance].day for some in alone if chance in some]
        assert each.day == min(days)
        drawn_so = {some[chance].contacted for some in alone
                    if chance in some and some[chance].day == each.day}  # fmt: skip
        assert each.contacted in drawn_so
    lost = (alone[0].keys() | alone[1].keys()) - merged.keys()
    firsts = {e.chance: e.day for e in exposures(both, LEARNING, LOTS, everything, horizon=1)}
    assert all(firsts[chance] not in WITHIN for chance in lost)


@settings(max_examples=100, deadline=None)
@given(buys=purchases, at=instants)
def test_both_arms_are_judged_by_the_same_purchases(buys, at):
    treated, control = (
        told(customer(buys, [("service", at, "h1")], [("h1", "service", arm)]))
        for arm in ("treated", "control")
    )
    assert [one._replace(contacted=False) for one in treated] == control


@pytest.mark.parametrize(
    ("at", "exact", "acted"),
    [
        (NOON, True, False),
        (NOON - 1, True, False),
        (NOON + 1, True, True),
        (NOON + 1, False, False),
        (NOON + DAY_MS, False, True),
        (END - 1, True, True),
        (END - 1, False, True),
        (END, True, False),
        (END, False, False),
    ],
    ids=[
        "what let them in", "that day before it", "just after", "that day, by the day alone",
        "the day after", "the last instant", "the last day", "too late", "too late by the day",
    ],
)  # fmt: skip
def test_what_counts_comes_after_what_let_them_in_and_within_the_window(at, exact, acted):
    portrait = customer([(at, "h2")], [("basket", NOON, "h1")], exact=exact)
    assert [one.acted for one in told(portrait)] == [acted]


@pytest.mark.parametrize(
    ("campaign", "key", "contacted"),
    [("basket", "basket", False), ("basket", "*", False), ("service", "*", True)],
    ids=["its own", "the programme's", "not the programme's, of service"],
)
def test_who_was_held_out_was_left_alone(campaign, key, contacted):
    portrait = customer((), [(campaign, NOON, "h1")], [("h1", key, "control")])
    assert [one.contacted for one in told(portrait)] == [contacted]


def test_the_arm_is_that_of_the_first_entry_whoever_they_turn_out_to_be():
    entries = [("basket", NOON, "h1"), ("basket", NOON + DAY_MS, "h2")]
    portrait = customer((), entries, [("h1", "basket", "treated"), ("h2", "basket", "control")])
    assert told(portrait) == [Exposure(DAY, True, False, 0.8)]


def test_entries_that_nobody_took_the_first_of_tell_nothing():
    portrait = customer()
    portrait.strand("h1").entries["basket"] = Entries(2, NOON)
    enter(portrait, "basket", NOON + DAY_MS, "h1")
    assert told(portrait) == []


def test_windows_that_are_open_and_days_too_long_ago_are_left_out():
    for at in (TODAY - HORIZON + 1, TODAY - LEARNING.lookback - 1):
        assert told(customer((), [("basket", at * DAY_MS, "h1")])) == []


def test_only_campaigns_that_hold_somebody_out_tell_anything():
    documents = [canonical(draft.definition) for draft in read_folder(STARTERS)]
    catalogue = Catalogue.compile(documents)
    found = lots(catalogue.newest.values(), catalogue.policy)

    assert "high_value_order" not in found
    assert found["win_back"] == Lot(pytest.approx(0.9 * 0.95), True)
    one = catalogue.newest["win_back"]
    everybody = replace(one, control=0.0)
    assert lots([everybody], Policy()) == {}
    assert lots([replace(one, control=1.0)], catalogue.policy) == {}
    together = replace(one, seed=catalogue.policy.seed)
    assert lots([together], catalogue.policy)["win_back"].contacted == pytest.approx(0.9)
