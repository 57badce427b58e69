"""Transactions: all or nothing, reasons in order, limits, and once per token."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.faults.conformance.worlds import World, outcome

WRONG, CANCELLED = "ValidationException", "TransactionCanceledException"
NEW = {"ConditionExpression": "attribute_not_exists(home)"}


def key(home: str) -> dict[str, Any]:
    return {"home": {"S": home}}


def put(table: str, home: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": {**key(home), "n": {"N": "1"}}, **more}}


def homes(world: World, table: str) -> set[str]:
    found = world.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return {item["home"]["S"] for item in found}


def reasons(world: World, *actions: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    with pytest.raises(ClientError) as refused:
        world.client("dynamodb").transact_write_items(TransactItems=list(actions), **more)
    assert refused.value.response["Error"]["Code"] == CANCELLED
    return refused.value.response["CancellationReasons"]  # type: ignore[typeddict-item,no-any-return]


def test_all_kinds_of_actions_happen_together(world: World) -> None:
    table, other, dynamodb = world.table(), world.table(), world.client("dynamodb")
    for home in ("updated", "deleted", "checked"):
        dynamodb.put_item(TableName=table, Item={**key(home), "n": {"N": "1"}})
    add = {"UpdateExpression": "ADD n :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
    check = {"ConditionExpression": "attribute_exists(home)"}
    dynamodb.transact_write_items(
        TransactItems=[
            put(other, "put"),
            {"Update": {"TableName": table, "Key": key("updated"), **add}},
            {"Delete": {"TableName": table, "Key": key("deleted")}},
            {"ConditionCheck": {"TableName": table, "Key": key("checked"), **check}},
        ]
    )
    assert homes(world, other) == {"put"}
    assert homes(world, table) == {"updated", "checked"}
    updated = dynamodb.get_item(TableName=table, Key=key("updated"), ConsistentRead=True)
    assert updated["Item"]["n"] == {"N": "2"}


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_one_failed_condition_stops_everything(world: World, failing: int) -> None:
    table = world.table()
    world.client("dynamodb").put_item(TableName=table, Item=key("there"))
    actions = [put(table, "there" if n == failing else f"new{n}", **NEW) for n in range(3)]
    codes = [reason["Code"] for reason in reasons(world, *actions)]
    assert codes == ["ConditionalCheckFailed" if n == failing else "None" for n in range(3)]
    assert homes(world, table) == {"there"}


def test_a_failed_check_stops_everything(world: World) -> None:
    table = world.table()
    check = {"TableName": table, "Key": key("gone"),
             "ConditionExpression": "attribute_exists(home)"}  # fmt: skip
    found = reasons(world, put(table, "new"), {"ConditionCheck": check})
    assert [reason["Code"] for reason in found] == ["None", "ConditionalCheckFailed"]
    assert homes(world, table) == set()


def test_a_failed_condition_shows_the_item_when_asked(world: World) -> None:
    table = world.table()
    world.client("dynamodb").put_item(TableName=table, Item=key("there"))
    show = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    (reason,) = reasons(world, put(table, "there", **NEW, **show))
    assert reason["Item"] == key("there")


def test_conditions_see_what_was_before_the_transaction(world: World) -> None:
    table = world.table()
    exists = {"ConditionExpression": "attribute_exists(home)"}
    check = {"ConditionCheck": {"TableName": table, "Key": key("b"), **exists}}
    found = reasons(world, put(table, "a"), check)
    assert found[1]["Code"] == "ConditionalCheckFailed"


def test_one_item_twice_is_refused(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    actions = [put(table, "a"), put(table, "a")]
    assert outcome(dynamodb.transact_write_items, TransactItems=actions) == WRONG


@pytest.mark.parametrize(("count", "expected"), [(0, WRONG), (100, "ok"), (101, WRONG)])
def test_a_transaction_has_1_to_100_actions(world: World, count: int, expected: str) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    actions = [put(table, f"{n}") for n in range(count)]
    assert outcome(dynamodb.transact_write_items, TransactItems=actions) == expected
    assert len(homes(world, table)) == (count if expected == "ok" else 0)


def test_a_transaction_holds_at_most_4_mb(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    large = {"it": {"S": "x" * 390 * 1024}}
    actions = [{"Put": {"TableName": table, "Item": {**key(f"{n}"), **large}}} for n in range(11)]
    assert outcome(dynamodb.transact_write_items, TransactItems=actions) == WRONG
    assert outcome(dynamodb.transact_write_items, TransactItems=actions[:10]) == "ok"


def _count(table: str) -> dict[str, Any]:
    add = {"UpdateExpression": "ADD n :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
    return {"Update": {"TableName": table, "Key": key("counter"), **add}}


def _counted(world: World, table: str) -> str:
    item = world.client("dynamodb").get_item(
        TableName=table, Key=key("counter"), ConsistentRead=True
    )["Item"]
    return str(item["n"]["N"])


def test_a_token_makes_a_repeat_do_nothing(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    for _ in range(3):
        dynamodb.transact_write_items(
            TransactItems=[_count(table)], ClientRequestToken=f"{table}-again"
        )
    assert _counted(world, table) == "1"


def test_another_token_does_it_again(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    for n in range(3):
        dynamodb.transact_write_items(
            TransactItems=[_count(table)], ClientRequestToken=f"{table}-{n}"
        )
    assert _counted(world, table) == "3"


def test_without_a_token_each_call_is_new(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[_count(table)])
    assert _counted(world, table) == "2"


def test_a_token_is_for_one_request_only(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    token = {"ClientRequestToken": f"{table}-other"}
    dynamodb.transact_write_items(TransactItems=[_count(table)], **token)
    code = outcome(dynamodb.transact_write_items, TransactItems=[put(table, "other")], **token)
    assert code == "IdempotentParameterMismatchException"
    assert homes(world, table) == {"counter"}


def test_the_token_of_a_cancelled_transaction_is_free(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    token = {"ClientRequestToken": f"{table}-cancelled"}
    dynamodb.put_item(TableName=table, Item=key("a"))
    assert reasons(world, put(table, "a", **NEW), **token)
    dynamodb.delete_item(TableName=table, Key=key("a"))
    dynamodb.transact_write_items(TransactItems=[put(table, "a", **NEW)], **token)
    assert homes(world, table) == {"a"}


def test_an_update_that_cannot_be_cancels_with_its_reason(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**key("counter"), "n": {"S": "text"}})
    found = reasons(world, put(table, "a"), _count(table))
    assert [reason["Code"] for reason in found] == ["None", "ValidationError"]
    assert homes(world, table) == {"counter"}


def test_what_is_malformed_is_refused_as_a_whole(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    actions = [put(table, "a"), put(table, "b", ConditionExpression="(n")]
    assert outcome(dynamodb.transact_write_items, TransactItems=actions) == WRONG


def test_a_transaction_reads_in_order(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**key("a"), "n": {"N": "1"}, "m": {"N": "2"}})
    gets = [
        {"Get": {"TableName": table, "Key": key("gone")}},
        {"Get": {"TableName": table, "Key": key("a"), "ProjectionExpression": "m"}},
    ]
    answers = dynamodb.transact_get_items(TransactItems=gets)["Responses"]
    assert answers == [{}, {"Item": {"m": {"N": "2"}}}]
