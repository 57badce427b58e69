"""The handler on a local AWS: samples go in, messages and quarantined records come out."""

import gzip
import hashlib
import io
import json
from pathlib import Path

import pytest

from functions.ingest.handler import handler, logger
from portrait.event import decode_envelope
from portrait.settings import get_settings
from portrait.store import definitions

SAMPLES = Path(__file__).parents[2] / "events" / "ingest"
WRITE_KEYS = {"web": "wk_web_0123456789abcdef", "shop": "wk_shop_0123456789abcdef"}


@pytest.fixture
def cloud(aws):
    """The local AWS with a browser's source and a server's, and nothing cached from before."""
    definitions._held.catalogue = None
    for key, write_key in WRITE_KEYS.items():
        digest = hashlib.sha256(write_key.encode()).hexdigest()
        document = {
            "kind": "source",
            "key": key,
            "name": key,
            "type": "browser" if key == "web" else "server",
            "enabled": True,
            "write_keys": [{"sha256": digest, "last4": write_key[-4:]}],
            "max_age_days": 30,
            "allowed_origins": [],
        }
        definitions.publish(document, now=0, expected_version=0)
    return aws


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())


def queued(cloud):
    """Return the events on the queue, in messages as they were sent."""
    answer = cloud.client("sqs").receive_message(
        QueueUrl=get_settings().events_queue_url, MaxNumberOfMessages=10
    )
    return [decode_envelope(message["Body"]) for message in answer.get("Messages", [])]


def quarantined(cloud):
    s3 = cloud.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="data").get("Contents", [])]
    bodies = [s3.get_object(Bucket="data", Key=key)["Body"].read() for key in keys]
    return [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]


SAMPLES_AND_EVENTS = {
    "track_browser": [("web", "Product Viewed")],
    "batch_rudder_gzip_form": [("shop", "")],
    "beacon_page": [("web", "Boots")],
    "pixel_open": [("web", "Newsletter Opened")],
    "settings_browser": [],
    "health": [],
}


@pytest.mark.parametrize(("name", "expected"), SAMPLES_AND_EVENTS.items())
def test_a_sample_is_answered_200_and_its_events_are_one_message(cloud, name, expected):
    assert handler(sample(name), None)["statusCode"] == 200

    messages = queued(cloud)
    assert [(event.source, event.name) for events in messages for event in events] == expected
    assert len(messages) == bool(expected)
    assert not quarantined(cloud)


def test_what_is_no_event_is_put_aside_with_its_reason_and_the_rest_is_queued(cloud):
    answer = handler(sample("batch_server_one_without_identifier"), None)

    refused = [(one["index"], one["reason"]) for one in json.loads(answer["body"])["rejected"]]
    assert (answer["statusCode"], refused) == (200, [(2, "no_identifier")])
    assert [[event.kind for event in events] for events in queued(cloud)] == [["identify", "track"]]
    (record,) = quarantined(cloud)
    assert (record["reason"], record["source"], record["origin"]) == (
        "no_identifier",
        "shop",
        "http",
    )
    assert json.loads(record["payload"])["messageId"] == "node-next-1767261591000-77ac"
    assert record["receipt"].endswith(":2")


def test_a_stranger_is_answered_401(cloud):
    assert handler(sample("batch_unknown_key"), None)["statusCode"] == 401
    assert not queued(cloud)


def test_without_a_queue_the_answer_is_503_and_says_when_to_come_back(cloud):
    cloud.client("sqs").delete_queue(QueueUrl=get_settings().events_queue_url)

    answer = handler(sample("batch_server_one_without_identifier"), None)

    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0
    assert not quarantined(cloud)


def test_without_a_bucket_a_batch_with_a_bad_event_is_503_and_a_good_one_is_not(cloud):
    cloud.client("s3").delete_bucket(Bucket="data")

    assert handler(sample("batch_server_one_without_identifier"), None)["statusCode"] == 503
    assert handler(sample("track_browser"), None)["statusCode"] == 200


def test_without_definitions_nobody_is_turned_away_for_good(cloud):
    cloud.client("dynamodb").delete_table(TableName="definitions")

    assert handler(sample("track_browser"), None)["statusCode"] == 503


def test_a_large_batch_arrives_whole_also_with_characters_that_sqs_refuses(cloud):
    event = sample("batch_server_one_without_identifier")
    text = "å\u0000\ufffe\uffff" * 8
    call = {"type": "track", "event": "E", "userId": "u1", "properties": {"x": text}}
    items = [{**call, "messageId": f"m{i}"} for i in range(2_000)]
    event["body"] = json.dumps({"batch": items}, ensure_ascii=False)

    assert json.loads(handler(event, None)["body"]) == {"success": True}
    events = [event for _ in range(4) for events in queued(cloud) for event in events]
    assert sorted(event.id for event in events) == sorted(item["messageId"] for item in items)
    assert {event.properties["x"] for event in events} == {text}


def test_one_invocation_writes_one_log_line_without_anything_of_the_customer(cloud, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)

    handler(sample("batch_server_one_without_identifier"), None)

    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert (told["route"], told["status"], told["source"]) == ("/v1/batch", 200, "shop")
    assert (told["events"], told["rejected"]) == (2, {"no_identifier": 1})
    assert len(line) < 350
    for secret in ("ada", "u-1042", "wk_", "Order", "203.0.113", "8f1c2d3e"):
        assert secret not in line
