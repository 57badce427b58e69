"""What follows by itself on a deployed product: over stream and queue, until all is still."""

import base64
import json
from typing import Any

import urllib3

from functions.journey.handler import handler as journey
from functions.trigger.handler import handler as trigger
from portrait.message import Message, decode_message
from tests.local_aws import QUEUES, LocalAws

NOTHING_KEPT: dict[str, list[Any]] = {"batchItemFailures": []}


def settle(aws: LocalAws) -> list[Message]:
    """Let trigger and journey run until nothing is left to do; return the messages asked for.

    The stream is read from its beginning, so earlier messages come again before the new ones.
    """
    seen = 0
    while len(records := stream(aws)["Records"]) > seen:
        assert trigger({"Records": records[seen:]}, None) == NOTHING_KEPT
        seen = len(records)
        if calls := taken(aws, "JOURNEYS_QUEUE_URL"):
            assert journey({"Records": calls}, None) == NOTHING_KEPT
    found = (decode_message(one["body"]) for one in taken(aws, "MESSAGES_QUEUE_URL"))
    return list({message.id: message for message in found}.values())


def stream(aws: LocalAws) -> dict[str, Any]:
    """Return what the table's stream holds, as Lambda hands it over."""
    arn = aws.client("dynamodb").describe_table(TableName="portraits")["Table"]["LatestStreamArn"]
    streams = aws.client("dynamodbstreams")
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    records = []
    for shard in shards:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"]}
        answer = streams.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")
        iterator = answer["ShardIterator"]
        while iterator and (page := streams.get_records(ShardIterator=iterator))["Records"]:
            records += page["Records"]
            iterator = page.get("NextShardIterator")
    return {"Records": [_as_lambda(record) for record in records]}


def _as_lambda(record: dict[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return {k: text(v) for k, v in value.items()} if isinstance(value, dict) else value

    return {**record, "dynamodb": text(record["dynamodb"])}


def taken(aws: LocalAws, setting: str) -> list[dict[str, Any]]:
    """Take everything off a queue, as Lambda's poller hands it over."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUES[setting])["QueueUrl"]
    records = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            records.append({"messageId": message["MessageId"], "body": message["Body"]})
    return records


def queued(aws: LocalAws) -> list[str]:
    """Take the bodies off the messages queue."""
    return [one["body"] for one in taken(aws, "MESSAGES_QUEUE_URL")]


def entries(aws: LocalAws, campaign: str) -> list[dict[str, Any]]:
    """Return what reports read of the entries to a campaign, as DynamoDB has it."""
    found = aws.client("dynamodb").query(
        TableName="journeys",
        IndexName="by_campaign",
        KeyConditionExpression="campaign = :c",
        ExpressionAttributeValues={":c": {"S": campaign}},
    )
    return list(found["Items"])


def mails(aws: LocalAws) -> list[dict[str, Any]]:
    """Return what SES was handed, as MiniStack keeps it."""
    answer = urllib3.request("GET", f"{aws.endpoint_url}/_ministack/ses/messages", timeout=10)
    found: list[dict[str, Any]] = []

    def collect(node: Any) -> None:
        if isinstance(node, dict) and "MessageId" in node:
            found.append(node)
        elif isinstance(node, dict | list):
            for each in node.values() if isinstance(node, dict) else node:
                collect(each)

    collect(json.loads(answer.data))
    return found
