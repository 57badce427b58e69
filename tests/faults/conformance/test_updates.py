"""Update expressions, clause by clause, and what an update answers."""

from typing import Any

import pytest

from tests.faults.conformance.worlds import World, outcome

WRONG = "ValidationException"
KEY = {"home": {"S": "h"}}
ITEM: dict[str, Any] = {
    **KEY,
    "amount": {"N": "10"},
    "label": {"S": "blue"},
    "tags": {"SS": ["x", "y"]},
    "numbs": {"NS": ["1", "2"]},
    "many": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]},
    "nest": {"M": {"inside": {"N": "3"}}},
}
N5 = {":v": {"N": "5"}}
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # id, expression, values, the attributes that change (None: gone)
    ("set", "SET amount = :v", N5, {"amount": {"N": "5"}}),
    ("set_new", "SET fresh = :v", N5, {"fresh": {"N": "5"}}),
    ("set_two", "SET fresh = :v, amount = :v", N5, {"fresh": {"N": "5"}, "amount": {"N": "5"}}),
    ("set_sum", "SET amount = amount + :v", N5, {"amount": {"N": "15"}}),
    ("set_difference", "SET amount = amount - :v", N5, {"amount": {"N": "5"}}),
    ("set_from_another", "SET fresh = label", {}, {"fresh": {"S": "blue"}}),
    ("set_swaps", "SET amount = label, label = amount", {},
     {"amount": {"S": "blue"}, "label": {"N": "10"}}),
    ("set_if_not_exists", "SET fresh = if_not_exists(fresh, :v)", N5, {"fresh": {"N": "5"}}),
    ("set_if_not_exists_there", "SET amount = if_not_exists(amount, :v)", N5, {}),
    ("set_counts_from_zero", "SET fresh = if_not_exists(fresh, :z) + :v",
     {":z": {"N": "0"}, **N5}, {"fresh": {"N": "5"}}),
    ("set_appends", "SET many = list_append(many, :l)", {":l": {"L": [{"S": "d"}]}},
     {"many": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}, {"S": "d"}]}}),
    ("set_prepends", "SET many = list_append(:l, many)", {":l": {"L": [{"S": "d"}]}},
     {"many": {"L": [{"S": "d"}, {"S": "a"}, {"S": "b"}, {"S": "c"}]}}),
    ("set_nested", "SET nest.more = :v", N5,
     {"nest": {"M": {"inside": {"N": "3"}, "more": {"N": "5"}}}}),
    ("set_in_list", "SET many[1] = :v", N5, {"many": {"L": [{"S": "a"}, {"N": "5"}, {"S": "c"}]}}),
    ("set_past_list", "SET many[9] = :v", N5,
     {"many": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}, {"N": "5"}]}}),
    ("remove", "REMOVE label", {}, {"label": None}),
    ("remove_missing", "REMOVE gone", {}, {}),
    ("remove_nested", "REMOVE nest.inside", {}, {"nest": {"M": {}}}),
    ("remove_two_of_a_list", "REMOVE many[0], many[1]", {}, {"many": {"L": [{"S": "c"}]}}),
    ("add", "ADD amount :v", N5, {"amount": {"N": "15"}}),
    ("add_new", "ADD fresh :v", N5, {"fresh": {"N": "5"}}),
    ("add_negative", "ADD amount :v", {":v": {"N": "-10.5"}}, {"amount": {"N": "-0.5"}}),
    ("add_exactly", "ADD amount :v", {":v": {"N": "0.1234567890123456789"}},
     {"amount": {"N": "10.1234567890123456789"}}),
    ("add_to_set", "ADD tags :v", {":v": {"SS": ["y", "z"]}}, {"tags": {"SS": ["x", "y", "z"]}}),
    ("add_new_set", "ADD fresh :v", {":v": {"SS": ["z"]}}, {"fresh": {"SS": ["z"]}}),
    ("delete_from_set", "DELETE tags :v", {":v": {"SS": ["x", "q"]}}, {"tags": {"SS": ["y"]}}),
    ("delete_last_of_set", "DELETE numbs :v", {":v": {"NS": ["2", "1"]}}, {"numbs": None}),
    ("delete_from_nothing", "DELETE gone :v", {":v": {"SS": ["x"]}}, {}),
    ("all_clauses", "SET fresh = :v REMOVE label ADD amount :v DELETE tags :t",
     {**N5, ":t": {"SS": ["x"]}},
     {"fresh": {"N": "5"}, "label": None, "amount": {"N": "15"}, "tags": {"SS": ["y"]}}),
]  # fmt: skip
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("key", "SET home = :v", {":v": {"S": "x"}}),
    ("operand_missing", "SET fresh = gone", {}),
    ("sum_of_missing", "SET fresh = gone + :v", N5),
    ("sum_of_text", "SET fresh = label + :v", N5),
    ("add_to_text", "ADD label :v", N5),
    ("add_text", "ADD amount :v", {":v": {"S": "5"}}),
    ("append_to_text", "SET label = list_append(label, :l)", {":l": {"L": []}}),
    ("delete_number", "DELETE amount :v", N5),
    ("into_nothing", "SET gone.inside = :v", N5),
    ("one_path_twice", "SET amount = :v, amount = :v", N5),
    ("paths_overlap", "SET nest = :v, nest.inside = :v", N5),
    ("clause_twice", "SET amount = :v SET label = :v", N5),
    ("no_clause", "amount = :v", N5),
    ("function_unknown", "SET amount = twice(amount, :v)", N5),
]


