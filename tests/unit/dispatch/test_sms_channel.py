"""Text messages through botocore, over HTTP, to a service that reads them by its own model."""

from collections.abc import Iterator
from typing import Any

import pytest

from portrait.channels import Deferred, Refused, Sent, Unknown
from portrait.channels.aws import Connection
from portrait.channels.sms import SmsChannel
from portrait.compiled import Template
from portrait.faults import Rejected
from tests.unit.dispatch.aws_servers import (
    AwsServer,
    answering,
    half,
    hang_up,
    json_error,
    say_nothing,
    text_messaging,
)
from tests.unit.dispatch.desks import HOME, NOW, an_outgoing

POOL = "arn:aws:sms-voice:eu-north-1:123456789012:pool/pool-1"
SALE = Template("t", 1, "sms", text="Rea på lampor! {{ opt_out }}", opt_out="Stopp: svara STOPP")


@pytest.fixture
def service() -> Iterator[AwsServer]:
    with text_messaging() as server:
        yield server


def a_channel(service: AwsServer, **options: Any) -> SmsChannel:
    client = service.client()
    return SmsChannel(Connection(lambda: client), **{"origination": POOL, **options})


def send(service: AwsServer, template: Template = SALE, **fields: Any):
    options = {name: fields.pop(name) for name in ("origination",) if name in fields}
    outgoing = an_outgoing(template, **{"addresses": ("+46 70 123 45 67",), **fields})
    return a_channel(service, **options).compose(outgoing)()


def test_the_request_is_complete_and_what_the_service_s_model_says(service):
    channel = a_channel(service, configuration_set="receipts", max_price="0.10")

    assert channel.compose(an_outgoing(SALE, addresses=("+46701234567",)))() == Sent("sms-1")

    assert service.requests == [
        {
            "operation": "SendTextMessage",
            "DestinationPhoneNumber": "+46701234567",
            "OriginationIdentity": POOL,
            "MessageBody": "Rea på lampor! Stopp: svara STOPP",
            "MessageType": "PROMOTIONAL",
            "ConfigurationSetName": "receipts",
            "MaxPrice": "0.10",
            "TimeToLive": 3_600,
            "Context": {"portrait-message-id": "a" * 24, "portrait-strand": HOME},
        }
    ]


def test_what_is_for_service_is_transactional_and_needs_no_way_out(service):
    code = Template("t", 1, "sms", text="Your parcel is here.")

    assert send(service, code, is_service=True) == Sent("sms-1")
    assert service.requests[0]["MessageType"] == "TRANSACTIONAL"


@pytest.mark.parametrize(("left", "seconds"), [(-1, 5), (1, 5), (90, 90), (10**6, 259_200)])
def test_the_provider_tries_until_the_message_expires(service, left, seconds):
    send(service, expires_at=NOW + left * 1_000)

    assert service.requests[0]["TimeToLive"] == seconds


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("+46 70-123 45 67", None, "+46701234567"),
        ("070-123 45 67", "SE", "+46701234567"),
        ("+358 40 1234567", "SE", "+358401234567"),
        ("0045 20 12 34 56", "NO", "+4520123456"),
    ],
)
def test_a_number_is_written_in_its_one_form(service, said, country, number):
    send(service, addresses=(said,), country=country)

    assert service.requests[0]["DestinationPhoneNumber"] == number


@pytest.mark.parametrize("said", ["", "070-123 45 67", "anna@example.se", "+46", "+99912345678901"])
def test_what_is_no_number_is_refused_unsent(service, said):
    assert send(service, addresses=(said,) if said else ()) == Refused("bad_number")
    assert service.requests == []


def test_without_a_number_of_ours_the_message_waits_for_the_operator(service):
    assert send(service, origination="") == Deferred("no_origination")
    assert service.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "Sale! {{ opt_out }}",
        "Sale! {{ unsubscribe_url }}",
        "Rea! Svara STOPP.",
        "Ale! (SEIS 17163)",
        "Sale! STOP>12345",
    ],
)
def test_marketing_shows_a_way_out(service, text):
    template = Template("t", 1, "sms", text=text, opt_out="Sluta\u00a0fa\u030a detta: nej tack")

    assert send(service, template) == Sent("sms-1")


