"""Messages are held against what was due: to the right person, once, and nobody else."""

from dataclasses import replace

import pytest

from tests.demo import dossiers, messages
from tests.demo.expectations import Entry
from tests.demo.measure import Email, Found
from tests.demo.receiver import Delivery, signing_key
from tests.demo.verdict import Expected
from tests.unit.demo.test_oracle import JOINED, YES, only, order

SECRET = b"stack secret"
ANNA = only(JOINED, YES, order("7", revenue=250))


def entry(campaign: str, cause, step: str, *words: str, arm: str = "treated", left="done") -> Entry:
    path = {step: frozenset(words)} if words else {}
    return Entry(campaign, ANNA, cause, 0, arm, cause.at, cause.sent_at, path, left=left)


ORDERED = order("7", revenue=250)
WELCOME = entry("onboarding", YES, "welcome", "sent", left="")
THANKS = entry("post_purchase", ORDERED, "thanks", "sent")
LARGE = entry("high_value_order", ORDERED, "desk", "sent")
CONTROL = entry("onboarding", YES, "welcome", arm="control", left="")

WELCOME_MAIL = Email("who@example.com", "Welcome. Good to have you here", "Hello", 5)
THANKS_MAIL = Email(
    "who@example.com", "Thank you: how was it to shop with us?", "Its reference is 7; keep it", 6
)


def due(*entries: Entry) -> Expected:
    return Expected(0, [], 0, {}, [ANNA], list(entries), {})


def journey(campaign: str, path: dict[str, str], arm: str = "treated", left: str = "", **more):
    item = {"home": ANNA.root, "campaign": campaign, "arm": arm, "entered_at": 1, "path": path}
    return item | ({"left_by": left} if left else {}) | more


GREETED = journey("onboarding", {"welcome": "sent"})
THANKED = journey("post_purchase", {"thanks": "sent"}, left="done")
DESK = journey("high_value_order", {"desk": "sent"}, left="done")


def webhook(order: str = "7", revenue: float = 250, key: bytes | None = None) -> Delivery:
    body = f'{{"order": {{"id": "{order}", "revenue": {revenue}}}}}'.encode()
    unsigned = Delivery(9, "/", "id-1", "1700000000", "", body)
    return unsigned._replace(signature=unsigned.sign(key or signing_key(SECRET, messages.WEBHOOK)))


def test_what_was_due_and_came_is_right():
    expected = due(WELCOME, THANKS, LARGE)
    held = {"key": "may let in", "happening": b""}
    found = Found(journeys=[GREETED, THANKED, DESK, held], emails=[WELCOME_MAIL, THANKS_MAIL])

    assert list(dossiers.journeys(expected, found)) == []
    assert list(messages.emails(expected, found)) == []
    assert list(messages.webhooks(expected, [webhook()], SECRET)) == []


@pytest.mark.parametrize(
    ("entries", "recorded"),
    [
        ([WELCOME], []),
        ([], [GREETED]),
        ([WELCOME], [GREETED, GREETED]),
        ([WELCOME], [GREETED | {"arm": "control"}]),
        ([WELCOME], [journey("onboarding", {"welcome": "held:no_consent"})]),
        ([CONTROL], [GREETED]),
        ([WELCOME], [journey("onboarding", {})]),
        ([WELCOME], [GREETED | {"home": "somewhere else"}]),
        ([WELCOME], [GREETED | {"goal_at": 5}]),
        ([WELCOME], [GREETED | {"left_by": "done"}]),
        ([WELCOME], [journey("onboarding", {"welcome": "sent", "first_order": "sent"})]),
    ],
    ids=[
        "missing", "uncalled for", "entered twice", "wrong arm", "held", "not left alone",
        "undecided", "somebody else's", "a goal nobody reached", "over too soon", "a step too many",
    ],
)  # fmt: skip
def test_a_wrong_entry_is_noticed(entries, recorded):
    assert list(dossiers.journeys(due(*entries), Found(journeys=recorded)))


@pytest.mark.parametrize(
    ("entries", "sent"),
    [
        ([WELCOME], []),
        ([], [WELCOME_MAIL]),
        ([WELCOME], [WELCOME_MAIL, WELCOME_MAIL]),
        ([WELCOME], [WELCOME_MAIL._replace(to="other@example.com")]),
        ([CONTROL], [WELCOME_MAIL]),
        ([THANKS], [THANKS_MAIL._replace(text="Its reference is 8; keep it")]),
    ],
    ids=["missing", "uncalled for", "twice", "to another", "to the control group", "another order"],
)
def test_a_wrong_email_is_noticed(entries, sent):
    assert list(messages.emails(due(*entries), Found(emails=sent)))


def test_either_outcome_of_a_race_is_right_but_not_two_messages():
    race = entry("onboarding", YES, "welcome", "sent", "held:no_consent", left="")

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
    expected = due(replace(WELCOME, since=1_500))
    found = Found(emails=[WELCOME_MAIL._replace(at=1_850)])

    assert list(messages.waits(expected, found, [])) == [350]
