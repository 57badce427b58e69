"""Puts and deletes: keys, limits, numbers, batches, and what they answer."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.faults.conformance.worlds import World, outcome

WRONG = "ValidationException"
KEY = {"home": {"S": "h"}}
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("no_key", {"other": {"S": "h"}}),
    ("key_empty", {"home": {"S": ""}}),
    ("key_of_another_type", {"home": {"N": "1"}}),
    ("key_too_long", {"home": {"S": "h" * 2049}}),
    ("too_large", {**KEY, "octets": {"B": bytes(400 * 1024)}}),
    ("set_empty", {**KEY, "tags": {"SS": []}}),
    ("set_with_one_twice", {**KEY, "tags": {"SS": ["a", "a"]}}),
    ("number_that_is_none", {**KEY, "amount": {"N": "ten"}}),
    ("number_not_finite", {**KEY, "amount": {"N": "NaN"}}),
    ("number_of_39_digits", {**KEY, "amount": {"N": "1" * 39}}),
    ("number_too_large", {**KEY, "amount": {"N": "1E126"}}),
    ("number_too_small", {**KEY, "amount": {"N": "1E-131"}}),
    ("nested_33_deep", {**KEY, "nest": {"L": []}}),
]


def _deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "bottom"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


REFUSED[-1][1]["nest"] = _deep(33)


@pytest.mark.parametrize("item", [c[1] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_an_item_that_is_refused(world: World, item: dict[str, Any]) -> None:
    dynamodb = world.client("dynamodb")
    assert outcome(dynamodb.put_item, TableName=world.table(), Item=item) == WRONG


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"B": b""},
        {"B": bytes(range(256))},
        {"NULL": True},
        {"BOOL": False},
        {"L": []},
        {"M": {}},
        {"N": "0"},
        {"N": "-12345678901234567890.123456789"},
        {"BS": [b"\x00", b"\xff"]},
        {"S": "\u0000\uffff\U0001f600"},
        {"S": "x" * 409_000},
        _deep(31),
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_value_comes_back_as_it_went(world: World, value: dict[str, Any]) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "it": value})
    found = dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]["it"]
    assert found == value


@pytest.mark.parametrize(
    ("given", "kept"),
    [("1.0", "1"), ("1E3", "1000"), ("007", "7"), ("-0", "0"), ("1.50", "1.5"), ("1E-3", "0.001")],
)
def test_a_number_is_kept_in_its_shortest_form(world: World, given: str, kept: str) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "amount": {"N": given}})
    found = dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]
    assert found["amount"] == {"N": kept}


def test_a_put_replaces_the_whole_item(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "1"}, "b": {"N": "2"}})
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "3"}})
    found = dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]
    assert found == {**KEY, "a": {"N": "3"}}


@pytest.mark.parametrize("operation", ["put_item", "delete_item"])
def test_what_was_there_before_is_returned(world: World, operation: str) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    what = {"Item": KEY} if operation == "put_item" else {"Key": KEY}
    write = getattr(dynamodb, operation)
    first = write(TableName=table, ReturnValues="ALL_OLD", **what)
    assert "Attributes" not in first
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "1"}})
    assert write(TableName=table, ReturnValues="ALL_OLD", **what)["Attributes"] == {
        **KEY,
        "a": {"N": "1"},
    }


@pytest.mark.parametrize("operation", ["put_item", "delete_item"])
def test_only_an_update_returns_what_is_new(world: World, operation: str) -> None:
    what = {"Item": KEY} if operation == "put_item" else {"Key": KEY}
    write = getattr(world.client("dynamodb"), operation)
    assert outcome(write, TableName=world.table(), ReturnValues="ALL_NEW", **what) == WRONG


def test_a_failed_condition_shows_the_item_when_asked(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "1"}})
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName=table,
            Item=KEY,
            ConditionExpression="attribute_not_exists(home)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"] == {**KEY, "a": {"N": "1"}}


def test_deleting_what_is_not_there_is_no_error(world: World) -> None:
    dynamodb = world.client("dynamodb")
    assert outcome(dynamodb.delete_item, TableName=world.table(), Key=KEY) == "ok"


def test_a_delete_obeys_its_condition(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "1"}})
    request = {"TableName": table, "Key": KEY, "ConditionExpression": "a = :v"}
    other = {"ExpressionAttributeValues": {":v": {"N": "2"}}}
    right = {"ExpressionAttributeValues": {":v": {"N": "1"}}}
    refused = "ConditionalCheckFailedException"
    assert outcome(dynamodb.delete_item, **request, **other) == refused
    assert outcome(dynamodb.delete_item, **request, **right) == "ok"
    assert outcome(dynamodb.delete_item, **request, **right) == refused


@pytest.mark.parametrize("key", [{}, {**KEY, "more": {"S": "x"}}, {"home": {"N": "1"}}])
def test_a_key_is_exactly_the_key(world: World, key: dict[str, Any]) -> None:
    assert outcome(world.client("dynamodb").get_item, TableName=world.table(), Key=key) == WRONG


def test_a_table_that_does_not_exist(world: World) -> None:
    dynamodb = world.client("dynamodb")
    with pytest.raises(ClientError) as refused:
        dynamodb.put_item(TableName="nowhere", Item=KEY)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert isinstance(refused.value, dynamodb.exceptions.ResourceNotFoundException)


def test_a_batch_puts_and_deletes(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"home": {"S": "old"}})
    puts = [{"PutRequest": {"Item": {"home": {"S": f"{n}"}}}} for n in range(24)]
    deletes = [{"DeleteRequest": {"Key": {"home": {"S": "old"}}}}]
    assert not dynamodb.batch_write_item(RequestItems={table: puts + deletes})["UnprocessedItems"]
    found = {item["home"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
    assert found == {f"{n}" for n in range(24)}


@pytest.mark.parametrize("homes", [[], ["a", "a"], [f"{n}" for n in range(26)]],
                         ids=["none", "twice", "26"])  # fmt: skip
def test_a_batch_that_is_refused(world: World, homes: list[str]) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    puts = [{"PutRequest": {"Item": {"home": {"S": home}}}} for home in homes]
    assert outcome(dynamodb.batch_write_item, RequestItems={table: puts}) == WRONG
