"""The counted AWS answers botocore as AWS does, and charges what AWS charges."""

from collections.abc import Iterator

import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.bench.aws.cloud import Cloud
from tests.bench.aws.dynamodb import Table
from tests.bench.aws.expressions import Condition, updated
from tests.bench.aws.wire import connected

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/events"
NEW = {
    "ConditionExpression": "attribute_not_exists (#0)",
    "ExpressionAttributeNames": {"#0": "home"},
}


@pytest.fixture
def cloud(monkeypatch) -> Iterator[Cloud]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an-example")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with connected(Cloud({"portraits": Table(["home"], streamed=True)})) as cloud:
        yield cloud


def client(service: str):
    return botocore.session.Session().create_client(service)


def put(home: str, size: int, **conditions):
    item = {"home": {"S": home}, "version": {"N": "1"}, "state": {"B": bytes(size)}}
    return {"TableName": "portraits", "Item": item, **conditions}


def versioned(version: int) -> dict[str, object]:
    return {
        "ConditionExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "version"},
        "ExpressionAttributeValues": {":0": {"N": str(version)}},
    }


def test_what_was_put_is_read_back_and_charged(cloud):
    dynamodb = client("dynamodb")
    dynamodb.put_item(**put("a", 1500))

    keys = [{"home": {"S": "a"}}, {"home": {"S": "b"}}]
    answer = dynamodb.batch_get_item(RequestItems={"portraits": {"Keys": keys}})

    assert answer["Responses"]["portraits"][0]["state"]["B"] == bytes(1500)
    assert cloud.ledger.charges["dynamodb_write"] == 2
    assert cloud.ledger.charges["dynamodb_read"] == 1
    assert cloud.ledger.requests["dynamodb", "BatchGetItem"] == 1
    assert len(cloud.dynamodb.tables["portraits"].stream) == 1


def test_a_put_whose_condition_fails_changes_nothing_and_is_charged(cloud):
    dynamodb = client("dynamodb")
    dynamodb.put_item(**put("a", 10, **NEW))

    for conditions in (NEW, versioned(7)):
        with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
            dynamodb.put_item(**put("a", 20, **conditions))

    item = cloud.dynamodb.tables["portraits"].items["a",]
    assert len(item["state"]["B"]) == len("AAAAAAAAAAAAAA==")
    assert cloud.ledger.charges["dynamodb_write"] == 3


def test_a_transaction_is_made_whole_or_not_at_all_and_costs_double(cloud):
    dynamodb = client("dynamodb")
    dynamodb.put_item(**put("a", 10))
    good = [{"Put": put("a", 10, **versioned(1))}, {"Put": put("b", 10, **NEW)}]
    bad = [{"Put": put("c", 10, **NEW)}, {"Put": put("a", 10, **NEW)}]

    with pytest.raises(ClientError, match="TransactionCanceledException") as failure:
        dynamodb.transact_write_items(TransactItems=bad)
    dynamodb.transact_write_items(TransactItems=good)

    codes = [reason["Code"] for reason in failure.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert cloud.dynamodb.tables["portraits"].items.keys() == {("a",), ("b",)}
    assert cloud.ledger.charges["dynamodb_write"] == 1 + 4 + 4


def test_a_message_is_queued_and_charged_by_64_kilobytes(cloud):
    client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody="x" * 70_000)

    assert [len(message.body) for message in cloud.queues["events"]] == [70_000]
    assert cloud.ledger.charges["sqs"] == 2


def test_an_object_is_put_although_its_sender_waits_to_be_told_to_go_on(cloud):
    client("s3").put_object(Bucket="portrait-data", Key="events/a.gz", Body=b"content")

    assert cloud.ledger.requests["s3", "PUT"] == 1


def test_conditions_know_and_or_not_and_brackets():
    request = {
        "ExpressionAttributeNames": {"#id": "id", "#expiry": "expiration", "#status": "status"},
        "ExpressionAttributeValues": {":now": {"N": "50"}, ":running": {"S": "INPROGRESS"}},
    }
    text = (
        "attribute_not_exists(#id) OR #expiry < :now OR (#status = :running AND NOT #expiry > :now)"
    )
    asked = Condition(text, request)
    known = {"id": {"S": "1"}, "status": {"S": "COMPLETED"}}

    assert asked.holds({})
    assert asked.holds({**known, "expiration": {"N": "9"}})
    assert not asked.holds({**known, "expiration": {"N": "100"}})
    assert asked.holds({**known, "status": {"S": "INPROGRESS"}, "expiration": {"N": "50"}})


def test_an_update_sets_and_removes():
    request = {
        "UpdateExpression": "SET #0 = :0, #1 = :1 REMOVE #2",
        "ExpressionAttributeNames": {"#0": "outcome", "#1": "at", "#2": "reason"},
        "ExpressionAttributeValues": {":0": {"S": "sent"}, ":1": {"N": "5"}},
    }

    after = updated({"key": {"S": "k"}, "reason": {"S": "cap"}}, request)

    assert after == {"key": {"S": "k"}, "outcome": {"S": "sent"}, "at": {"N": "5"}}


def scan(dynamodb, **fields):
    names = {"#0": "home", "#1": "state"}
    return dynamodb.scan(
        TableName="portraits", Limit=3, ProjectionExpression="#0", ExpressionAttributeNames=names,
        FilterExpression="attribute_exists(#1)", **fields,
    )  # fmt: skip


def test_a_scan_gives_every_item_of_its_segments_once_page_by_page(cloud):
    dynamodb = client("dynamodb")
    for number in range(20):
        dynamodb.put_item(**put(f"h{number}", 10))
    dynamodb.put_item(TableName="portraits", Item={"home": {"S": "pointer"}})

    found = []
    for segment in (0, 1):
        place, more = {"Segment": segment, "TotalSegments": 2}, {}
        while more is not None:
            answer = scan(dynamodb, **place, **more)
            found += [item["home"]["S"] for item in answer["Items"]]
            assert answer["ScannedCount"] <= 3
            last = answer.get("LastEvaluatedKey")
            more = {"ExclusiveStartKey": last} if last else None

    assert sorted(found) == sorted(f"h{number}" for number in range(20))


def test_a_page_of_a_scan_ends_at_a_megabyte_and_costs_what_was_read(cloud):
    dynamodb = client("dynamodb")
    for number in range(3):
        dynamodb.put_item(**put(f"h{number}", 390_000))
    before = cloud.ledger.charges["dynamodb_read"]
    dynamodb.put_item(**put("h3", 390_000))

    answer = scan(dynamodb)

    assert answer["ScannedCount"] == 3
    assert cloud.ledger.charges["dynamodb_read"] - before == pytest.approx(3 * 390 / 8.192, abs=1)


def test_an_update_adds_to_a_set():
    request = {
        "UpdateExpression": "SET #1 = :1 ADD #0 :0",
        "ExpressionAttributeNames": {"#0": "over", "#1": "at"},
        "ExpressionAttributeValues": {":0": {"NS": ["7"]}, ":1": {"N": "5"}},
    }

    once = updated({"slot": {"S": "s"}}, request)

    assert once == {"slot": {"S": "s"}, "over": {"NS": ["7"]}, "at": {"N": "5"}}
    assert updated({**once, "over": {"NS": ["3"]}}, request)["over"] == {"NS": ["3", "7"]}
