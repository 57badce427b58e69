"""The timing of a message: the very first moment, after what is worth more, and told why."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.arbitration import Planned, plan
from portrait.compiled import Cap, Policy, QuietHours
from portrait.contact_policy import Held, Ticket, Wait, judge
from portrait.contact_timing import RETRY_MS, SPARE_MS
from portrait.quiet_hours import is_quiet
from portrait.strand import Contact
from portrait.tickets import LEASE_MS
from portrait.verdicts import SENTENCES, HeldReason, explain
from portrait.waiting import Waiting
from tests.unit.dispatch.desks import NOW, Recipient, a_contact, a_message

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
UTC = {"email": "anna@example.se", "timezone": "UTC"}
NIGHT = QuietHours(21 * 60, 8 * 60, "UTC")
NIGHTFALL = NOW + 10 * HOUR  # 22:00 UTC
MORNING = NIGHTFALL + 10 * HOUR
ONE_A_WEEK = Policy(caps=(Cap(1, 7 * DAY, "email"),))


def rival(id="r", **fields):
    given_ = Planned(id, "email", "marketing", "basket", 5, NOW, NOW + 30 * DAY)
    return given_._replace(**fields)


def a_waiting(since):
    return Waiting("j", "welcome", 1, "say", "email", "t", "marketing", 1, 0, 0, 0, since, 0, "cap")


def a_verdict(contacts=(), rivals: Iterable[Planned] = (), policy=ONE_A_WEEK, now=NOW, **fields):
    recipient = Recipient(contacts=list(contacts), traits=UTC)
    message = a_message(**{"expires_at": now + 3 * DAY, "value": 1, **fields})
    return judge(recipient, message, policy, now=now, rivals=tuple(rivals))


# --- Alone ---


def test_at_night_it_waits_until_the_morning():
    policy = Policy(quiet_hours=NIGHT)

    assert a_verdict(policy=policy, now=NIGHTFALL) == Wait(MORNING, "quiet_hours")
    assert isinstance(a_verdict(policy=policy, now=MORNING), Ticket)


def test_under_a_spent_cap_it_waits_until_a_contact_leaves_the_window():
    contacts = [a_contact(at=NOW - 5 * DAY), a_contact("c" * 24, at=NOW - 6 * DAY)]

    verdict = a_verdict(contacts, policy=Policy(caps=(Cap(2, 7 * DAY), Cap(9, DAY))))

    assert verdict == Wait(NOW + DAY, "cap")
    assert verdict.cap == Cap(2, 7 * DAY)


@pytest.mark.parametrize(
    ("age", "until", "reason"),
    [
        (7 * DAY - 5 * HOUR, MORNING, "quiet_hours"),  # free at 03:00, and so by the morning
        (7 * DAY - 10 * HOUR - 1, MORNING + 1, "cap"),
        (7 * DAY - 24 * HOUR, MORNING + 24 * HOUR, "cap"),  # free at 22:00, when it is night again
    ],
)
def test_night_and_cap_are_waited_for_together(age, until, reason):
    policy = Policy(caps=ONE_A_WEEK.caps, quiet_hours=NIGHT)

    verdict = a_verdict([a_contact(at=NIGHTFALL - age)], policy=policy, now=NIGHTFALL)

    assert verdict == Wait(until, reason)


@pytest.mark.parametrize(
    ("policy", "contacts", "reason"),
    [
        (Policy(quiet_hours=NIGHT), [], "quiet_hours"),
        (ONE_A_WEEK, [a_contact(at=NIGHTFALL - DAY)], "cap"),
        (Policy(caps=(Cap(0, HOUR),)), [], "cap"),
    ],
    ids=["night", "cap", "a cap of none"],
)
def test_what_has_no_moment_before_it_expires_is_held_at_once(policy, contacts, reason):
    verdict = a_verdict(contacts, policy=policy, now=NIGHTFALL, expires_at=MORNING)

    assert verdict == Held(reason)


def test_a_claim_may_yet_prove_to_be_nothing_that_left():
    claimed = a_contact(at=NOW - 10, state="claimed")

    assert a_verdict([claimed]) == Wait(NOW - 10 + LEASE_MS, "cap")
    assert a_verdict([claimed], now=NOW - 10 + LEASE_MS) == Held("cap")
    assert isinstance(a_verdict([claimed._replace(state="failed")]), Ticket)


# --- With others ---


@pytest.mark.parametrize(("since", "verdict"), [(NOW - 9, Ticket), (NOW - 7, Wait)])
def test_of_two_that_are_worth_the_same_the_one_that_waited_longer_goes(since, verdict):
    other = rival(value=1, since=NOW - 8)
    recipient = Recipient(traits=UTC, waiting={"a" * 24: a_waiting(since)})
    message = a_message(value=1, expires_at=NOW + 30 * DAY)

    assert isinstance(judge(recipient, message, ONE_A_WEEK, now=NOW, rivals=[other]), verdict)


@pytest.mark.parametrize(
    "other",
    [
        rival(value=1, id="z"),  # as much, and as ready: the id decides
        rival(value=1, not_before=NOW + 1),
        rival(value=0.5),
        rival(id="a" * 24),  # itself
        rival(expires_at=NOW),
        rival(channel="sms"),  # another cap
        rival(purpose="service"),
        rival(channel="inbox"),
        rival(purpose="news"),  # no consent
        rival(campaign="held_out"),
        rival(not_before=NOW + 7 * DAY),  # there is room for both
    ],
    ids=lambda each: str(each[1:6]),
)
def test_a_rival_takes_no_place_where_it(other):
    recipient = Recipient(
        traits={**UTC, "sms": "+46701234567"}, arms={"held_out": "control"},
        consents={"email:marketing": "granted", "sms:marketing": "granted"},
    )  # fmt: skip
    message = a_message(value=1)

    verdict = judge(recipient, message, ONE_A_WEEK, now=NOW, rivals=[other])

    assert isinstance(verdict, Ticket)


def test_one_that_cannot_be_reached_takes_no_place_on_the_channels_of_others():
    everywhere = Policy(caps=(Cap(1, 7 * DAY),))
    consents = {"email:marketing": "granted", "sms:marketing": "granted"}
    by_text = rival(channel="sms")

    for traits, verdict in ((UTC, Ticket), ({**UTC, "sms": "+46701234567"}, Wait)):
        recipient = Recipient(traits=traits, consents=consents)
        message = a_message(value=1, expires_at=NOW + 3 * DAY)
        assert isinstance(judge(recipient, message, everywhere, now=NOW, rivals=[by_text]), verdict)


def test_where_it_can_go_after_what_is_worth_more_it_waits_for_that_moment():
    verdict = a_verdict(rivals=[rival(not_before=NOW + DAY)], expires_at=NOW + 9 * DAY)

    assert verdict == Wait(NOW + 8 * DAY, "outranked")
    assert verdict.rival == "basket"


def test_a_message_that_comes_later_in_the_window_keeps_its_place_if_it_is_worth_more():
    later = rival(not_before=NOW + 2 * DAY)

    verdicts = [a_verdict(rivals=[later], now=now, expires_at=NOW + 3 * DAY) for now in (
        NOW, NOW + 2 * DAY + RETRY_MS, NOW + 3 * DAY - SPARE_MS,
    )]  # fmt: skip

    assert verdicts == [
        Wait(NOW + 2 * DAY + RETRY_MS, "outranked"),  # when it is known what became of the other
        Wait(NOW + 2 * DAY + 2 * RETRY_MS, "outranked"),  # it is late, but not gone
        Held("outranked"),
    ]
    assert isinstance(a_verdict(now=NOW + 2 * DAY + RETRY_MS), Ticket)  # it vanished


def test_what_may_only_be_kept_back_waits_until_shortly_before_it_expires_by_day():
    later = rival(not_before=NOW + 6 * DAY)
    policy = Policy(caps=ONE_A_WEEK.caps, quiet_hours=NIGHT)

    by_day = a_verdict(rivals=[later], policy=policy, expires_at=NOW + 3 * HOUR)
    at_night = a_verdict(rivals=[later], policy=policy, expires_at=NIGHTFALL + HOUR)

    assert by_day == Wait(NOW + 3 * HOUR - SPARE_MS, "outranked")
    assert NIGHTFALL - HOUR - RETRY_MS <= at_night.until < NIGHTFALL - HOUR  # 21:00
    assert not is_quiet(at_night.until, NIGHT, ("UTC",))


def test_it_is_not_tried_before_it_could_go_even_if_the_others_vanished():
    later = rival(not_before=NIGHTFALL + HOUR)
    policy = Policy(caps=ONE_A_WEEK.caps, quiet_hours=NIGHT)

    assert a_verdict(rivals=[later], policy=policy, now=NIGHTFALL).until == MORNING + RETRY_MS
    early = a_verdict(
        [a_contact(at=NOW - 6 * DAY)], [rival(not_before=NOW + DAY)], expires_at=NOW + 2 * DAY
    )
    assert early.until == NOW + DAY + RETRY_MS


ROWS = st.tuples(
    st.integers(0, 3), st.integers(0, 72), st.integers(1, 96), st.sampled_from(["email", "sms"])
)
TABLE = st.lists(ROWS, min_size=1, max_size=6)
LIMITS = st.lists(
    st.builds(
        Cap, st.integers(1, 2), st.sampled_from([6 * HOUR, DAY, 3 * DAY, None]),
        st.sampled_from([None, "email"]),
    ),
    max_size=3,
)  # fmt: skip


@given(TABLE, LIMITS, st.sampled_from([None, NIGHT]))
def test_what_is_judged_again_when_it_should_be_goes_exactly_as_planned(rows, caps, quiet):
    """Every message waits as it is told to; nothing else happens. All go at the planned moment,
    those without a place are held in the end, and no place is given twice.
    """
    policy = Policy(caps=tuple(caps), quiet_hours=quiet)
    recipient = Recipient(
        traits={**UTC, "sms": "+46701234567"},
        consents={"email:marketing": "granted", "sms:marketing": "granted"},
    )
    planned = [
        Planned(str(n), channel, "marketing", "welcome", value, NOW + start * HOUR,
                NOW + (start + length) * HOUR)
        for n, (value, start, length, channel) in enumerate(rows)
    ]  # fmt: skip
    expected = plan([], planned, policy, now=NOW, zone=("UTC",))

    due = {one.id: one.not_before for one in planned}
    went: dict[str, int | None] = {}
    tries = 0
    while due:
        tries += 1
        assert tries < 2_000
        id_ = min(due, key=lambda each: (due[each], each))
        one, now = planned[int(id_)], due.pop(id_)
        message = a_message(
            id_, channel=one.channel, value=one.value, expires_at=one.expires_at, campaign="welcome"
        )
        rivals = [
            each._replace(not_before=max(due[each.id], now), since=each.not_before)
            for each in planned if each.id in due
        ]  # fmt: skip
        verdict = judge(recipient, message, policy, now=now, rivals=rivals)
        if isinstance(verdict, Wait):
            assert now < verdict.until < one.expires_at
            recipient.waiting.setdefault(id_, a_waiting(since=now))
            due[id_] = verdict.until
        elif isinstance(verdict, Ticket):
            recipient.contacts.append(verdict.contact._replace(state="sent"))
            went[id_] = now
        else:
            went[id_] = None

    assert went == expected


# --- In words ---


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Held("cap", Cap(3, 7 * DAY, "email", "marketing")),
            "It would have been one more than the 3 e-mails of purpose marketing "
            "allowed within 7 days.",
        ),
        (
            Wait(NOW, "cap", Cap(1, None, "sms")),
            "It would have been one more than the 1 text message allowed on one day.",
        ),
        (
            Wait(NOW, "cap", Cap(4, HOUR)),
            "It would have been one more than the 4 messages allowed within 1 hour.",
        ),
        (
            Wait(NOW, "outranked", rival="basket"),
            "The place that the policy leaves is kept for basket, which is worth more.",
        ),
        (
            Wait(NOW, "quiet_hours"),
            "It is quiet between 21:00 and 08:00 by the customer's clock.",
        ),
        (Held("erased"), SENTENCES["erased"]),
        (Ticket(Contact("a", "email", "m", "c", NOW, "claimed")), "Nothing is against it."),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_every_verdict_can_be_told_to_people(verdict, sentence):
    assert explain(verdict, a_message(), Policy(quiet_hours=NIGHT)) == sentence


def test_every_reason_has_a_sentence():
    assert set(SENTENCES) == set(HeldReason.__args__)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
