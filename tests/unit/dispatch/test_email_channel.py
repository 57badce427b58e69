"""E-mail through botocore itself: what goes over the wire, once, and what each answer means."""

import json
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from portrait.channels import Deferred, Refused, Sent, Unknown
from portrait.channels.aws import Connection
from portrait.channels.email import EmailChannel, configuration_sets
from portrait.compiled import Template
from portrait.faults import Rejected
from tests.unit.dispatch.desks import UNSUBSCRIBE as LINK
from tests.unit.dispatch.desks import an_outgoing

SENDER = {"sender": "Shop <shop@example.se>"}
EMAIL = Template("t", 1, "email", subject="Hej Åsa", text="Welcome", html="<p>Welcome</p>")


class Raw:
    """The body of an answer, as botocore reads one."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any):
        yield self._content


class Wire:
    """An SES client whose requests end here."""

    def __init__(self) -> None:
        session = botocore.session.Session()
        session.set_credentials("AKIAEXAMPLE", "secret")
        # As `store.session.client("sesv2", attempts=1)` makes it.
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False
        )
        self.client = session.create_client("sesv2", region_name="eu-north-1", config=config)
        self.client.meta.events.register("before-send.sesv2.SendEmail", self._take)
        self.requests: list[Any] = []
        self.answer: Exception | tuple[int, dict[str, str]] = (200, {"MessageId": "ses-1"})

    def _take(self, request: Any, **_: Any) -> AWSResponse:
        self.requests.append(json.loads(request.body))
        if isinstance(self.answer, Exception):
            raise self.answer
        status, body = self.answer
        headers = {"x-amzn-errortype": body.get("name", ""), "content-type": "application/json"}
        return AWSResponse(request.url, status, headers, Raw(json.dumps(body).encode()))


@pytest.fixture(scope="module")
def one_wire() -> Wire:
    return Wire()


@pytest.fixture
def wire(one_wire: Wire) -> Wire:
    one_wire.requests.clear()
    one_wire.answer = (200, {"MessageId": "ses-1"})
    return one_wire


def send(wire: Wire, to: str = "anna@example.se", email: Template = EMAIL, **channel: Any):
    made = EmailChannel(
        Connection(lambda: wire.client), **{**SENDER, "configuration_set": "portrait", **channel}
    )
    outgoing = an_outgoing(
        email, addresses=(to,) if to else (), message_id="m" * 24, strand="b" + "a" * 26,
        is_service=True,
    )  # fmt: skip
    return made.compose(outgoing)()


def test_the_request_is_complete(wire):
    assert send(wire) == Sent("ses-1")
    assert wire.requests == [
        {
            "FromEmailAddress": "Shop <shop@example.se>",
            "Destination": {"ToAddresses": ["anna@example.se"]},
            "ConfigurationSetName": "portrait",
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Hej Åsa", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "Welcome", "Charset": "UTF-8"},
                        "Html": {"Data": "<p>Welcome</p>", "Charset": "UTF-8"},
                    },
                    "Headers": [
                        {"Name": "List-Unsubscribe", "Value": f"<{LINK}>"},
                        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    ],
                }
            },
            "EmailTags": [
                {"Name": "portrait-message-id", "Value": "m" * 24},
                {"Name": "portrait-strand", "Value": "b" + "a" * 26},
            ],
        }
    ]


def test_a_mail_without_html_has_no_html_part(wire):
    send(wire, email=replace(EMAIL, html=""))

    assert list(wire.requests[0]["Content"]["Simple"]["Body"]) == ["Text"]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ((400, {"name": "MessageRejected"}), Refused("MessageRejected")),
        ((400, {"name": "BadRequestException"}), Refused("BadRequestException")),
        ((429, {"name": "TooManyRequestsException"}), Deferred("TooManyRequestsException")),
        ((400, {"name": "LimitExceededException"}), Deferred("LimitExceededException")),
        ((400, {"name": "SendingPausedException"}), Deferred("SendingPausedException")),
        ((403, {"name": "AccessDeniedException"}), Deferred("AccessDeniedException")),
        ((404, {"name": "NotFoundException"}), Deferred("NotFoundException")),
        ((500, {"name": "InternalFailure"}), Unknown("InternalFailure")),
        ((503, {"name": "ServiceUnavailable"}), Unknown("ServiceUnavailable")),
        (EndpointConnectionError(endpoint_url="x"), Deferred("EndpointConnectionError")),
        (ConnectTimeoutError(endpoint_url="x"), Deferred("ConnectTimeoutError")),
        (ReadTimeoutError(endpoint_url="x"), Unknown("ReadTimeoutError")),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_each_answer_means_and_that_there_is_no_second_try(wire, answer, result):
    wire.answer = answer

    assert send(wire) == result
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@example.se,b@example.se",
        "a;b@example.se",
        "<a@example.se>",
        "Anna <a@example.se>",
        "a@example.se\r\nBcc: b@example.se",
        "a@b@example.se",
        "a@exa mple.se",
        "åsa@example.se",
        "anna@exam\u200bple.se",
        "a(comment)@example.se",
        "example.se",
        "a@",
        "a@" + "b" * 64 + ".se",
        "",
    ],
)
def test_what_is_not_one_plain_address_is_refused_unsent(wire, address):
    assert send(wire, to=address) == Refused("bad_address")
    assert wire.requests == []


def test_a_missing_sender_is_not_the_fault_of_the_message(wire):
    assert send(wire, sender="") == Deferred("no_sender")
    assert wire.requests == []


def test_an_international_domain_is_written_as_mail_writes_it(wire):
    send(wire, to=" anna@bücher.example ")

    assert wire.requests[0]["Destination"] == {"ToAddresses": ["anna@xn--bcher-kva.example"]}


def test_a_template_may_be_from_a_domain_that_the_stack_sends_for(wire):
    sets = configuration_sets("shop.example=set-a, other.example = set-b ,third.example")
    asked = {
        "Åres Shop <news@shop.example>": "set-a",
        "news@Other.Example": "set-b",
        "news@third.example": "portrait",
        "": "portrait",
    }

    for sender in asked:
        send(wire, email=replace(EMAIL, sender=sender), configuration_sets=sets)

    assert [each["ConfigurationSetName"] for each in wire.requests] == list(asked.values())
    assert [each["FromEmailAddress"] for each in wire.requests] == [
        "=?utf-8?q?=C3=85res_Shop?= <news@shop.example>",
        "news@Other.Example",
        "news@third.example",
        "Shop <shop@example.se>",
    ]


@pytest.mark.parametrize("sender", ["a@evil.example", "shop@example.se.evil.example", "nobody"])
def test_a_template_may_not_be_from_anybody_else(wire, sender):
    with pytest.raises(Rejected, match="sender_not_allowed"):
        send(wire, email=replace(EMAIL, sender=sender))

    assert wire.requests == []


def test_answers_go_where_the_template_says(wire):
    send(wire, email=replace(EMAIL, reply_to="help@shop.example"))

    assert wire.requests[0]["ReplyToAddresses"] == ["help@shop.example"]


@pytest.mark.parametrize("part", [{"text": "Welcome"}, {"html": "<p>Welcome</p>"}])
def test_marketing_without_a_way_out_is_refused_before_anything_is_sent(wire, part):
    template = Template("t", 1, "email", subject="s", **part)
    channel = EmailChannel(Connection(lambda: wire.client), **SENDER)

    with pytest.raises(Rejected, match="no_unsubscribe_link"):
        channel.compose(an_outgoing(template))


def test_a_way_out_in_the_html_is_one_in_the_text_that_is_read_off_it(wire):
    html = '<p>Hi</p><a href="{{ unsubscribe_url }}">Stop</a>'
    channel = EmailChannel(Connection(lambda: wire.client), **SENDER)

    channel.compose(an_outgoing(Template("t", 1, "email", subject="s", html=html)))()

    body = wire.requests[0]["Content"]["Simple"]["Body"]
    assert body["Text"]["Data"] == f"Hi\n\nStop: {LINK}"


def test_nothing_is_made_or_rendered_again_when_it_is_sent():
    made = []
    channel = EmailChannel(Connection(lambda: made.append(1)), **SENDER)  # type: ignore[arg-type]

    channel.compose(an_outgoing(EMAIL, is_service=True))

    assert made == []
