"""What becomes of messages leaves one strand, in whatever order and how often it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.feedback import (
    CHANNEL,
    FEEDBACK,
    FROM_APPS,
    MACHINE,
    RESERVED,
    by_machine,
    is_reserved,
    link_clicked,
)
from portrait.metrics import DAY_MS, Metric
from portrait.state import State, encode
from portrait.strand import CONTACT_STATES, Contact, Strand
from tests.unit.core.worlds import NOON, an_event

MESSAGES = ("m-email", "m-sms", "m-push", "m-offer")
TOLD = st.tuples(
    st.sampled_from(sorted(FEEDBACK.keys() | MACHINE | {"Consent Withdrawn"})),
    st.sampled_from([*MESSAGES, None, "", "x" * 129, 7, ["m-email"]]),
    st.sampled_from(["email", "sms", "push", "web", "till", "*", None, 5, "c" * 40]),
    st.booleans() | st.none(),
    st.integers(0, 80 * DAY_MS // 3_600_000),
)
METRICS = {
    "Email Opened": (Metric("opens", "Email Opened"),),
    "Email Link Clicked": (Metric("clicks", "Email Link Clicked"),),
}


def strand():
    """Return the strand of somebody to whom four messages were sent."""
    found = Strand()
    for number, id_ in enumerate(MESSAGES):
        found.set_contact(
            Contact(id_, id_[2:], "marketing", "welcome", NOON - 80 * DAY_MS + number, "sent")
        )
    return found


def events(told):
    for number, (name, message, channel, permanent, hours) in enumerate(told):
        properties = {"message_id": message, "channel": channel, "permanent": permanent}
        at = NOON - hours * 3_600_000
        yield an_event(f"e{number}", name=name, at=at, received_at=NOON, properties=properties)


def folded(heard):
    found = strand()
    for event in heard:
        found.fold(event, event.id.encode().ljust(6, b"\0"), METRICS)
    return found


def test_every_state_that_feedback_brings_is_one_that_contacts_have():
    assert set(FEEDBACK.values()) <= set(CONTACT_STATES)
    assert CHANNEL.keys() == FEEDBACK.keys()


@given(st.lists(TOLD, max_size=14), st.data())
def test_any_order_and_repetition_leaves_the_same_bytes(told, data):
    heard = list(events(told))
    again = heard + (data.draw(st.lists(st.sampled_from(heard), max_size=6)) if heard else [])

    shuffled = folded(data.draw(st.permutations(again)))

    assert encode(State({"h": shuffled})) == encode(State({"h": folded(heard)}))


@given(st.lists(TOLD, max_size=14))
def test_a_channel_is_suppressed_by_a_complaint_or_a_hard_bounce_on_it_and_by_nothing_else(told):
    heard = list(events(told))

    expected = {
        CHANNEL[event.name]
        for event in heard
        if FEEDBACK.get(event.name) == "complained"
        or (FEEDBACK.get(event.name) == "bounced" and event.properties["permanent"])
    }
    assert folded(heard).suppressed.keys() == expected


@given(st.lists(TOLD, max_size=14))
def test_the_furthest_state_stands(told):
    heard = list(events(told))

    for id_, contact in folded(heard).contacts.items():
        reached = {"sent"} if id_ in MESSAGES else set()
        reached |= {
            FEEDBACK[event.name]
            for event in heard
            if event.name in FEEDBACK and event.properties["message_id"] == id_
        }
        assert contact.state == max(reached, key=CONTACT_STATES.index)


@pytest.mark.parametrize("name", sorted(MACHINE))
def test_what_a_machine_did_moves_no_contact_fills_no_timeline_and_is_counted_by_nothing(name):
    before = strand()
    properties = {"message_id": "m-email", "channel": "email", "permanent": True}

    after = folded([an_event("e1", name=name, at=NOON, properties=properties)])

    assert after.events == 1
    assert (after.contacts, after.suppressed, after.series, after.timeline) == (
        before.contacts,
        {},
        {},
        [],
    )


def test_whoever_asks_for_machines_by_name_hears_of_them():
    name = by_machine("Email Opened")
    found = Strand()

    found.fold(an_event("e1", name=name), b"e1", {name: (Metric("machines", name),)})

    assert found.series.keys() == {"machines"}


def test_no_sender_decides_which_channel_bounced():
    properties = {"channel": "email", "permanent": True}

    found = folded([an_event("e1", name="SMS Failed", properties=properties)])

    assert found.suppressed == {"sms": NOON}


@pytest.mark.parametrize(
    ("name", "permanent", "suppressed"),
    [
        ("Email Bounced", True, ["email"]),
        ("Email Bounced", False, []),
        ("Email Marked as Spam", False, ["email"]),
        ("SMS Failed", True, ["sms"]),
        ("SMS Failed", False, []),
        ("Push Notification Bounced", True, ["push"]),
        ("Webhook Declined", True, []),
        ("Offer Declined", True, []),
    ],
)
def test_what_suppresses_a_channel(name, permanent, suppressed):
    found = folded([an_event("e1", name=name, properties={"permanent": permanent})])

    assert list(found.suppressed) == suppressed


def test_a_declined_offer_that_was_taken_after_all_is_taken():
    told = [
        ("Offer Accepted", "m-offer"),
        ("Offer Declined", "m-offer"),
        ("Offer Shown", "m-offer"),
    ]
    heard = [
        an_event(f"e{n}", name=name, properties={"channel": "web", "message_id": id_})
        for n, (name, id_) in enumerate(told)
    ]

    contact = folded(heard).contacts["m-offer"]

    assert (contact.state, contact.campaign, contact.channel) == ("accepted", "welcome", "offer")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_no_browser_says_what_became_of_a_message(name):
    assert is_reserved(name, "browser")
    assert is_reserved(name, "mobile") is (name not in FROM_APPS)
    assert not is_reserved(name, "server")
    assert not is_reserved(name, "queue")


def test_other_events_are_for_everybody_to_say():
    for name in (None, "", "Order Completed", "email opened", "Consent Withdrawn", "Unsubscribed"):
        assert not is_reserved(name, "browser")


def test_a_click_is_known_of_every_channel():
    for channel in ("email", "sms", "push", "webhook", "inbox", "anything"):
        assert FEEDBACK[link_clicked(channel)] == "clicked"
