"""Folding: any order, any number of times, the same portrait."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.metrics import DAY_MS
from portrait.strand import CONTACT_STATES, MAX_TRAITS, Contact, Strand, later
from portrait.view import View
from tests.unit.core.worlds import NOON, Table, an_event, feed, play

PEOPLE = (
    {"user_id": "u1"},
    {"user_id": "u1", "anonymous_id": "a1"},
    {"anonymous_id": "a1"},
    {"anonymous_id": "a2"},
    {"email": "x@y.se", "anonymous_id": "a2"},
    {"user_id": "u2", "email": "x@y.se"},
    {"anonymous_id": "a3"},
)
moments = st.integers(NOON - 40 * DAY_MS, NOON)
receipts = st.integers(NOON - 30 * DAY_MS, NOON)


@st.composite
def histories(draw: st.DrawFn):
    """Draw events with distinct ids, of several people whose identifiers meet in places."""
    events = []
    for number in range(draw(st.integers(1, 14))):
        who = draw(st.sampled_from(PEOPLE))
        at = draw(moments)
        shape = draw(st.sampled_from(["order", "view", "identify", "consent"]))
        id, received = f"m{number}", {"received_at": draw(receipts)}
        if shape == "order":
            cents = draw(st.integers(0, 99_999))
            properties = {"revenue": cents / 100}
            events.append(
                an_event(
                    id, name="Order Completed", at=at, who=who, properties=properties, **received
                )
            )
        elif shape == "view":
            events.append(an_event(id, at=at, who=who, **received))
        elif shape == "identify":
            traits = {draw(st.sampled_from("abc")): draw(st.sampled_from([1, "x", None]))}
            events.append(an_event(id, kind="identify", at=at, who=who, traits=traits, **received))
        else:
            name = draw(st.sampled_from(["Consent Granted", "Consent Withdrawn"]))
            events.append(an_event(id, name=name, at=at, who=who, **received))
    return events


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_any_order_repetition_and_batching_leaves_the_same_bytes(events, data):
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = data.draw(st.permutations(repeated))
    batch = data.draw(st.integers(1, 8))

    assert play(shuffled, batch=batch).states() == play(events).states()


@settings(max_examples=60, deadline=None)
@given(st.lists(moments, min_size=64, max_size=128, unique=True), st.data())
def test_spilling_what_left_the_longest_window_does_not_depend_on_order(instants, data):
    events = [
        an_event(
            f"m{i}",
            name="Order Completed",
            at=at,
            received_at=NOON,
            properties={"revenue": i + 0.1},
        )
        for i, at in enumerate(instants)
    ]

    assert play(data.draw(st.permutations(events))).states() == play(events).states()


def view_of(table: Table, now: int = NOON) -> View:
    (portrait,) = table.portraits().values()
    return portrait.view(Catalogue(), now)


def test_what_nobody_can_tell_any_more_is_set_aside_not_counted_twice():
    table = play([an_event("old", at=NOON - 36 * DAY_MS), an_event("new", at=NOON)])

    again = feed([an_event("old", at=NOON - 36 * DAY_MS)], table)

    assert again.rejected[0].reason == "too_old"
    assert view_of(table).count("Product Viewed", None) == 2


def test_an_order_leaves_the_exact_window_at_the_very_millisecond():
    table = play([an_event(name="Order Completed", at=NOON, properties={"revenue": "19.90"})])
    window = 30 * DAY_MS

    assert view_of(table, NOON + window - 1).count("Order Completed", window) == 1
    assert view_of(table, NOON + window).count("Order Completed", window) == 0


def test_sums_are_exact_where_floats_are_not():
    table = play(
        an_event(f"m{i}", name="Order Completed", properties={"revenue": 0.1}) for i in range(30)
    )

    assert view_of(table).total("Order Completed.revenue", None) == Decimal("3.0")


@pytest.mark.parametrize(
    "odd", ["1e9999999", "1e-9999999", "NaN", "-Infinity", "9" * 5000, True, {}]
)
def test_an_absurd_amount_counts_for_nothing_and_stops_nobody(odd):
    table = play([an_event(name="Order Completed", properties={"revenue": odd})])

    assert view_of(table).count("Order Completed", None) == 1
    assert view_of(table).total("Order Completed.revenue", None) == 0


def test_lifetime_totals_survive_the_spill_to_buckets():
    instants = [NOON - day * DAY_MS for day in range(3 * 64)]
    table = play(
        an_event(
            f"m{i}", name="Order Completed", at=at, received_at=NOON, properties={"revenue": 2}
        )
        for i, at in enumerate(instants)
    )

    assert view_of(table).total("Order Completed.revenue", None) == 2 * len(instants)


def test_null_removes_a_trait_and_older_news_does_not_bring_it_back():
    table = play(
        [
            an_event("m2", kind="identify", at=NOON, traits={"city": None}),
            an_event("m1", kind="identify", at=NOON - 1, traits={"city": "Umeå"}),
        ]
    )

    assert view_of(table).trait("city") is None
    assert "city" not in view_of(table).traits()


def test_an_empty_string_is_a_value_not_a_removal():
    table = play([an_event(kind="identify", traits={"city": ""})])

    assert view_of(table).trait("city") == ""


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["granted first", "withdrawn first"])
def test_a_withdrawal_wins_a_tie(order):
    said = [an_event("m1", name="Consent Granted"), an_event("m2", name="Consent Withdrawn")]

    assert view_of(play(said[i] for i in order)).consent("email", "marketing") == "withdrawn"


def test_consent_goes_by_the_clock_of_the_server_not_of_the_client():
    table = play(
        [
            an_event("m1", name="Consent Withdrawn", at=NOON, received_at=NOON),
            an_event("m2", name="Consent Granted", at=NOON + DAY_MS, received_at=NOON - 1),
        ]
    )

    assert view_of(table).consent("email", "marketing") == "withdrawn"


def test_leaving_a_channel_altogether_ends_each_purpose_on_it():
    table = play(
        [
            an_event("m1", name="Consent Granted", at=NOON - 1),
            an_event("m2", name="Unsubscribed", properties={"channel": "email", "purpose": "*"}),
        ]
    )

    assert view_of(table).consent("email", "marketing") == "withdrawn"


def test_a_hard_bounce_suppresses_and_a_soft_one_does_not():
    soft = play([an_event(name="Email Bounced", properties={"permanent": False})])
    hard = play([an_event(name="Email Bounced", properties={"permanent": True})])

    assert not view_of(soft).suppressed("email")
    assert view_of(hard).suppressed("email")


def test_a_strand_stays_bounded_whatever_is_sent():
    strand = Strand()
    for number in range(MAX_TRAITS + 50):
        traits = {f"t{number}": "x" * 2000, f"s{number}": 1}
        event = an_event(f"m{number}", kind="identify", at=NOON + number, traits=traits)
        strand.fold(event, number.to_bytes(6, "big"), {})

    assert len(strand.traits) == MAX_TRAITS
    assert not any(name.startswith("t") for name in strand.traits)
    assert len(strand.timeline) == 10


contacts = st.builds(
    Contact,
    id=st.just("c"),
    channel=st.just("email"),
    purpose=st.just("marketing"),
    campaign=st.sampled_from(["", "welcome"]),
    at=st.integers(0, 5),
    state=st.sampled_from(CONTACT_STATES),
    reason=st.just(""),
)


@given(st.lists(contacts, min_size=1, max_size=5), st.data())
def test_feedback_in_any_order_gives_the_furthest_state(states, data):
    def combine(items):
        known = None
        for contact in items:
            known = later(known, contact)
        return known

    assert combine(data.draw(st.permutations(states))) == combine(states)
    ranks = [CONTACT_STATES.index(contact.state) for contact in states]
    assert CONTACT_STATES.index(combine(states).state) == max(ranks)


OURS = Contact("c", "email", "marketing", "welcome", 3, "claimed")
FEEDBACK = [OURS._replace(campaign="", at=4, state=state) for state in CONTACT_STATES[5:]]


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ([OURS, OURS._replace(state="failed", reason="refused")], "refused"),
        ([OURS, OURS._replace(state="unknown", reason="lease_expired")], "lease_expired"),
        ([OURS._replace(reason="cap"), OURS._replace(state="sent", reason="cap")], "cap"),
        ([OURS._replace(state="held", reason="no_consent")], "no_consent"),
    ],
)
@given(st.lists(st.sampled_from(FEEDBACK), max_size=3), st.data())
def test_why_a_message_went_no_further_or_waited_stays_whatever_is_heard_of_it(
    ours, reason, feedback, data
):
    # What we say of it ourselves is written in order; what others say comes whenever it likes.
    heard = data.draw(st.permutations([*feedback, *["ours"] * len(ours)]))
    mine, known = iter(ours), None
    for one in heard:
        known = later(known, next(mine) if one == "ours" else one)

    assert known is not None
    assert (known.reason, known.campaign) == (reason, "welcome")
