"""Whatever a channel system puts on the queue becomes events, or a reason."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.event import Event, encode_envelope
from portrait.faults import Rejected
from portrait.intake import queue_message

NOW = 1_767_261_600_000
EMPTY = Catalogue()
TRACK = {"type": "track", "event": "Order Completed", "userId": "u1"}
EVENT = Event(
    id="m1",
    source="web",
    kind="track",
    name="Order Completed",
    identifiers=(("user_id", "u1"),),
    timestamp=NOW,
    received_at=NOW,
)


def read(message, *, catalogue=EMPTY, message_id="sqs-1"):
    body = message if isinstance(message, str) else msgspec.json.encode(message).decode()
    return queue_message(body, catalogue=catalogue, received_at=NOW, message_id=message_id)


def reasons(items):
    return [item.reason if isinstance(item, Rejected) else "" for item in items]


def test_the_envelope_of_ingest_comes_back_as_it_went():
    assert read(encode_envelope((EVENT, EVENT))) == [EVENT, EVENT]


def test_one_event_is_from_the_queue_and_received_when_the_queue_took_it():
    (event,) = read({**TRACK, "messageId": "m1", "timestamp": "2026-01-01T09:00:00Z"})

    assert (event.id, event.source, event.received_at) == ("m1", "queue", NOW)
    assert event.timestamp == NOW - 3_600_000
    assert event.context == {}


def test_a_batch_gives_its_events_and_says_which_are_none():
    items = read({"batch": [TRACK, {"type": "track"}, TRACK], "sentAt": NOW})

    assert reasons(items) == ["", "missing_event", ""]


def test_a_write_key_names_the_source(catalogue):
    assert read({**TRACK, "writeKey": "wk_shop"}, catalogue=catalogue)[0].source == "shop"
    assert read({"batch": [TRACK], "writeKey": "wk_shop"}, catalogue=catalogue)[0].source == "shop"
    assert reasons(read({**TRACK, "writeKey": "x"}, catalogue=catalogue)) == ["unknown_write_key"]
    assert reasons(read({**TRACK, "writeKey": "wk_off"}, catalogue=catalogue)) == [
        "source_disabled"
    ]


def test_the_queues_own_source_may_be_defined(source_document):
    document = source_document("queue", type="queue", max_age_days=3650)
    defined = Catalogue.compile([document])
    long_ago = {**TRACK, "timestamp": "2024-01-01T00:00:00Z"}

    assert read(long_ago, catalogue=defined)[0].timestamp == 1_704_067_200_000
    assert read(long_ago)[0].timestamp == NOW - 30 * 86_400_000
    closed = Catalogue.compile([{**document, "enabled": False}])
    assert reasons(read(TRACK, catalogue=closed)) == ["source_disabled"]


def test_a_redelivery_makes_the_same_ids_and_another_message_does_not():
    batch = {"batch": [TRACK, TRACK]}

    first, again, other = (
        [event.id for event in read(batch, message_id=id_)] for id_ in ("a", "a", "b")
    )

    assert first == again
    assert len({*first, *other}) == 4


def test_an_event_may_come_through_sns():
    message = {"Type": "Notification", "Message": msgspec.json.encode(TRACK).decode()}

    assert read(message)[0].name == "Order Completed"


BAD = {
    "nothing": ("", "invalid_json"),
    "not JSON": ("hello", "invalid_json"),
    "a list": ("[]", "invalid_json"),
    "a number": ("5", "invalid_json"),
    "NaN": ('{"type":NaN}', "invalid_json"),
    "a lone surrogate": ('{"type":"track","event":"\\ud800 "}', "invalid_json"),
    "half a character": ("\ud800", "invalid_json"),
    "depth": ('{"x":' * 100_000, "invalid_json"),
    "an empty object": ("{}", "unknown_format"),
    "something else": ('{"Records":[]}', "unknown_format"),
    "an unknown type": ('{"type":"delete","userId":"u1"}', "unknown_type"),
    "batch is null": ('{"batch":null}', "invalid_body"),
    "batch is broken": ('{"batch":[', "invalid_json"),
    "a subscription": (
        '{"Type":"SubscriptionConfirmation","Message":"You have chosen…"}',
        "unknown_format",
    ),
    "SNS around text": ('{"Type":"Notification","Message":"hello"}', "invalid_json"),
    "SNS around SNS": (
        '{"Type":"Notification","Message":"{\\"Type\\":\\"Notification\\",\\"Message\\":\\"{}\\"}"}',
        "unknown_format",
    ),
    "another envelope": ('{"portrait":2,"events":[]}', "invalid_envelope"),
    "an envelope cut off": ('{"portrait":1,"events":[', "invalid_envelope"),
    "an envelope of nonsense": ('{"portrait":1,"events":[{}]}', "invalid_envelope"),
    "an envelope of nobody": (
        encode_envelope((msgspec.structs.replace(EVENT, identifiers=()),)),
        "invalid_envelope",
    ),
    "an envelope about nobody": (
        encode_envelope((msgspec.structs.replace(EVENT, identifiers=()),)),
        "invalid_envelope",
    ),
    "SES without a message": ('{"eventType":"Bounce","mail":{}}', "invalid_feedback"),
    "SES of another kind": ('{"eventType":"X","mail":{"messageId":"s"}}', "unknown_feedback"),
    "SES without its part": ('{"eventType":"Open","mail":{"messageId":"s"}}', "unknown_feedback"),
    "SES as text": ('{"mail":"ada@shop.example"}', "invalid_feedback"),
    "EventBridge from elsewhere": (
        '{"source":"aws.s3","detail":{"eventType":"Send","mail":{"messageId":"s"}}}',
        "unknown_format",
    ),
    "EventBridge around text": ('{"source":"aws.ses","detail":"x"}', "invalid_feedback"),
}


@pytest.mark.parametrize(("body", "reason"), BAD.values(), ids=BAD)
def test_a_malformed_message_is_one_reason_and_never_an_exception(body, reason):
    assert reasons(read(body)) == [reason]


def test_a_surplus_is_named_event_by_event():
    items = read({"batch": [{"type": "page", "userId": "u1"}] * 2_501})

    assert reasons(items)[2_499:] == ["", "too_many_events"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
messages = st.dictionaries(
    st.sampled_from(
        [
            *("type", "event", "userId", "traits", "properties", "context", "timestamp", "sentAt"),
            *("batch", "mail", "eventType", "bounce", "Type", "Message", "source", "detail"),
            *("inboundMessageId", "originationNumber", "messageBody", "isFinal", "context"),
            *("portrait", "events", "messageId", "writeKey", "previousId", "groupId"),
        ]
    ),
    json_values
    | st.sampled_from(
        [
            "track",
            "identify",
            "Notification",
            "aws.ses",
            "aws.sms-voice",
            "TEXT_INVALID",
            "Bounce",
            "u1",
        ]
    ),
)


@given(messages | st.text())
def test_nothing_on_the_queue_makes_the_reader_fail(message):
    for item in read(message):
        assert isinstance(item, Event | Rejected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("queue_single_track", ["Order Completed"]),
        ("queue_batch_one_malformed", ["Order Completed", "missing_event", "Support Call Ended"]),
        ("ingest_envelope", ["", "Order Completed"]),
        ("ses_delivery", ["Email Delivered"]),
        ("ses_open", ["Email Opened"]),
        ("ses_open_by_apple", ["Email Opened by Machine"]),
        ("ses_click", ["Email Link Followed"]),
        ("ses_bounce", ["Email Bounced"]),
        ("ses_complaint", ["Email Marked as Spam"]),
        ("sms_delivered", ["SMS Delivered"]),
        ("sms_invalid_number", ["SMS Failed"]),
        ("sms_reply", ["SMS Replied"]),
        ("sms_stop", ["Consent Withdrawn", "SMS Replied"]),
    ],
)
def test_the_samples_are_read(sample, name, expected):
    found = [
        item.reason if isinstance(item, Rejected) else item.name
        for record in sample(f"profile/{name}")["Records"]
        for item in read(record["body"], message_id=record["messageId"])
    ]

    assert found == expected


@pytest.mark.parametrize(
    "instants",
    [{"received_at": 10**18}, {"received_at": 5}, {"timestamp": 10**18}, {"timestamp": -5}],
)
def test_an_envelope_that_says_impossible_times_is_refused_whole(instants):
    now = 1_767_261_600_000
    said = {"timestamp": now, "received_at": now, **instants}
    event = Event(id="m", source="web", kind="page", identifiers=(("user_id", "u"),), **said)

    (fault,) = queue_message(
        encode_envelope((event,)), catalogue=Catalogue(), received_at=now, message_id="q"
    )

    assert fault.reason == "invalid_envelope"
