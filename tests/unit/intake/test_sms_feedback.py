"""What becomes of an SMS, and what people answer, come back as events about them."""

import msgspec
import pytest

from portrait.catalogue import Catalogue
from portrait.consents import consent_said
from portrait.event import Event
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.intake import queue_message
from portrait.suppression import mark

NOW = 1_767_261_600_000
MESSAGE = "5f2b8c0e9a7d4136b1c2d3e4"
STRAND = "gaaaaaaaaaaaaaaaaaaaaaaaaaa"
CONTEXT = {"portrait-message-id": MESSAGE, "portrait-strand": STRAND}


def read(message, catalogue=Catalogue()):  # noqa: B008 - frozen
    body = message if isinstance(message, str) else msgspec.json.encode(message).decode()
    return queue_message(body, catalogue=catalogue, received_at=NOW, message_id="sqs-1")


def receipt(kind, **changes):
    return {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": NOW - 60_000,
        "isFinal": True,
        "destinationPhoneNumber": "+46701740605",
        "messageId": "862a8790",
        "messageStatus": kind.removeprefix("TEXT_"),
        "context": CONTEXT,
        **changes,
    }


def reply(text, **changes):
    return {
        "originationNumber": "+46701740605",
        "destinationNumber": "+46700000001",
        "messageKeyword": "KEYWORD_123456789012",
        "messageBody": text,
        "inboundMessageId": "cae173d2",
        "previousPublishedMessageId": "862a8790",
        **changes,
    }


def test_the_sample_of_a_receipt_is_about_whom_we_sent_it_to(sample):
    (event,) = read(sample("profile/sms_delivered")["Records"][0]["body"])

    assert (event.source, event.kind, event.name) == ("sms", "track", "SMS Delivered")
    assert event.identifiers == (("$home", STRAND),)
    assert event.properties == {"channel": "sms", "message_id": MESSAGE}
    assert event.timestamp == 1_767_261_480_000


def test_an_sms_that_is_not_ours_is_about_the_number_it_went_to(sample):
    (event,) = read(sample("profile/sms_invalid_number")["Records"][0]["body"])

    assert event.name == "SMS Failed"
    assert event.identifiers == (("phone", "+46701740605"),)
    assert event.properties == {
        "channel": "sms", "reason": "invalid_number", "permanent": True,
        "address_mark": mark("sms", "070-174 06 05"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "reason", "permanent"),
    [
        ("TEXT_INVALID", "invalid_number", True),
        ("TEXT_INVALID_MESSAGE", "invalid_message", False),
        ("TEXT_UNREACHABLE", "unreachable", False),
        ("TEXT_CARRIER_UNREACHABLE", "carrier_unreachable", False),
        ("TEXT_BLOCKED", "blocked", False),
        ("TEXT_CARRIER_BLOCKED", "carrier_blocked", False),
        ("TEXT_PROTECT_BLOCKED", "protect_blocked", False),
        ("TEXT_SPAM", "spam", False),
        ("TEXT_TTL_EXPIRED", "expired", False),
    ],
)
def test_only_a_number_that_is_none_fails_for_good(kind, reason, permanent):
    (event,) = read(receipt(kind))

    assert event.name == "SMS Failed"
    assert (event.properties["reason"], event.properties["permanent"]) == (reason, permanent)


@pytest.mark.parametrize("kind", ["TEXT_SENT", "TEXT_QUEUED", "TEXT_PENDING", "TEXT_UNKNOWN"])
def test_an_sms_underway_and_one_nobody_knows_of_tell_nothing(kind):
    assert read(receipt(kind)) == []


def test_a_failure_that_the_carrier_tries_again_is_none_yet():
    assert read(receipt("TEXT_UNREACHABLE", isFinal=False)) == []
    assert read(receipt("TEXT_INVALID", isFinal=False))[0].properties["permanent"]


def test_accepted_and_arrived_are_one_delivery_and_a_redelivery_none_more():
    ids = {read(receipt(k))[0].id for k in ("TEXT_SUCCESSFUL", "TEXT_DELIVERED", "TEXT_DELIVERED")}
    failed = {read(receipt(k))[0].id for k in ("TEXT_UNREACHABLE", "TEXT_INVALID")}

    assert len(ids) == 1
    assert len(ids | failed) == 3


