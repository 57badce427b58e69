"""A table's stream: one record per change, images, and order."""

from typing import Any

from tests.faults.conformance.worlds import World, outcome

KEY = {"home": {"S": "h"}}


def changes(world: World, table: str) -> list[tuple[Any, ...]]:
    return [
        (one["eventName"], one["dynamodb"].get("OldImage"), one["dynamodb"].get("NewImage"))
        for one in world.stream(table)
    ]


def version(n: int) -> dict[str, Any]:
    return {**KEY, "n": {"N": str(n)}}


def test_each_change_is_one_record_with_both_images(world: World) -> None:
    table, dynamodb = world.table(stream=True), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=version(1))
    dynamodb.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="ADD n :v",
        ExpressionAttributeValues={":v": {"N": "1"}},
    )
    dynamodb.delete_item(TableName=table, Key=KEY)
    assert changes(world, table) == [
        ("INSERT", None, version(1)),
        ("MODIFY", version(1), version(2)),
        ("REMOVE", version(2), None),
    ]


def test_what_changes_nothing_leaves_no_record(world: World) -> None:
    table, dynamodb = world.table(stream=True), world.client("dynamodb")
    for _ in range(2):
        dynamodb.put_item(TableName=table, Item=version(1))
    dynamodb.delete_item(TableName=table, Key={"home": {"S": "gone"}})
    assert changes(world, table) == [("INSERT", None, version(1))]


def test_what_is_refused_leaves_no_record(world: World) -> None:
    table, dynamodb = world.table(stream=True), world.client("dynamodb")
    condition = {"ConditionExpression": "attribute_exists(home)"}
    refused = outcome(dynamodb.put_item, TableName=table, Item=version(1), **condition)
    assert refused == "ConditionalCheckFailedException"
    assert changes(world, table) == []


def test_records_of_one_key_are_in_order(world: World) -> None:
    table, dynamodb = world.table(stream=True), world.client("dynamodb")
    for n in range(20):
        dynamodb.put_item(TableName=table, Item=version(n))
    records = world.stream(table)
    assert [one["dynamodb"]["NewImage"]["n"]["N"] for one in records] == [str(n) for n in range(20)]
    numbers = [int(one["dynamodb"]["SequenceNumber"]) for one in records]
    assert numbers == sorted(set(numbers))


def test_a_transaction_leaves_a_record_for_each_item(world: World) -> None:
    table, dynamodb = world.table(stream=True), world.client("dynamodb")
    puts = [
        {"Put": {"TableName": table, "Item": {"home": {"S": f"h{n}"}, "n": {"N": "1"}}}}
        for n in range(3)
    ]
    dynamodb.transact_write_items(TransactItems=puts)
    records = world.stream(table)
    assert sorted(one["dynamodb"]["Keys"]["home"]["S"] for one in records) == ["h0", "h1", "h2"]