@pytest.mark.parametrize(
    "text", ["Sale!", "NON-STOP SALE!", "We never stop", "STOPOVER in Oslo", "{{ campaign }}"]
)
def test_marketing_without_one_is_refused_before_anything_is_sent(service, text):
    with pytest.raises(Rejected, match="no_opt_out"):
        send(service, Template("t", 1, "sms", text=text))
    assert service.requests == []


def test_a_text_that_takes_too_many_segments_is_refused_before_anything_is_sent(service):
    text = "{{ opt_out }} {{ event.properties.story }}"
    template = Template("t", 1, "sms", text=text, opt_out="STOP", max_segments=2)
    outgoing = an_outgoing(template, addresses=("+46701234567",))
    outgoing.values["event"]["properties"]["story"] = "x" * 301  # type: ignore[index]
    assert a_channel(service).compose(outgoing)() == Sent("sms-1")

    outgoing.values["event"]["properties"]["story"] = "x" * 302  # type: ignore[index]
    with pytest.raises(Rejected, match="sms_too_long: 3 segments of GSM-7; at most 2"):
        a_channel(service).compose(outgoing)
    assert len(service.requests) == 1


def conflict(reason: str):
    return json_error(400, "ConflictException", Reason=reason, ResourceType="phone-number")


def invalid(reason: str):
    return json_error(400, "ValidationException", Reason=reason)


QUOTA = "ServiceQuotaExceededException"
ANSWERS = {
    "opted out": (conflict("DESTINATION_PHONE_NUMBER_OPTED_OUT"), Refused("opted_out")),
    "blocked country": (
        invalid("DESTINATION_COUNTRY_BLOCKED"),
        Refused("destination_country_blocked"),
    ),
    "too dear": (invalid("PRICE_OVER_THRESHOLD"), Refused("price_over_threshold")),
    "odd number": (invalid("INVALID_PARAMETER"), Refused("invalid_parameter")),
    "no origination": (conflict("NO_ORIGINATION_IDENTITIES_FOUND"), Deferred("ConflictException")),
    "still in the sandbox": (
        conflict("DESTINATION_PHONE_NUMBER_NOT_VERIFIED"),
        Deferred("ConflictException"),
    ),
    "unregistered sender": (invalid("SENDER_ID_NOT_REGISTERED"), Deferred("ValidationException")),
    "throttled": (json_error(400, "ThrottlingException"), Deferred("ThrottlingException")),
    "spent": (
        json_error(400, QUOTA, Reason="MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
        Deferred(QUOTA),
    ),
    "not allowed": (json_error(400, "AccessDeniedException"), Deferred("AccessDeniedException")),
    "no such pool": (
        json_error(400, "ResourceNotFoundException", ResourceType="pool"),
        Deferred("ResourceNotFoundException"),
    ),
    "failed itself": (
        json_error(500, "InternalServerException", RequestId="r"),
        Unknown("InternalServerException"),
    ),
    "an error page": (answering(502, "<html>Bad Gateway</html>", "text/html"), Unknown("502")),
    "a yes that breaks off": (half, Sent()),
    "hung up": (hang_up, Unknown("ConnectionClosedError")),
    "no answer in time": (say_nothing, Unknown("ReadTimeoutError")),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "result"), ANSWERS.values(), ids=ANSWERS.keys())
def test_what_each_answer_means_and_that_there_is_no_second_try(service, answer, result):
    service.answers.append(answer)

    delivery = send(service)

    assert type(delivery) is type(result)
    assert delivery == result
    assert len(service.requests) == 1


def test_where_nothing_listens_it_was_surely_not_sent(service):
    channel = a_channel(service)
    service.close()

    delivery = channel.compose(an_outgoing(SALE, addresses=("+46701234567",)))()

    assert delivery == Deferred("EndpointConnectionError")
