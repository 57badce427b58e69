"""Contact policy: who may be written to, in which order the rules speak, and that caps hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.compiled import Cap, Policy, QuietHours
from portrait.contact_policy import Held, Ticket, Wait, judge
from portrait.strand import Contact
from tests.unit.dispatch.desks import NOW, Recipient, a_contact, a_message

HOUR = 3_600_000
DAY = 24 * HOUR


def test_a_ticket_is_the_claim_that_goes_into_the_portrait():
    verdict = judge(Recipient(), a_message(), Policy(), now=NOW)

    assert verdict == Ticket(Contact("a" * 24, "email", "marketing", "welcome", NOW, "claimed"))


# Every reason applies to this message; taking them away one by one shows the order.
EVERYTHING_WRONG = {
    "already_sent": {"contacts": [a_contact("a" * 24, state="failed")]},
    "control_group": {"arms": {"welcome": "control"}},
    "expired": {},
    "no_address": {"traits": {}},
    "suppressed": {"is_suppressed": True},
    "no_consent": {"consents": {"email:marketing": "withdrawn"}},
    "quiet_hours": {},
    "cap": {},
}


@pytest.mark.parametrize("first", EVERYTHING_WRONG)
def test_the_first_reason_in_the_documented_order_is_given(first):
    reasons = list(EVERYTHING_WRONG)
    wrong = reasons[reasons.index(first) :]
    recipient = Recipient(**{k: v for r in wrong for k, v in EVERYTHING_WRONG[r].items()})
    quiet = QuietHours(0, 1439, "UTC") if "quiet_hours" in wrong else None
    policy = Policy(caps=(Cap(0, HOUR),), quiet_hours=quiet)
    expires_at = NOW if "expired" in wrong else NOW + 1

    assert judge(recipient, a_message(expires_at=expires_at), policy, now=NOW) == Held(first)


def test_nobody_is_written_to_where_nobody_is():
    assert judge(None, a_message(), Policy(), now=NOW) == Held("erased")


@pytest.mark.parametrize("said", [None, "withdrawn"])
def test_silence_is_no_consent(said):
    recipient = Recipient(consents={"email:marketing": said, "email:other": "granted"})

    assert judge(recipient, a_message(), Policy(), now=NOW) == Held("no_consent")


def test_service_messages_need_no_consent_and_know_no_quiet_hours_or_caps():
    policy = Policy(caps=(Cap(0, HOUR),), quiet_hours=QuietHours(0, 1439, "UTC"))
    message = a_message(purpose="service", arms={"*": "control", "welcome": "treated"})
    recipient = Recipient(consents={}, arms={"*": "control"})

    assert isinstance(judge(recipient, message, policy, now=NOW), Ticket)


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        (Recipient(is_suppressed=True), "suppressed"),
        (Recipient(traits={}), "no_address"),
        (Recipient(arms={"welcome": "control"}), "control_group"),
    ],
    ids=["complained", "no address", "held out of this campaign"],
)
def test_service_messages_are_still_held_by(recipient, reason):
    assert judge(recipient, a_message(purpose="service"), Policy(), now=NOW) == Held(reason)


def test_a_webhook_to_an_own_system_needs_no_address_of_the_customer():
    message = a_message(channel="webhook", purpose="service")

    assert isinstance(judge(Recipient(traits={}), message, Policy(), now=NOW), Ticket)


@pytest.mark.parametrize(
    ("said", "verdict"), [(None, Ticket), ("granted", Ticket), ("withdrawn", Held)]
)
def test_a_pull_channel_disturbs_nobody_and_needs_no_consent_but_a_withdrawal_stands(said, verdict):
    policy = Policy(caps=(Cap(0, HOUR),), quiet_hours=QuietHours(0, 1439, "UTC"))
    recipient = Recipient(consents={"inbox:marketing": said}, traits={})

    assert isinstance(judge(recipient, a_message(channel="inbox"), policy, now=NOW), verdict)


@pytest.mark.parametrize(
    ("zone", "waits"),
    [
        ({"timezone": "America/New_York"}, False),  # 15:30 there
        ({"timezone": "Asia/Tokyo"}, True),  # 05:30 there
        ({"device_timezone": "America/New_York"}, False),
        ({"phone": "+15145551234"}, False),  # 12:30 in Vancouver, 17:00 in St. John's
        ({"phone": "+819012345678"}, True),
        ({"country": "Brazil"}, False),
        ({}, True),  # the policy's: 21:30 in Stockholm
    ],
    ids=lambda value: str(value),
)
def test_quiet_hours_are_those_of_the_recipient(zone, waits):
    evening = 1_768_077_000_000  # 2026-01-10 20:30 UTC
    policy = Policy(quiet_hours=QuietHours(21 * 60, 8 * 60, "Europe/Stockholm"))
    recipient = Recipient(traits={"email": "anna@example.se", **zone})

    verdict = judge(recipient, a_message(expires_at=evening + 2 * DAY), policy, now=evening)

    assert isinstance(verdict, Wait if waits else Ticket)


def test_only_the_channels_that_the_policy_names_fall_silent():
    night = QuietHours(0, 1439, "UTC", frozenset({"sms", "push"}))
    everybody = Recipient(
        traits={"email": "a@b.se", "sms": "+46701234567"},
        consents={"email:marketing": "granted", "sms:marketing": "granted"},
    )
    policy = Policy(quiet_hours=night)

    assert isinstance(judge(everybody, a_message(), policy, now=NOW), Ticket)
    assert judge(everybody, a_message(channel="sms"), policy, now=NOW) == Held("quiet_hours")


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ({}, a_message(arm="control")),
        ({}, a_message(arms={"*": "control"})),
        ({"welcome": "control"}, a_message()),
        ({"*": "control"}, a_message()),
    ],
    ids=["by the message", "by its programme", "of the campaign, since", "of the programme, since"],
)
def test_whoever_is_held_out_anywhere_is_held_out(arms, message):
    assert judge(Recipient(arms=arms), message, Policy(), now=NOW) == Held("control_group")


@pytest.mark.parametrize(("age", "free"), [(HOUR - 1, False), (HOUR, True)])
def test_a_window_ends_to_the_millisecond(age, free):
    recipient = Recipient(contacts=[a_contact(at=NOW - age)])

    verdict = judge(recipient, a_message(), Policy(caps=(Cap(1, HOUR),)), now=NOW)

    assert isinstance(verdict, Ticket) is free


@pytest.mark.parametrize(
    ("contact", "counts"),
    [
        (a_contact(state="failed"), False),
        (a_contact(state="unknown"), True),
        (a_contact(state="claimed"), True),
        (a_contact(state="bounced"), True),
        (a_contact(purpose="service"), False),
        (a_contact(purpose="news"), False),
        (a_contact(channel="sms"), False),
        (a_contact(campaign="", purpose=""), False),
        (a_contact(at=NOW + 5_000), True),
    ],
    ids=lambda value: value if isinstance(value, bool) else f"{value.state}-{value.purpose}",
)
def test_what_a_cap_counts(contact, counts):
    policy = Policy(caps=(Cap(1, HOUR, "email", "marketing"),))

    verdict = judge(Recipient(contacts=[contact]), a_message(), policy, now=NOW)

    assert isinstance(verdict, Ticket) is not counts
    assert counts is False or verdict.reason == "cap"


CHANNELS, PURPOSES = ("email", "webhook"), ("marketing", "news")
CAPS = st.builds(
    Cap,
    messages=st.integers(0, 4),
    window_ms=st.integers(1, 50),
    channel=st.sampled_from([None, *CHANNELS]),
    purpose=st.sampled_from([None, *PURPOSES]),
)
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.sampled_from(CHANNELS),
        st.sampled_from([*PURPOSES, "service"]),
        st.sampled_from(["claimed", "sent", "unknown", "failed"]),
    ),
    max_size=40,
)


@given(st.lists(CAPS, min_size=1, max_size=3), ATTEMPTS)
def test_no_cap_is_ever_exceeded_in_whatever_order_messages_are_judged(caps, attempts):
    everything = {
        f"{c}:{p}": "granted" for c in ("email", "webhook") for p in ("marketing", "news")
    }
    recipient = Recipient(consents=everything)
    policy = Policy(caps=tuple(caps))
    for number, (instant, channel, purpose, state) in enumerate(attempts):
        message = a_message(str(number), channel=channel, purpose=purpose)
        verdict = judge(recipient, message, policy, now=NOW + instant)
        if isinstance(verdict, Wait):
            assert verdict.until > NOW + instant
        if isinstance(verdict, Ticket):
            recipient.contacts.append(verdict.contact._replace(state=state))

    for cap in caps:
        instants = [
            contact.at
            for contact in recipient.contacts
            if contact.state != "failed" and contact.purpose != "service"
            and cap.channel in (None, contact.channel) and cap.purpose in (None, contact.purpose)
        ]  # fmt: skip
        for end in instants:
            inside = [instant for instant in instants if end - cap.window_ms < instant <= end]
            assert len(inside) <= cap.messages
