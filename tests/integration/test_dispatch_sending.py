"""The dispatch function on a local AWS: from an event to a mail at SES, once, whoever races."""

import threading
import time
from collections import Counter
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from functions.dispatch.handler import handler as dispatch
from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait import unsubscribe
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.message import Message, encode_message
from portrait.store import definitions, journeys, portraits
from portrait.store.session import client
from portrait.view import View
from tests.integration.settling import entries, mails, settle, stream
from tests.integration.test_profile_function import a_batch
from tests.local_aws import SECRET, LocalAws
from tests.unit.core.campaigns import a_campaign, a_policy
from tests.unit.core.worlds import an_event

SENDER = "shop@example.se"
ANNA = "anna@mail.example"
TEMPLATE = {
    "kind": "template",
    "key": "thanks",
    "channel": "email",
    "subject": "Thank you, {{ customer.firstName | default: 'friend' }}",
    "text": "For {{ event.properties.revenue }}. Stop: {{ unsubscribe_url }}",
    "html": '<p>Thanks</p><a href="{{ unsubscribe_url }}">stop</a>',
}


class Context:
    """Lambda's context with time to spare."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(autouse=True)
def _on(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    monkeypatch.setenv("SENDER_EMAIL", SENDER)
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.se")
    publish(a_campaign(), a_policy(), TEMPLATE)


def publish(*documents: dict[str, Any]) -> None:
    known = {(d["kind"], d["key"]): d["version"] for d in definitions.load_all(consistent=True)}
    for document in documents:
        place = (document["kind"], document["key"])
        definitions.publish(document, now=now(), expected_version=known.get(place, 0))


def now() -> int:
    return time.time_ns() // 1_000_000


def tell(*events: Any) -> None:
    """Let the profile function hear of the events."""
    batch = a_batch(encode_envelope(events), sent_at=max(each.received_at for each in events))
    assert profile(batch, None) == {"batchItemFailures": []}


def anna_says_yes() -> None:
    who = {"user_id": "u1", "email": ANNA}
    traits = {"email": ANNA, "firstName": "Anna"}
    granted = {"channel": "email", "purpose": "marketing"}
    tell(
        an_event("i1", kind="identify", name="", at=now(), who=who, traits=traits),
        an_event("c1", name="Consent Granted", at=now(), who=who, properties=granted),
    )


def ask_for_messages(aws: LocalAws, *orders: str) -> list[Message]:
    """Let Anna order, and return what trigger puts on the queue for it."""
    who = {"user_id": "u1"}
    tell(
        *(
            an_event(id, name="Order Completed", at=now(), who=who, properties={"revenue": 150})
            for id in orders
        )
    )
    return settle(aws)


def became(aws: LocalAws, message: Message) -> str:
    """Return what the dossier says became of the message, and after a colon why."""
    settle(aws)
    entry = journeys.find(message.journey)
    assert entry is not None
    return str(entry.path.as_dict()[message.step])


def deliver(*messages: Message) -> list[str]:
    """Run dispatch on the messages; return the ids of the records that the queue must keep."""
    records = [{"messageId": m.id, "body": encode_message(m)} for m in messages]
    answer = dispatch({"Records": records}, Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def anna() -> View:
    record = portraits.follow(home(SECRET.encode(), "user_id", "u1"))
    assert record is not None
    return View(record.portrait, {}, now())


def contacts() -> Counter[str]:
    return Counter(contact.state for contact in anna().contacts)


def in_parallel(*work: Any) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_order_becomes_a_mail(aws: LocalAws):
    anna_says_yes()
    (message,) = ask_for_messages(aws, "o1")

    assert deliver(message) == []

    (mail,) = mails(aws)
    assert (mail["To"], mail["Source"]) == ([ANNA], SENDER)
    assert mail["Subject"] == "Thank you, Anna"
    assert mail["BodyText"].startswith("For 150. Stop: https://api.example.se/unsubscribe/")
    token = mail["BodyText"].rpartition("/")[2]
    what = unsubscribe.read(SECRET.encode(), token, now=now())
    assert what == (message.strand, message.id, "email", "marketing")
    assert became(aws, message) == "sent"
    assert contacts() == {"sent": 1}


def test_the_bus_will_hear_that_it_was_sent(aws: LocalAws):
    anna_says_yes()
    (message,) = ask_for_messages(aws, "o1")
    deliver(message)
    facts = []
    bus = client("events")
    bus.meta.events.register_first(
        "provide-client-params.events.PutEvents",
        lambda params, **_: facts.extend(entry["DetailType"] for entry in params["Entries"]),
    )

    trigger(stream(aws), None)

    assert facts.count("Message Sent") == 1


def test_a_batch_that_comes_again_sends_nothing_again(aws: LocalAws):
    anna_says_yes()
    messages = ask_for_messages(aws, "o1", "o2")

    for _ in range(3):
        assert deliver(*messages) == []

    assert len(mails(aws)) == 2
    assert contacts() == {"sent": 2}


def test_without_a_yes_nothing_is_sent(aws: LocalAws):
    tell(an_event("i1", kind="identify", name="", who={"user_id": "u1"}, traits={"email": ANNA}))
    (message,) = ask_for_messages(aws, "o1")

    assert deliver(message) == []

    assert mails(aws) == []
    assert became(aws, message) == "held:no_consent"


def test_the_same_message_in_many_hands_is_one_mail(aws: LocalAws):
    anna_says_yes()
    (message,) = ask_for_messages(aws, "o1")

    in_parallel(*[lambda: deliver(message)] * 8)

    assert len(mails(aws)) == 1
    assert contacts() == {"sent": 1}


def test_a_cap_holds_when_everybody_sends_at_once(aws: LocalAws):
    caps = [{"messages": 2, "window": "7d", "channel": "email"}]
    publish(a_policy(caps=caps))
    anna_says_yes()
    messages = ask_for_messages(aws, *(f"o{n}" for n in range(8)))
    assert len(messages) == 8

    in_parallel(*[lambda m=message: deliver(m) for message in messages])
    deliver(*messages)  # those that lost too many races come again

    assert len(mails(aws)) == 2
    outcomes = Counter(became(aws, message) for message in messages)
    assert outcomes == {"sent": 2, "held:cap": 6}  # a week is longer than they are worth saying


def test_a_throttled_message_is_kept_and_sent_when_it_comes_again(aws: LocalAws):
    anna_says_yes()
    (message,) = ask_for_messages(aws, "o1")
    answers = [429]

    def throttle(request: Any, **_: Any) -> AWSResponse | None:
        if not answers:
            return None
        headers = {"x-amzn-errortype": "TooManyRequestsException"}
        return AWSResponse(request.url, answers.pop(), headers, _Empty())

    client("sesv2", attempts=1).meta.events.register_first("before-send.sesv2.SendEmail", throttle)

    assert deliver(message) == [message.id]
    assert (contacts(), mails(aws)) == ({}, [])

    assert deliver(message) == []
    assert len(mails(aws)) == 1
    assert contacts() == {"sent": 1}


def test_a_sender_that_ses_does_not_know_fails_the_message(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
):
    anna_says_yes()
    (message,) = ask_for_messages(aws, "o1")
    aws.client("sesv2").delete_email_identity(EmailIdentity=SENDER)

    assert deliver(message) == []

    assert became(aws, message) == "failed:MessageRejected"
    assert contacts() == {"failed": 1}


def test_the_control_group_is_remembered_and_gets_nothing(aws: LocalAws):
    publish(a_campaign(control=1.0))
    anna_says_yes()
    assert ask_for_messages(aws, "o1") == []

    (entry,) = entries(aws, "thanks")
    assert entry["arm"] == {"S": "control"}
    assert anna().arms["thanks"] == "control"
    assert (mails(aws), contacts()) == ([], {})


class _Empty:
    def stream(self, *_: Any, **__: Any) -> Any:
        yield b"{}"
