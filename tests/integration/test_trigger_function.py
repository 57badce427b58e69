"""Trigger and journey on a local AWS: a real stream record starts each campaign once."""

import base64
import json
import time
from typing import Any

import pytest

from functions.journey.handler import handler as journey
from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait.event import encode_envelope
from portrait.faults import Unavailable
from portrait.message import decode_message
from portrait.store import definitions, journeys
from tests.integration.test_profile_function import a_batch
from tests.local_aws import QUEUES, LocalAws
from tests.unit.core.test_triggers import a_campaign, a_policy
from tests.unit.core.worlds import NOON, an_event


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    for document in (a_campaign(), a_policy()):
        definitions.publish(document, now=NOON, expected_version=0)


def stream(aws: LocalAws) -> dict[str, Any]:
    """Return what the table's stream holds, as Lambda hands it over."""
    arn = aws.client("dynamodb").describe_table(TableName="portraits")["Table"]["LatestStreamArn"]
    streams = aws.client("dynamodbstreams")
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    records = []
    for shard in shards:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"]}
        iterator = streams.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")
        records += streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return {"Records": [_as_lambda(record) for record in records]}


def _as_lambda(record: dict[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return {k: text(v) for k, v in value.items()} if isinstance(value, dict) else value

    return {**record, "dynamodb": text(record["dynamodb"])}


def taken(aws: LocalAws, setting: str = "MESSAGES_QUEUE_URL") -> list[dict[str, Any]]:
    """Take everything off a queue, as Lambda's poller hands it over."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUES[setting])["QueueUrl"]
    records: list[dict[str, Any]] = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            records.append({"messageId": message["MessageId"], "body": message["Body"]})
    return records


def queued(aws: LocalAws) -> list[str]:
    return [record["body"] for record in taken(aws)]


def go_on(aws: LocalAws) -> None:
    """Let trigger hear of every write there ever was, journey of what that means, and again."""
    assert trigger(stream(aws), None) == {"batchItemFailures": []}
    if stimuli := taken(aws, "JOURNEYS_QUEUE_URL"):
        assert journey({"Records": stimuli}, None) == {"batchItemFailures": []}
        assert trigger(stream(aws), None) == {"batchItemFailures": []}
        assert journey({"Records": taken(aws, "JOURNEYS_QUEUE_URL")}, None) == {
            "batchItemFailures": []
        }


def now() -> int:
    return time.time_ns() // 1_000_000


def order(id: str, revenue: int = 150) -> str:
    # An order of long ago would start nothing.
    event = an_event(id, name="Order Completed", at=now(), properties={"revenue": revenue})
    return encode_envelope((event,))


def test_an_order_becomes_a_journey_and_a_message(aws: LocalAws):
    profile(a_batch(order("o1"), order("o2", revenue=5), sent_at=now()), None)

    go_on(aws)

    message = decode_message(queued(aws)[0])
    entry = journeys.find(message.journey)
    assert (entry.campaign, entry.arm, entry.path.as_dict()) == ("thanks", "treated", {})
    assert message.happening["properties"] == {"revenue": 150}


def test_a_stream_that_is_read_twice_enters_nobody_twice(aws: LocalAws):
    profile(a_batch(order("o1"), sent_at=now()), None)

    go_on(aws)
    go_on(aws)

    assert len({decode_message(body).id for body in queued(aws)}) == 1
    index = aws.client("dynamodb").query(
        TableName="journeys",
        IndexName="by_campaign",
        KeyConditionExpression="campaign = :c",
        ExpressionAttributeValues={":c": {"S": "thanks"}},
    )
    assert index["Count"] == 1


def test_a_queue_that_does_not_answer_leaves_the_record_on_the_stream(aws: LocalAws):
    sqs = aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="journeys")["QueueUrl"])
    profile(a_batch(order("o1"), sent_at=now()), None)

    with pytest.raises(Unavailable, match="the queue did not answer"):
        trigger(stream(aws), None)


def test_a_write_that_nobody_listens_to_carries_no_changes(aws: LocalAws):
    profile(a_batch(encode_envelope((an_event(name="Product Viewed"),))), None)

    images = [record["dynamodb"]["NewImage"] for record in stream(aws)["Records"]]

    assert images
    assert not any("changes" in image for image in images)
    assert "Product" not in json.dumps(images)