def _sorted(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {kind: sorted(content) if kind in ("SS", "NS") else content}
        for name, value in item.items()
        for kind, content in value.items()
    }


def _item(world: World, table: str) -> Any:
    return world.client("dynamodb").get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]


@pytest.mark.parametrize(
    ("expression", "values", "changes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_an_update(
    world: World, expression: str, values: dict[str, Any], changes: dict[str, Any]
) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=ITEM)
    given = {"ExpressionAttributeValues": values} if values else {}
    dynamodb.update_item(TableName=table, Key=KEY, UpdateExpression=expression, **given)
    expected = {k: v for k, v in (ITEM | changes).items() if v is not None}
    assert _sorted(_item(world, table)) == _sorted(expected)


@pytest.mark.parametrize(
    ("expression", "values"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_an_update_that_cannot_be(world: World, expression: str, values: dict[str, Any]) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=ITEM)
    request = {"TableName": table, "Key": KEY, "UpdateExpression": expression}
    given = {"ExpressionAttributeValues": values} if values else {}
    assert outcome(dynamodb.update_item, **request, **given) == WRONG
    assert _sorted(_item(world, table)) == _sorted(ITEM)


def test_an_update_makes_the_item_that_is_not_there(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.update_item(
        TableName=table, Key=KEY, UpdateExpression="ADD amount :v", ExpressionAttributeValues=N5
    )
    assert _item(world, table) == {**KEY, "amount": {"N": "5"}}


def test_an_update_of_nothing_makes_the_bare_key(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.update_item(TableName=table, Key=KEY)
    assert _item(world, table) == KEY


def test_an_update_whose_condition_fails_makes_nothing(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    request = {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": "SET amount = :v",
        "ConditionExpression": "attribute_exists(home)",
        "ExpressionAttributeValues": N5,
    }
    assert outcome(dynamodb.update_item, **request) == "ConditionalCheckFailedException"
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("NONE", None),
        ("ALL_OLD", {**KEY, "amount": {"N": "1"}, "label": {"S": "a"}}),
        ("ALL_NEW", {**KEY, "amount": {"N": "6"}, "label": {"S": "a"}}),
        ("UPDATED_OLD", {"amount": {"N": "1"}}),
        ("UPDATED_NEW", {"amount": {"N": "6"}}),
    ],
)
def test_what_an_update_returns(world: World, wanted: str, expected: Any) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    item = {**KEY, "amount": {"N": "1"}, "label": {"S": "a"}}
    dynamodb.put_item(TableName=table, Item=item)
    answer = dynamodb.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="ADD amount :v",
        ExpressionAttributeValues=N5,
        ReturnValues=wanted,
    )
    assert answer.get("Attributes") == expected
