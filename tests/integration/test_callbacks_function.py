"""What comes back over HTTP reaches the portrait of whom the message was for, once."""

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from functions.callbacks.handler import handler, logger
from functions.profile.handler import handler as profile
from portrait import links
from portrait.channels.signing import sign, signing_secret
from portrait.event import decode_envelope, encode_envelope
from portrait.happening import happening
from portrait.identity import home
from portrait.judgement import told_again
from portrait.links import Click
from portrait.record import Record
from portrait.seen import message_hash
from portrait.store import definitions, portraits
from portrait.view import View
from tests.local_aws import SECRET, LocalAws
from tests.unit.core.worlds import an_event

ENVELOPES = Path(__file__).parents[2] / "events" / "callbacks"
MESSAGE = "5f2b8c0e9a7d4136b1c2d3e4"
HOOK = {
    "kind": "template",
    "key": "loyalty_call",
    "channel": "webhook",
    "url": "https://crm.example/hook",
    "body": "{}",
}
STRAND = home(SECRET.encode(), "user_id", "u1")


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    """A customer who is known by a number as well, and to whom a message was sent."""
    definitions.publish(HOOK, now=now(), expected_version=0)
    who = {"user_id": "u1", "phone": "+46701740605"}
    delivered = {"message_id": MESSAGE, "channel": "email"}
    tell(
        aws,
        encode_envelope(
            (
                an_event("i1", kind="identify", name="", at=now(), who=who),
                an_event("d1", name="Email Delivered", at=now(), properties=delivered),
            )
        ),
    )


def the_record() -> Record:
    record = portraits.follow(STRAND)
    assert record is not None
    return record


def view() -> View:
    return View(the_record().portrait, {}, now())


def tell(aws: LocalAws, *bodies: str) -> None:
    sent = {"SentTimestamp": str(now())}
    records = [
        {"messageId": f"q{n}", "body": body, "attributes": sent} for n, body in enumerate(bodies)
    ]
    assert profile({"Records": records}, None) == {"batchItemFailures": []}


def queued(aws: LocalAws) -> list[str]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
    bodies: list[str] = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def request(sample: str, **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ENVELOPES / f"{sample}.json").read_text())
    return event | changes


def again(*bodies: str) -> list[str]:
    """Return what trigger has told once more of links that were followed."""
    heard = [
        told_again(happening(event, message_hash(SECRET.encode(), event.source, event.id), STRAND))
        for body in bodies
        for event in decode_envelope(body)
    ]
    return [encode_envelope((event,)) for event in heard if event is not None]


def click(method: str = "GET", *, agent: str = "", path: str = "boots") -> dict[str, Any]:
    told = Click(MESSAGE, "email", STRAND, f"https://shop.example/{path}")
    event = request("link_click", rawPath="/l/" + links.issue(SECRET.encode(), told, now=now()))
    event["requestContext"]["http"]["method"] = method
    event["requestContext"]["requestId"] += path
    if agent:
        event["headers"]["user-agent"] = agent
    return handler(event, None)


def callback(what: str, id_: str = "m1") -> int:
    body = json.dumps({"message_id": MESSAGE, "strand": STRAND, "event": what})
    seconds = now() // 1000
    event = request("webhook_accepted", body=body)
    event["headers"] |= {
        "webhook-id": id_,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(
            signing_secret(SECRET.encode(), HOOK["key"]), id_, seconds, body.encode()
        ),
    }
    return int(handler(event, None)["statusCode"])


def test_a_click_reaches_the_portrait_of_whom_the_message_was_for(aws: LocalAws):
    answer = click()

    assert (answer["statusCode"], answer["headers"]["Location"]) == (
        302,
        "https://shop.example/boots",
    )
    followed = queued(aws)
    tell(aws, *followed)
    assert [contact.state for contact in view().contacts] == ["delivered"]
    tell(aws, *again(*followed))
    assert [contact.state for contact in view().contacts] == ["clicked"]
    assert the_record().portrait.strands.keys() >= {STRAND}


def test_whoever_follows_two_links_at_once_has_clicked_none(aws: LocalAws):
    for path in ("boots", "shoes"):
        click(path=path)
    followed = queued(aws)
    tell(aws, *followed)
    tell(aws, *again(*followed))

    assert [contact.state for contact in view().contacts] == ["delivered"]


def test_a_look_at_a_link_and_a_click_by_a_scanner_move_nothing(aws: LocalAws):
    agent = request("link_scanned")["headers"]["user-agent"]

    assert click("HEAD")["statusCode"] == click(agent=agent)["statusCode"] == 302
    (body,) = queued(aws)
    tell(aws, body)

    assert "Email Link Clicked by Machine" in body
    assert [contact.state for contact in view().contacts] == ["delivered"]
    assert [line.name for line in view().timeline] == ["Email Delivered", ""]


def test_a_callback_is_counted_once_however_often_it_comes(aws: LocalAws):
    before = sum(strand.events for strand in the_record().portrait.strands.values())

    assert [callback("accepted") for _ in range(3)] == [200, 200, 200]
    tell(aws, *queued(aws))

    assert sum(strand.events for strand in the_record().portrait.strands.values()) == before + 1
    assert [contact.state for contact in view().contacts] == ["accepted"]


def test_a_stop_by_sms_ends_text_messages_and_a_wrong_number_too(aws: LocalAws):
    reply = {
        "originationNumber": "+46701740605",
        "messageBody": "Stopp",
        "inboundMessageId": "in-1",
        "messageKeyword": "KEYWORD_1",
    }
    receipt = {
        "eventType": "TEXT_INVALID",
        "messageId": "out-1",
        "eventTimestamp": now(),
        "isFinal": True,
        "context": {"portrait-strand": STRAND, "portrait-message-id": "another"},
    }

    tell(aws, json.dumps(reply), json.dumps(receipt))

    assert view().consent("sms", "marketing") == "withdrawn"
    assert view().suppressed("sms")
    assert not view().suppressed("email")


def test_one_invocation_writes_one_log_line_without_anything_of_the_customer(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)

    click()
    callback("opened")

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["route"], line["status"], line["event"]) for line in lines] == [
        ("/l/", 302, "Email Link Followed"),
        ("/v1/callbacks/", 200, "Webhook Opened"),
    ]
    for secret in (STRAND, MESSAGE, "203.0.113", "shop.example", "whsec"):
        assert secret not in written.getvalue()