@pytest.mark.parametrize(
    "strand", ["", "$home", "a" * 26, "A" * 27, "g" + "1" * 26, "g" + "a" * 27, ["x"], None, "g\n"]
)
def test_what_is_no_home_is_no_strand(strand):
    (event,) = read(receipt("TEXT_DELIVERED", context={"portrait-strand": strand}))

    assert event.identifiers == (("phone", "+46701740605"),)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (receipt("TEXT_NEW"), "unknown_feedback"),
        (receipt("TEXT_DELIVERED", context=None, destinationPhoneNumber="shop"), "no_identifier"),
        (receipt("TEXT_DELIVERED", messageId=None), "invalid_feedback"),
        (receipt("TEXT_DELIVERED", context=[]), "invalid_feedback"),
        (receipt("TEXT_DELIVERED", isFinal="yes"), "invalid_feedback"),
        (receipt("VOICE_ANSWERED"), "unknown_format"),
        (reply("hi", originationNumber="SHOP"), "no_identifier"),
        (reply("hi", originationNumber=None), "invalid_feedback"),
        (reply("hi", messageBody=5), "invalid_feedback"),
        ({"source": "aws.sms-voice", "detail": "x"}, "invalid_feedback"),
        ({"source": "aws.sms-voice", "detail": {"eventType": "MEDIA_DELIVERED", "messageId": "m"}},
         "unknown_feedback"),
    ],
)  # fmt: skip
def test_what_is_not_as_aws_writes_it_is_a_reason(message, reason):
    (fault,) = read(message)

    assert isinstance(fault, Rejected)
    assert fault.reason == reason


def test_an_answer_is_an_event_with_its_first_word(sample):
    (event,) = read(sample("profile/sms_reply")["Records"][0]["body"])

    assert (event.source, event.name) == ("sms", "SMS Replied")
    assert event.identifiers == (("phone", "+46701740605"),)
    assert event.properties == {"channel": "sms", "stop": False, "word": "ja", "text": "Ja"}
    assert event.timestamp == event.received_at == NOW


def test_a_stop_withdraws_the_channel_for_every_purpose(sample):
    withdrawn, replied = read(sample("profile/sms_stop")["Records"][0]["body"])

    assert (withdrawn.name, replied.name) == ("Consent Withdrawn", "SMS Replied")
    key, consent = consent_said(withdrawn, b"m")
    assert (key, consent.status, consent.at) == ("sms:*", "withdrawn", NOW)
    assert replied.properties["stop"] is True
    assert withdrawn.id != replied.id


def test_the_keyword_that_aws_stopped_for_stops_here_too():
    names = [event.name for event in read(reply("nej", messageKeyword="STOP"))]

    assert names == ["Consent Withdrawn", "SMS Replied"]


@pytest.mark.parametrize("text", ["START", "JA", "YES", "Kyllä", "unstop", "Starta", "Ja tack!"])
def test_a_yes_grants_nothing(text):
    assert [event.name for event in read(reply(text))] == ["SMS Replied"]


def test_a_letter_is_not_kept():
    (event,) = read(reply("Hello, " + "my address is Storgatan 1. " * 20))

    assert event.properties == {"channel": "sms", "stop": False, "word": "hello"}


def test_an_answer_that_says_nothing_is_still_an_answer():
    for text in ("", "   ", "👍", "\u200b", "…"):
        assert [event.name for event in read(reply(text))] == ["SMS Replied"]


def test_the_same_answer_delivered_twice_has_the_ids_it_had():
    first, again, other = (
        [event.id for event in read(reply("stop", inboundMessageId=id_))] for id_ in "aab"
    )

    assert first == again
    assert not set(first) & set(other)


def test_a_number_is_written_as_the_company_writes_its_own():
    national = Catalogue(identity=IdentityRules(country="SE"))

    (event,) = read(reply("hi", originationNumber="0701740605"), national)

    assert isinstance(event, Event)
    assert event.identifiers == (("phone", "+46701740605"),)
