"""The dispatch function and every channel: SES and SNS of the local AWS, text messages and webhooks
by servers that speak the wire, and the portrait's record of what became of each message."""

import json
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

import msgspec
import pytest

from functions.dispatch.handler import handler as dispatch
from functions.journey.handler import handler as journey
from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait import links
from portrait.channels import https, push_devices
from portrait.channels.circuit import FAILURES
from portrait.definitions.documents import canonical, parse
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.message import Message, decode_message, encode_message
from portrait.settings import get_settings
from portrait.store import definitions, endpoints, portraits, session
from portrait.view import View
from tests.integration.settling import mails, queued, stream
from tests.integration.test_profile_function import a_batch
from tests.local_aws import ACCOUNT, SECRET, LocalAws
from tests.unit.core.worlds import an_event
from tests.unit.dispatch.aws_servers import AwsServer, hang_up, json_error, text_messaging
from tests.unit.dispatch.desks import a_message
from tests.unit.dispatch.https_servers import AUTHORITY, Server, status

ANNA = "anna@mail.example"
POLICY = {"kind": "policy", "key": "default"}
NOTHING_KEPT: dict[str, list[str]] = {"batchItemFailures": []}
HOME = home(SECRET.encode(), "user_id", "u1")
ID = "ab" * 12
SALE = {
    "kind": "template", "key": "sale", "channel": "sms", "max_segments": 3,
    "opt_out": "Svara STOPP", "text": "Rea, {{ customer.firstName }}! {{ opt_out }} "
    "{{ 'https://shop.example/rea' | tracked }}",
}  # fmt: skip
BACK = {
    "kind": "template", "key": "back", "channel": "push", "title": "Hej {{ customer.firstName }}",
    "body": "The lamp is back", "url": "https://shop.example/lamp",
}  # fmt: skip
NEWS = {
    "kind": "template", "key": "news", "channel": "email", "subject": "News", "preview": "Lamps!",
    "from": "Årets Lampor <news@lamps.example>", "reply_to": "help@lamps.example",
    "html": "<p>Hej {{ customer.firstName }}</p><a href='{{ unsubscribe_url }}'>Stop</a>",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _on(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDER_EMAIL", "shop@example.se")
    monkeypatch.setenv("PUBLIC_URL", "https://api.shop.example")
    for remembered in (push_devices._endpoints, endpoints._seen):
        remembered.clear()
    publish(POLICY, SALE, BACK, NEWS)
    anna_also("email", email=ANNA, firstName="Anna")


class Context:
    """Lambda's context with time to spare."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def now() -> int:
    return time.time_ns() // 1_000_000


def publish(*raws: dict[str, Any]) -> None:
    for raw in raws:
        definitions.publish(canonical(parse(raw)), now=now(), expected_version=0)


def setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()


def anna_also(channel: str, **traits: Any) -> None:
    """Let Anna say yes to a channel, and what reaches her there."""
    who = {"user_id": "u1"}
    granted = {"channel": channel, "purpose": "marketing"}
    events = (
        an_event(f"i-{channel}", kind="identify", name="", at=now(), who=who, traits=traits),
        an_event(f"c-{channel}", name="Consent Granted", at=now(), who=who, properties=granted),
    )
    batch = a_batch(encode_envelope(events), sent_at=now())
    assert profile(batch, None) == {"batchItemFailures": []}


def a_message_to_anna(channel: str, template: str, **fields: Any) -> Message:
    given = {"home": HOME, "strand": HOME, "occurred_at": now(), "received_at": now()}
    late = {"expires_at": now() + 3_600_000}
    return a_message(ID, **{**given, **late, "channel": channel, "template": template, **fields})


def deliver(message: Message) -> bool:
    """Run dispatch on the message; tell whether the queue must keep it."""
    records = [{"messageId": message.id, "body": encode_message(message)}]
    return bool(dispatch({"Records": records}, Context())["batchItemFailures"])


def contacts() -> Counter[str]:
    record = portraits.follow(HOME)
    assert record is not None
    return Counter(contact.state for contact in View(record.portrait, {}, now()).contacts)


@pytest.fixture
def texting(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    pool = "arn:aws:sms-voice:us-east-1:000000000000:pool/p-1"
    with text_messaging() as server:
        setting(monkeypatch, "SMS_ORIGINATION", pool)
        setting(monkeypatch, "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", server.url)
        yield server


def test_a_text_message_goes_out_once_and_its_link_proves_a_click(texting: AwsServer):
    anna_also("sms", phone="+46 70 123 45 67")
    message = a_message_to_anna("sms", "sale")

    assert [deliver(message) for _ in range(3)] == [False] * 3

    (request,) = texting.requests
    assert request["DestinationPhoneNumber"] == "+46701234567"
    text, _, token = request["MessageBody"].rpartition("/l/")
    assert text == "Rea, Anna! Svara STOPP https://api.shop.example"
    click = links.read(SECRET.encode(), token, now=now())
    assert click == (ID, "sms", HOME, "https://shop.example/rea")
    assert contacts() == {"sent": 1}


@pytest.mark.parametrize(
    ("answer", "kept", "state"),
    [
        (json_error(400, "ThrottlingException"), True, {}),
        (hang_up, False, {"unknown": 1}),
        (json_error(500, "InternalServerException", RequestId="r"), False, {"unknown": 1}),
        (
            json_error(400, "ConflictException", Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT"),
            False,
            {"failed": 1},
        ),
    ],
    ids=["throttled", "hung up", "failed itself", "opted out"],
)
def test_a_text_message_whose_fate_is_known_or_not_is_never_sent_twice(
    texting: AwsServer, answer, kept, state
):
    anna_also("sms", phone="+46701234567")
    message = a_message_to_anna("sms", "sale")
    texting.answers.append(answer)

    assert deliver(message) == kept
    assert contacts() == state
    deliver(message)

    assert len(texting.requests) == (2 if kept else 1)
    assert contacts() == (state or {"sent": 1})


def test_a_push_reaches_every_device_and_none_twice(aws: LocalAws, monkeypatch: pytest.MonkeyPatch):
    sns = aws.client("sns")
    ios = sns.create_platform_application(
        Name="shop", Platform="APNS", Attributes={"PlatformCredential": "x"}
    )["PlatformApplicationArn"]
    setting(monkeypatch, "APNS_APPLICATION_ARN", ios)
    published: list[dict[str, Any]] = []
    anna_also("push", push_token="ios:t1")
    heard = session.client("sns", attempts=1, read_timeout=3.0).meta.events
    heard.register(
        "provide-client-params.sns.Publish", lambda params, **_: published.append(params)
    )
    message = a_message_to_anna("push", "back")

    assert [deliver(message) for _ in range(3)] == [False] * 3

    (request,) = published
    token = sns.get_endpoint_attributes(EndpointArn=request["TargetArn"])["Attributes"]["Token"]
    assert token == "t1"
    assert '"title\\":\\"Hej Anna' in request["Message"]
    assert contacts() == {"sent": 1}


def test_a_mail_may_be_from_another_domain_and_of_html_alone(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
):
    setting(monkeypatch, "SES_CONFIGURATION_SETS", "lamps.example=lamps")
    ses = aws.client("sesv2")
    ses.create_email_identity(EmailIdentity="lamps.example")
    ses.create_configuration_set(ConfigurationSetName="lamps")
    requests: list[dict[str, Any]] = []
    heard = session.client("sesv2", attempts=1).meta.events
    heard.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: requests.append(params)
    )

    assert not deliver(a_message_to_anna("email", "news"))

    (mail,) = mails(aws)
    assert parseaddr(mail["Source"])[1] == "news@lamps.example"
    assert mail["To"] == [ANNA]
    assert mail["BodyText"].startswith("Hej Anna\n\nStop: https://api.shop.example/unsubscribe/")
    assert "Lamps!" in mail["BodyHtml"]
    assert requests[0]["ConfigurationSetName"] == "lamps"
    assert requests[0]["ReplyToAddresses"] == ["help@lamps.example"]


HOOK = {"kind": "template", "key": "hook", "channel": "webhook", "body": "{}"}


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    monkeypatch.setattr(https, "trusted", lambda: context)
    server = Server(status(500), name="localhost")
    setting(monkeypatch, "WEBHOOK_PRIVATE_HOSTS", f"localhost:{server.port}")
    publish({**HOOK, "url": f"https://localhost:{server.port}/"})
    yield server
    server.close()


def test_a_webhook_that_fails_is_tried_again_until_its_circuit_opens(
    receiver: Server,
):
    message = a_message_to_anna("webhook", "hook", purpose="service")

    reasons = Counter[str]()
    for _ in range(FAILURES + 3):
        endpoints._seen.clear()  # as if each try were in another process
        assert not deliver(message)
        kept = portraits.follow(HOME).portrait.strand(HOME).waiting[ID]
        message = msgspec.structs.replace(message, attempt=kept.attempt)
        reasons[kept.reason] += 1

    ids = {request.partition(b"webhook-id: ")[2][:24] for request in receiver.requests}
    assert (len(receiver.requests), ids) == (FAILURES, {ID.encode()})
    assert reasons == {"status_500": FAILURES, "circuit_open": 3}
    assert (message.attempt, contacts()) == (FAILURES, {})


def test_a_webhook_that_waits_is_brought_back_by_the_portrait_s_timer_and_sent(
    aws: LocalAws, receiver: Server, monkeypatch: pytest.MonkeyPatch
):
    url = aws.client("sqs").create_queue(QueueName="journeys")["QueueUrl"]
    setting(monkeypatch, "JOURNEYS_QUEUE_URL", url)
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:journeys"
    for name in ("JOURNEYS_QUEUE_ARN", "JOURNEYS_DLQ_ARN"):
        setting(monkeypatch, name, arn)
    deliver(a_message_to_anna("webhook", "hook", purpose="service"))
    record = portraits.follow(HOME)
    assert record is not None
    assert record.due_at is not None
    receiver.answer(status(204))

    time.sleep(max(0, record.due_at - now()) / 1_000)
    wake = json.dumps({"portrait_wake": HOME, "due_at": record.due_at})
    assert journey({"Records": [{"messageId": "w", "body": wake}]}, None) == NOTHING_KEPT
    assert trigger(stream(aws), None) == NOTHING_KEPT
    (body,) = set(queued(aws))
    message = decode_message(body)

    assert (message.id, message.attempt) == (ID, 1)
    assert not deliver(message)
    ids = [request.partition(b"webhook-id: ")[2][:24] for request in receiver.requests]
    assert ids == [ID.encode()] * 2
    assert contacts() == {"sent": 1}
