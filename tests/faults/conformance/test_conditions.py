"""Condition expressions, operator by operator, as conditions of a put."""

from typing import Any

import pytest

from tests.faults.conformance.worlds import World, outcome

HELD, REFUSED, WRONG = "ok", "ConditionalCheckFailedException", "ValidationException"
ITEM: dict[str, Any] = {
    "home": {"S": "h"},
    "amount": {"N": "10"},
    "label": {"S": "blue ä"},
    "octets": {"B": b"\x00\xffab"},
    "isgood": {"BOOL": True},
    "nothing": {"NULL": True},
    "tags": {"SS": ["x", "y"]},
    "numbs": {"NS": ["1", "2.5"]},
    "many": {"L": [{"S": "a"}, {"N": "7"}, {"M": {"deep": {"S": "found"}}}]},
    "nest": {"M": {"inside": {"N": "3"}, "k": {"L": [{"S": "z"}]}}},
}
CASES: list[tuple[str, str, dict[str, Any], str]] = [
    # id, expression, values, outcome
    ("exists", "attribute_exists(amount)", {}, HELD),
    ("exists_missing", "attribute_exists(gone)", {}, REFUSED),
    ("not_exists", "attribute_not_exists(gone)", {}, HELD),
    ("not_exists_there", "attribute_not_exists(amount)", {}, REFUSED),
    ("exists_null", "attribute_exists(nothing)", {}, HELD),
    ("exists_nested", "attribute_exists(nest.inside)", {}, HELD),
    ("exists_nested_missing", "attribute_exists(nest.outside)", {}, REFUSED),
    ("exists_in_list", "attribute_exists(many[2].deep)", {}, HELD),
    ("exists_past_list", "attribute_exists(many[3])", {}, REFUSED),
    ("exists_through_a_string", "attribute_exists(label.inside)", {}, REFUSED),
    ("equal_number", "amount = :v", {":v": {"N": "10"}}, HELD),
    ("equal_number_written_otherwise", "amount = :v", {":v": {"N": "10.0"}}, HELD),
    ("equal_number_exponent", "amount = :v", {":v": {"N": "1E1"}}, HELD),
    ("equal_other_type", "amount = :v", {":v": {"S": "10"}}, REFUSED),
    ("equal_missing", "gone = :v", {":v": {"N": "10"}}, REFUSED),
    ("equal_binary", "octets = :v", {":v": {"B": b"\x00\xffab"}}, HELD),
    ("equal_bool", "isgood = :v", {":v": {"BOOL": True}}, HELD),
    ("equal_bool_not", "isgood = :v", {":v": {"BOOL": False}}, REFUSED),
    ("equal_null", "nothing = :v", {":v": {"NULL": True}}, HELD),
    ("equal_set_in_any_order", "tags = :v", {":v": {"SS": ["y", "x"]}}, HELD),
    ("equal_list", "nest.k = :v", {":v": {"L": [{"S": "z"}]}}, HELD),
    ("equal_map", "many[2] = :v", {":v": {"M": {"deep": {"S": "found"}}}}, HELD),
    ("differs", "amount <> :v", {":v": {"N": "11"}}, HELD),
    ("differs_same", "amount <> :v", {":v": {"N": "10"}}, REFUSED),
    ("differs_other_type", "amount <> :v", {":v": {"S": "10"}}, HELD),
    ("differs_missing", "gone <> :v", {":v": {"N": "1"}}, HELD),
    ("less", "amount < :v", {":v": {"N": "11"}}, HELD),
    ("less_as_number_not_text", "amount < :v", {":v": {"N": "9"}}, REFUSED),
    ("less_same", "amount < :v", {":v": {"N": "10"}}, REFUSED),
    ("at_most", "amount <= :v", {":v": {"N": "10"}}, HELD),
    ("more", "amount > :v", {":v": {"N": "9.999999999"}}, HELD),
    ("at_least", "amount >= :v", {":v": {"N": "10"}}, HELD),
    ("at_least_not", "amount >= :v", {":v": {"N": "10.000001"}}, REFUSED),
    ("less_text", "label < :v", {":v": {"S": "blue z"}}, REFUSED),
    ("more_binary_unsigned", "octets > :v", {":v": {"B": b"\x00\x7f"}}, HELD),
    ("less_other_type", "amount < :v", {":v": {"S": "zz"}}, REFUSED),
    ("less_missing", "gone < :v", {":v": {"N": "1"}}, REFUSED),
    ("value_on_the_left", ":v < amount", {":v": {"N": "9"}}, HELD),
    ("two_attributes", "amount > nest.inside", {}, HELD),
    ("between", "amount BETWEEN :a AND :b", {":a": {"N": "10"}, ":b": {"N": "11"}}, HELD),
    ("between_not", "amount BETWEEN :a AND :b", {":a": {"N": "11"}, ":b": {"N": "12"}}, REFUSED),
    ("in", "amount IN (:a, :b)", {":a": {"N": "1"}, ":b": {"N": "10"}}, HELD),
    ("in_not", "amount IN (:a, :b)", {":a": {"N": "1"}, ":b": {"S": "10"}}, REFUSED),
    ("begins", "begins_with(label, :v)", {":v": {"S": "blue"}}, HELD),
    ("begins_not", "begins_with(label, :v)", {":v": {"S": "Blue"}}, REFUSED),
    ("begins_binary", "begins_with(octets, :v)", {":v": {"B": b"\x00\xff"}}, HELD),
    ("begins_a_number", "begins_with(amount, :v)", {":v": {"S": "1"}}, REFUSED),
    ("contains_text", "contains(label, :v)", {":v": {"S": "ue ä"}}, HELD),
    ("contains_in_set", "contains(tags, :v)", {":v": {"S": "y"}}, HELD),
    ("contains_in_set_not_part", "contains(tags, :v)", {":v": {"S": ""}}, REFUSED),
    ("contains_number_in_set", "contains(numbs, :v)", {":v": {"N": "2.50"}}, HELD),
    ("contains_in_list", "contains(many, :v)", {":v": {"N": "7"}}, HELD),
    ("contains_in_list_other_type", "contains(many, :v)", {":v": {"S": "7"}}, REFUSED),
    ("size_of_text_in_characters", "size(label) = :v", {":v": {"N": "6"}}, HELD),
    ("size_of_binary", "size(octets) = :v", {":v": {"N": "4"}}, HELD),
    ("size_of_set", "size(tags) = :v", {":v": {"N": "2"}}, HELD),
    ("size_of_list", "size(many) > :v", {":v": {"N": "2"}}, HELD),
    ("size_of_map", "size(nest) < :v", {":v": {"N": "2"}}, REFUSED),
    ("size_of_nothing", "size(gone) >= :v", {":v": {"N": "0"}}, REFUSED),
    ("type", "attribute_type(octets, :v)", {":v": {"S": "B"}}, HELD),
    ("type_not", "attribute_type(octets, :v)", {":v": {"S": "S"}}, REFUSED),
    ("and", "amount = :v AND attribute_exists(label)", {":v": {"N": "10"}}, HELD),
    ("and_one_fails", "amount = :v AND attribute_exists(gone)", {":v": {"N": "10"}}, REFUSED),
    ("or", "attribute_exists(gone) OR amount = :v", {":v": {"N": "10"}}, HELD),
    ("or_neither", "attribute_exists(gone) OR amount = :v", {":v": {"N": "1"}}, REFUSED),
    ("not", "NOT attribute_exists(gone)", {}, HELD),
    ("not_not", "NOT amount = :v", {":v": {"N": "10"}}, REFUSED),
    ("not_of_missing", "NOT gone < :v", {":v": {"N": "10"}}, HELD),
    ("and_before_or", "amount = :v OR amount = :v AND attribute_exists(gone)",
     {":v": {"N": "10"}}, HELD),
    ("brackets", "(amount = :v OR amount = :v) AND attribute_exists(gone)",
     {":v": {"N": "10"}}, REFUSED),
    ("not_before_and", "NOT amount = :v AND attribute_exists(gone)", {":v": {"N": "1"}}, REFUSED),
    ("keywords_in_lower_case", "amount = :v and not attribute_exists(gone)",
     {":v": {"N": "10"}}, HELD),
    ("value_not_defined", "amount = :v", {}, WRONG),
    ("value_not_used", "attribute_exists(amount)", {":v": {"N": "1"}}, WRONG),
    ("bracket_not_closed", "(amount = :v", {":v": {"N": "1"}}, WRONG),
    ("no_operator", "amount", {}, WRONG),
    ("no_function", "exists(amount)", {}, WRONG),
    ("empty", "", {}, WRONG),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "values", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_condition_of_a_put(
    world: World, expression: str, values: dict[str, Any], expected: str
) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=ITEM)
    given = {"ExpressionAttributeValues": values} if values else {}
    after = {"home": {"S": "h"}, "replaced": {"BOOL": True}}
    assert (
        outcome(
            dynamodb.put_item,
            TableName=table,
            Item=after,
            ConditionExpression=expression,
            **given,
        )
        == expected
    )
    left = dynamodb.get_item(TableName=table, Key={"home": {"S": "h"}}, ConsistentRead=True)["Item"]
    assert ("replaced" in left) == (expected == HELD)


def test_a_name_may_stand_behind_a_placeholder(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"home": {"S": "h"}, "a.b": {"N": "1"}})
    request = {
        "TableName": table,
        "Item": {"home": {"S": "h"}},
        "ConditionExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "a.b"},
        "ExpressionAttributeValues": {":0": {"N": "1"}},
    }
    assert outcome(dynamodb.put_item, **request) == HELD
    assert outcome(dynamodb.put_item, **request) == REFUSED


def test_a_name_that_is_not_used_is_refused(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    request = {"ConditionExpression": "attribute_exists(#0)",
               "ExpressionAttributeNames": {"#0": "a", "#1": "b"}}  # fmt: skip
    item = {"home": {"S": "h"}}
    assert outcome(dynamodb.put_item, TableName=table, Item=item, **request) == WRONG
