"""Offers in a portrait: answers fold in any order, and leave one state wherever they are heard."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait import offers
from portrait.event import Event
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.waiting import MAX_OFFERS, Offer
from tests.unit.core.worlds import METRICS, NOON, an_event

NAMES = ("Offer Shown", "Offer Snoozed", "Offer Declined", "Offer Accepted")
OFFER = Offer(
    "j1", "winback", "coffee", "offer", ("web", "till"), "marketing", 1.0, NOON, NOON + 14 * DAY_MS,
    {"title": "Coffee"},
)  # fmt: skip
HOMES = ("a1", "u1")

answers = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.integers(NOON, NOON + 5),
        st.sampled_from(("x", "y")),
        st.sampled_from(HOMES),
    ),
    max_size=8,
)


def an_answer(name: str, at: int, id: str = "x") -> Event:
    return an_event(name=name, at=at, properties={"message_id": id, "channel": "till"})


def folded(said: list[tuple[int, tuple[str, int, str, str]]], *, offered_first: bool) -> Portrait:
    """Return the portrait of somebody who was offered x, and said all that, in that order."""
    portrait = Portrait("a1")
    if offered_first:
        portrait.strand("a1").offers["x"] = OFFER
    for number, (name, at, id_, home) in said:
        message = number.to_bytes(6, "big")
        portrait.strand(home).fold(an_answer(name, at, id_), message, METRICS)
    if not offered_first:
        offers.place(portrait, "a1", "x", OFFER, NOON)
    return Portrait.decode("a1", portrait.encode())


@given(answers, st.data())
def test_answers_leave_the_same_bytes_in_any_order_and_however_often(said, data):
    numbered = list(enumerate(said))
    shuffled = data.draw(st.permutations(numbered + numbered[:3]))

    once = folded(numbered, offered_first=True)
    again = folded(shuffled, offered_first=True)

    assert once.encode() == again.encode()


@given(answers, st.data())
def test_it_does_not_matter_where_an_answer_is_heard_nor_whether_the_offer_was_there(said, data):
    numbered = list(enumerate(said))
    elsewhere = [
        (number, (name, at, id_, data.draw(st.sampled_from(HOMES))))
        for number, (name, at, id_, _) in numbered
    ]

    here = offers.together(folded(numbered, offered_first=True).strands.values())
    there = offers.together(folded(elsewhere, offered_first=False).strands.values())

    assert here == there


@given(answers)
def test_the_state_is_what_a_plain_list_says(said):
    mine = [(name, at) for name, at, id_, _ in said if id_ == "x"]
    one = offers.together(folded(list(enumerate(said)), offered_first=True).strands.values())["x"]

    accepted = [at for name, at in mine if name == "Offer Accepted"]
    declined = [at for name, at in mine if name == "Offer Declined"]
    snoozed = [at for name, at in mine if name == "Offer Snoozed"]
    state = "accepted" if accepted else "declined" if declined else "open"
    assert one.state == state
    assert one.answered_at == min(accepted or declined or [0])
    assert one.hidden_until == (max(snoozed) + DAY_MS if snoozed else 0)
    assert one._replace(state="open", answered_at=0, snoozed_at=0) == OFFER


@pytest.mark.parametrize(
    "order", [*permutations(("Offer Accepted", "Offer Shown", "Offer Snoozed"))]
)
def test_a_late_word_does_not_bring_back_what_was_accepted(order):
    portrait = folded(
        [(n, (name, NOON, "x", "a1")) for n, name in enumerate(order)], offered_first=True
    )
    known = offers.together(portrait.strands.values())

    assert list(offers.showing(known, "web", NOON + 2 * DAY_MS)) == []
    assert portrait.strands["a1"].contacts["x"].state == "accepted"


def test_what_a_screen_shows_is_not_in_the_customers_timeline():
    portrait = folded([(0, ("Offer Shown", NOON, "x", "a1"))], offered_first=True)
    assert portrait.strands["a1"].timeline == []


def test_nonsense_about_offers_leaves_no_offer():
    portrait = Portrait("a1")
    for number, properties in enumerate(({}, {"message_id": 7}, {"message_id": "x" * 200})):
        event = an_event(name="Offer Accepted", properties=properties)
        portrait.strand("a1").fold(event, bytes(5) + bytes([number]), METRICS)
    assert portrait.strands["a1"].offers == {}


def test_answers_to_offers_that_nobody_knows_are_bounded_and_never_cost_an_offer():
    said = [(n, ("Offer Accepted", NOON + n, f"id{n}", "a1")) for n in range(100)]
    strand = folded(said, offered_first=True).strands["a1"]

    assert len(strand.offers) == MAX_OFFERS + 1
    assert strand.offers["x"] == OFFER
    assert "id99" in strand.offers


def test_of_too_many_offers_the_answered_go_first_then_the_least_valuable_then_the_oldest():
    portrait = Portrait("a1")
    for n in range(MAX_OFFERS):
        assert offers.place(portrait, "a1" if n % 2 else "u1", f"o{n:02}", a_worth(2, n), NOON)
    portrait.strand("u1").fold(an_answer("Offer Declined", NOON, "o05"), bytes(6), METRICS)

    assert offers.place(portrait, "a1", "p1", a_worth(1, 90), NOON)
    known = offers.together(portrait.strands.values())
    assert "o05" not in known
    assert offers.place(portrait, "a1", "p2", a_worth(2, 91), NOON)
    assert "p1" not in offers.together(portrait.strands.values())
    assert offers.place(portrait, "a1", "p3", a_worth(2, 92), NOON)
    assert "o00" not in offers.together(portrait.strands.values())
    assert not offers.place(portrait, "a1", "p4", a_worth(1, 93), NOON)
    known = offers.together(portrait.strands.values())
    assert len(known) == MAX_OFFERS
    assert "p4" not in known


def a_worth(value: float, at: int) -> Offer:
    return OFFER._replace(value=value, at=NOON + at)


def test_what_expired_is_forgotten_and_an_answer_is_remembered_for_two_weeks():
    portrait = folded([(0, ("Offer Accepted", NOON, "x", "u1"))], offered_first=True)
    portrait.strand("a1").offers["y"] = OFFER._replace(expires_at=NOON + DAY_MS)
    portrait.strand("a1").offers["z"] = OFFER._replace(expires_at=NOON + 99 * DAY_MS)

    def known(after_days: int) -> set[str]:
        offers.forget(portrait, NOON + after_days * DAY_MS)
        return set(offers.together(portrait.strands.values()))

    assert known(0) == {"x", "y", "z"}
    assert known(1) == {"x", "z"}
    assert known(13) == {"x", "z"}
    assert known(14) == {"z"}
    assert portrait.strands["u1"].offers == {}


def test_what_is_worth_more_is_shown_first_and_then_the_older():
    known = {"a": a_worth(1, 0), "b": a_worth(3, 9), "c": a_worth(3, 5), "d": a_worth(2, 0)}
    assert [id_ for id_, _ in offers.showing(known, "till", NOON)] == ["c", "b", "d", "a"]


@pytest.mark.parametrize(
    ("offer", "channel", "after_ms", "shown"),
    [
        (OFFER, "web", 0, True),
        (OFFER, "app", 0, False),
        (OFFER, "web", 14 * DAY_MS - 1, True),
        (OFFER, "web", 14 * DAY_MS, False),
        (OFFER._replace(snoozed_at=NOON), "web", DAY_MS - 1, False),
        (OFFER._replace(snoozed_at=NOON), "web", DAY_MS, True),
        (OFFER._replace(snoozed_at=NOON, snooze_ms=5), "web", 5, True),
        (OFFER._replace(state="declined"), "web", 0, False),
    ],
)
def test_an_offer_is_shown_where_and_while_it_waits(offer, channel, after_ms, shown):
    assert bool(list(offers.showing({"x": offer}, channel, NOON + after_ms))) is shown


def test_what_a_dialogue_has_on_offer_is_withdrawn_but_not_what_was_answered():
    portrait = folded([(0, ("Offer Accepted", NOON, "x", "u1"))], offered_first=True)
    strand = portrait.strand("u1")
    strand.offers["y"] = OFFER
    strand.offers["z"] = OFFER._replace(journey="j2")

    assert offers.withdraw(portrait, "j1")
    assert set(offers.together(portrait.strands.values())) == {"x", "z"}
    assert not offers.withdraw(portrait, "j1")
