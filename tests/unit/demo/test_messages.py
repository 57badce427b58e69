"""Messages are held against what was due: to the right person, once, and nobody else."""

import pytest

from tests.demo import messages
from tests.demo.expectations import Entry
from tests.demo.measure import Email, Found
from tests.demo.receiver import Delivery, signing_key
from tests.demo.verdict import Expected
from tests.unit.demo.test_oracle import JOINED, YES, only, order

SECRET = b"stack secret"
ANNA = only(JOINED, YES, order("7", revenue=250))
WELCOME = Entry("welcome", ANNA, YES, "treated", frozenset({"sent"}))
THANKS = Entry("post_purchase", ANNA, order("7", revenue=250), "treated", frozenset({"sent"}))
LARGE = Entry("high_value_order", ANNA, order("7", revenue=250), "treated", frozenset({"sent"}))
HELD = Entry("welcome", ANNA, YES, "control", frozenset({"control_group"}))

WELCOME_MAIL = Email("who@example.com", "Welcome. Good to have you here", "Hello", 5)
THANKS_MAIL = Email(
    "who@example.com", "Thank you: how was it to shop with us?", "Its reference is 7; keep it", 6
)


def due(*entries: Entry) -> Expected:
    return Expected(0, [], 0, {}, [ANNA], list(entries))


def journey(campaign: str, outcome: str = "sent", reason: str = "", arm: str = "treated"):
    return {"home": ANNA.root, "campaign": campaign, "arm": arm, "outcome": outcome,
            "reason": reason}  # fmt: skip


def webhook(order: str = "7", revenue: float = 250, key: bytes | None = None) -> Delivery:
    body = f'{{"order": {{"id": "{order}", "revenue": {revenue}}}}}'.encode()
    unsigned = Delivery(9, "/", "id-1", "1700000000", "", body)
    return unsigned._replace(signature=unsigned.sign(key or signing_key(SECRET, messages.WEBHOOK)))


def test_what_was_due_and_came_is_right():
    expected = due(WELCOME, THANKS, LARGE)
    found = Found(
        journeys=[journey("welcome"), journey("post_purchase"), journey("high_value_order")],
        emails=[WELCOME_MAIL, THANKS_MAIL],
    )

    assert list(messages.journeys(expected, found)) == []
    assert list(messages.emails(expected, found)) == []
    assert list(messages.webhooks(expected, [webhook()], SECRET)) == []


@pytest.mark.parametrize(
    ("entries", "recorded"),
    [
        ([WELCOME], []),
        ([], [journey("welcome")]),
        ([WELCOME], [journey("welcome"), journey("welcome")]),
        ([WELCOME], [journey("welcome", arm="control")]),
        ([WELCOME], [journey("welcome", "held", "no_consent")]),
        ([HELD], [journey("welcome")]),
        ([WELCOME], [{"home": ANNA.root, "campaign": "welcome", "arm": "treated"}]),
        ([WELCOME], [journey("welcome") | {"home": "somewhere else"}]),
    ],
    ids=[
        "missing", "uncalled for", "entered twice", "wrong arm", "held", "not held", "undecided",
        "somebody else's",
    ],
)  # fmt: skip
def test_a_wrong_entry_is_noticed(entries, recorded):
    assert list(messages.journeys(due(*entries), Found(journeys=recorded)))


@pytest.mark.parametrize(
    ("entries", "sent"),
    [
        ([WELCOME], []),
        ([], [WELCOME_MAIL]),
        ([WELCOME], [WELCOME_MAIL, WELCOME_MAIL]),
        ([WELCOME], [WELCOME_MAIL._replace(to="other@example.com")]),
        ([HELD], [WELCOME_MAIL]),
        ([THANKS], [THANKS_MAIL._replace(text="Its reference is 8; keep it")]),
    ],
    ids=["missing", "uncalled for", "twice", "to another", "to the control group", "another order"],
)
def test_a_wrong_email_is_noticed(entries, sent):
    assert list(messages.emails(due(*entries), Found(emails=sent)))


def test_either_outcome_of_a_race_is_right_but_not_two_messages():
    race = WELCOME._replace(outcomes=frozenset({"sent", "no_consent"}))

    assert list(messages.emails(due(race), Found())) == []
    assert list(messages.emails(due(race), Found(emails=[WELCOME_MAIL]))) == []
    assert list(messages.emails(due(race), Found(emails=[WELCOME_MAIL, WELCOME_MAIL])))


@pytest.mark.parametrize(
    "deliveries",
    [
        [],
        [webhook(), webhook()],
        [webhook(), webhook("8")],
        [webhook(revenue=251)],
        [webhook(key=b"another key")],
        [webhook()._replace(body=b'{"order": {"id": "7", "revenue": 250 }}')],
    ],
    ids=["missing", "twice", "another order", "another sum", "another key", "changed on the way"],
)
def test_a_wrong_webhook_is_noticed(deliveries):
    assert list(messages.webhooks(due(LARGE), deliveries, SECRET))


def test_the_wait_is_from_the_sending_of_the_event_to_the_arrival_of_its_message():
    cause = YES._replace(at=1_000, age=500)
    expected = due(WELCOME._replace(cause=cause))
    found = Found(emails=[WELCOME_MAIL._replace(at=1_850)])

    assert list(messages.waits(expected, found, [])) == [350]
