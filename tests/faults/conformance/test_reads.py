"""Reading by key, by query and by scan: projections, pages, indexes and segments."""

from typing import Any

import pytest

from tests.faults.conformance.worlds import World, outcome

WRONG = "ValidationException"
ITEM: dict[str, Any] = {
    "home": {"S": "h"},
    "a": {"N": "1"},
    "many": {"L": [{"S": "x"}, {"S": "y"}, {"M": {"k": {"S": "z"}, "l": {"S": "w"}}}]},
    "nest": {"M": {"one": {"N": "1"}, "two": {"N": "2"}}},
}
PROJECTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("one", "a", {"a": {"N": "1"}}),
    ("missing", "gone", {}),
    ("nested", "nest.two", {"nest": {"M": {"two": {"N": "2"}}}}),
    ("in_list", "many[1]", {"many": {"L": [{"S": "y"}]}}),
    (
        "in_map_in_list",
        "many[2].k, a",
        {"many": {"L": [{"M": {"k": {"S": "z"}}}]}, "a": {"N": "1"}},
    ),
    ("key_and_more", "home, nest.one", {"home": {"S": "h"}, "nest": {"M": {"one": {"N": "1"}}}}),
]
HOMES = {f"h{n}": {"home": {"S": f"h{n}"}, "n": {"N": str(n)}} for n in range(100)}


@pytest.mark.parametrize(
    ("expression", "expected"), [c[1:] for c in PROJECTIONS], ids=[c[0] for c in PROJECTIONS]
)
def test_a_projection(world: World, expression: str, expected: dict[str, Any]) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=ITEM)
    key = {"home": {"S": "h"}}
    found = dynamodb.get_item(TableName=table, Key=key, ProjectionExpression=expression)
    assert found.get("Item", {}) == expected


def _filled(world: World) -> str:
    table, dynamodb = world.table(), world.client("dynamodb")
    items = list(HOMES.values())
    for start in range(0, 100, 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        dynamodb.batch_write_item(RequestItems={table: puts})
    return table


def test_a_batch_gives_what_is_there(world: World) -> None:
    table, dynamodb = _filled(world), world.client("dynamodb")
    keys = [{"home": {"S": home}} for home in [*list(HOMES)[:99], "gone"]]
    answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    assert {item["home"]["S"]: item for item in answer["Responses"][table]} == {
        home: item for home, item in HOMES.items() if home != "h99"
    }
    assert not answer["UnprocessedKeys"]


def test_a_batch_of_two_tables_projects_each(world: World) -> None:
    one, two, dynamodb = world.table(), world.table(), world.client("dynamodb")
    for table in (one, two):
        dynamodb.put_item(TableName=table, Item=ITEM)
    keys = {"Keys": [{"home": {"S": "h"}}]}
    asked = {one: {**keys, "ProjectionExpression": "a"}, two: keys}
    answer = dynamodb.batch_get_item(RequestItems=asked)["Responses"]
    assert answer == {one: [{"a": {"N": "1"}}], two: [ITEM]}


@pytest.mark.parametrize(
    "homes", [[], ["a", "a"], [f"{n}" for n in range(101)]], ids=["none", "twice", "101"]
)
def test_a_batch_that_is_refused(world: World, homes: list[str]) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    keys = [{"home": {"S": home}} for home in homes]
    assert outcome(dynamodb.batch_get_item, RequestItems={table: {"Keys": keys}}) == WRONG


def test_a_batch_gives_at_most_16_mb(world: World) -> None:
    table, dynamodb = world.table(), world.client("dynamodb")
    for n in range(45):
        item = {"home": {"S": f"{n}"}, "it": {"S": "x" * 390 * 1024}}
        dynamodb.put_item(TableName=table, Item=item)
    asked = {table: {"Keys": [{"home": {"S": f"{n}"}} for n in range(45)]}}
    answer = dynamodb.batch_get_item(RequestItems=asked)
    given, left = answer["Responses"][table], answer["UnprocessedKeys"][table]["Keys"]
    assert 40 <= len(given) <= 43
    assert len(given) + len(left) == 45


SLOTS = [f"s{n:02d}" for n in range(10)]


def _shelf(world: World, **more: Any) -> str:
    table = world.table("shelf", "slot", **more)
    dynamodb = world.client("dynamodb")
    for number, slot in enumerate(SLOTS):
        item = {"shelf": {"S": "one"}, "slot": {"S": slot}, "n": {"N": str(number)}}
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.put_item(TableName=table, Item={"shelf": {"S": "two"}, "slot": {"S": "s00"}})
    return table


QUERIES: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("all", "shelf = :h", {}, SLOTS),
    ("equal", "shelf = :h AND slot = :a", {":a": {"S": "s03"}}, ["s03"]),
    ("less", "shelf = :h AND slot < :a", {":a": {"S": "s03"}}, SLOTS[:3]),
    ("at_most", "shelf = :h AND slot <= :a", {":a": {"S": "s03"}}, SLOTS[:4]),
    ("more", "shelf = :h AND slot > :a", {":a": {"S": "s07"}}, SLOTS[8:]),
    ("at_least", "slot >= :a AND shelf = :h", {":a": {"S": "s07"}}, SLOTS[7:]),
    ("between", "shelf = :h AND slot BETWEEN :a AND :b",
     {":a": {"S": "s02"}, ":b": {"S": "s04"}}, SLOTS[2:5]),
    ("begins", "shelf = :h AND begins_with(slot, :a)", {":a": {"S": "s0"}}, SLOTS),
    ("nothing", "shelf = :h AND slot = :a", {":a": {"S": "gone"}}, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "values", "expected"), [c[1:] for c in QUERIES], ids=[c[0] for c in QUERIES]
)
def test_a_query(
    world: World, expression: str, values: dict[str, Any], expected: list[str]
) -> None:
    answer = world.client("dynamodb").query(
        TableName=_shelf(world),
        KeyConditionExpression=expression,
        ExpressionAttributeValues={":h": {"S": "one"}, **values},
    )
    assert [item["slot"]["S"] for item in answer["Items"]] == expected
    assert answer["Count"] == len(expected)
    assert "LastEvaluatedKey" not in answer


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("slot = :a", {":a": {"S": "s"}}),
        ("shelf > :a", {":a": {"S": "s"}}),
        ("shelf = :a OR slot = :a", {":a": {"S": "s"}}),
        ("shelf = :a AND slot <> :a", {":a": {"S": "s"}}),
        ("shelf = :a AND n = :b", {":a": {"S": "s"}, ":b": {"N": "1"}}),
        ("shelf = :gone", {}),
    ],
    ids=["no_hash", "hash_not_equal", "or", "not_equal", "no_key", "undefined"],
)
def test_a_query_that_is_refused(world: World, expression: str, values: dict[str, Any]) -> None:
    table, dynamodb = _shelf(world), world.client("dynamodb")
    given = {"ExpressionAttributeValues": values} if values else {}
    request = {"TableName": table, "KeyConditionExpression": expression}
    assert outcome(dynamodb.query, **request, **given) == WRONG


ONE = {
    "KeyConditionExpression": "shelf = :h",
    "ExpressionAttributeValues": {":h": {"S": "one"}},
}


@pytest.mark.parametrize("forward", [True, False])
def test_a_query_goes_on_where_its_page_ended(world: World, forward: bool) -> None:
    table, dynamodb = _shelf(world), world.client("dynamodb")
    request = {"TableName": table, "Limit": 4, "ScanIndexForward": forward, **ONE}
    pages, start = [], {}
    while True:
        answer = dynamodb.query(**request, **start)
        pages.append([item["slot"]["S"] for item in answer["Items"]])
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    ordered = SLOTS if forward else SLOTS[::-1]
    assert pages == [ordered[:4], ordered[4:8], ordered[8:]]


def test_a_filter_counts_what_it_drops(world: World) -> None:
    request = {**ONE, "FilterExpression": "n >= :n"}
    request["ExpressionAttributeValues"] = {":h": {"S": "one"}, ":n": {"N": "8"}}
    answer = world.client("dynamodb").query(TableName=_shelf(world), Limit=9, **request)
    assert [item["slot"]["S"] for item in answer["Items"]] == ["s08"]
    assert (answer["Count"], answer["ScannedCount"]) == (1, 9)
    assert answer["LastEvaluatedKey"] == {"shelf": {"S": "one"}, "slot": {"S": "s08"}}


def test_a_query_may_only_count(world: World) -> None:
    answer = world.client("dynamodb").query(TableName=_shelf(world), Select="COUNT", **ONE)
    assert answer["Count"] == 10
    assert "Items" not in answer


def test_a_query_gives_pages_of_1_mb(world: World) -> None:
    table, dynamodb = world.table("shelf", "slot"), world.client("dynamodb")
    for n in range(5):
        large = {"shelf": {"S": "one"}, "slot": {"S": f"{n}"}, "it": {"S": "x" * 300_000}}
        dynamodb.put_item(TableName=table, Item=large)
    answer = dynamodb.query(TableName=table, **ONE)
    assert 3 <= len(answer["Items"]) <= 4
    assert "LastEvaluatedKey" in answer


def test_numbers_are_ordered_as_numbers(world: World) -> None:
    table = world.table("shelf", "at", types={"at": "N"})
    dynamodb = world.client("dynamodb")
    for at in ("10", "9", "-1", "100", "0.5"):
        dynamodb.put_item(TableName=table, Item={"shelf": {"S": "one"}, "at": {"N": at}})
    found = dynamodb.query(TableName=table, **ONE)["Items"]
    assert [item["at"]["N"] for item in found] == ["-1", "0.5", "9", "10", "100"]


INDEXES = {"by_group": ("group_id", "at", ["note"])}


def _indexed(world: World) -> str:
    table = world.table(indexes=INDEXES, types={"at": "N"})
    for n in range(6):
        item = {
            "home": {"S": f"h{n}"},
            "group_id": {"S": "g" if n < 5 else "other"},
            "at": {"N": str(n // 2)},
            "note": {"S": "seen"},
            "hidden": {"S": "unseen"},
        }
        world.client("dynamodb").put_item(TableName=table, Item=item)
    world.client("dynamodb").put_item(TableName=table, Item={"home": {"S": "sparse"}})
    return table


GROUP = {
    "IndexName": "by_group",
    "KeyConditionExpression": "group_id = :g",
    "ExpressionAttributeValues": {":g": {"S": "g"}},
}


def test_an_index_gives_what_it_carries_in_its_order(world: World) -> None:
    found = world.client("dynamodb").query(TableName=_indexed(world), **GROUP)["Items"]
    assert [item["at"]["N"] for item in found] == ["0", "0", "1", "1", "2"]
    assert {item["home"]["S"] for item in found} == {f"h{n}" for n in range(5)}
    assert all(item.keys() == {"home", "group_id", "at", "note"} for item in found)


def test_pages_of_an_index_lose_nothing_where_keys_are_equal(world: World) -> None:
    table, dynamodb = _indexed(world), world.client("dynamodb")
    found: list[str] = []
    start: dict[str, Any] = {}
    for _ in range(10):
        answer = dynamodb.query(TableName=table, Limit=1, **GROUP, **start)
        found += [item["home"]["S"] for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        assert answer["LastEvaluatedKey"].keys() == {"home", "group_id", "at"}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert sorted(found) == [f"h{n}" for n in range(5)]


def test_an_index_follows_the_table(world: World) -> None:
    table, dynamodb = _indexed(world), world.client("dynamodb")
    moved = {"home": {"S": "h0"}, "group_id": {"S": "other"}, "at": {"N": "9"}}
    dynamodb.put_item(TableName=table, Item=moved)
    dynamodb.put_item(TableName=table, Item={"home": {"S": "h1"}})
    dynamodb.delete_item(TableName=table, Key={"home": {"S": "h2"}})
    found = dynamodb.query(TableName=table, **GROUP)["Items"]
    assert sorted(item["home"]["S"] for item in found) == ["h3", "h4"]


def test_an_index_is_never_read_consistently(world: World) -> None:
    table, dynamodb = _indexed(world), world.client("dynamodb")
    assert outcome(dynamodb.query, TableName=table, ConsistentRead=True, **GROUP) == WRONG


def test_an_index_key_is_of_its_type(world: World) -> None:
    table, dynamodb = _indexed(world), world.client("dynamodb")
    item = {"home": {"S": "h"}, "group_id": {"S": "g"}, "at": {"S": "1"}}
    assert outcome(dynamodb.put_item, TableName=table, Item=item) == WRONG


def test_an_index_that_does_not_exist(world: World) -> None:
    table, dynamodb = _indexed(world), world.client("dynamodb")
    request = {**GROUP, "IndexName": "none"}
    assert outcome(dynamodb.query, TableName=table, **request) == WRONG


@pytest.mark.parametrize("segments", [1, 2, 7])
def test_segments_of_a_scan_give_everything_once(world: World, segments: int) -> None:
    table, dynamodb = _filled(world), world.client("dynamodb")
    found: list[str] = []
    for segment in range(segments):
        answer = dynamodb.scan(TableName=table, Segment=segment, TotalSegments=segments)
        found += [item["home"]["S"] for item in answer["Items"]]
    assert sorted(found) == sorted(HOMES)


def test_pages_of_a_scan_give_everything_once(world: World) -> None:
    table, dynamodb = _filled(world), world.client("dynamodb")
    found: list[str] = []
    request: dict[str, Any] = {"TableName": table, "Limit": 30}
    for _ in range(10):
        answer = dynamodb.scan(**request)
        assert len(answer["Items"]) <= 30
        found += [item["home"]["S"] for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    assert sorted(found) == sorted(HOMES)


@pytest.mark.parametrize("more", [{"Segment": 0}, {"Segment": 2, "TotalSegments": 2}],
                         ids=["no_total", "too_high"])  # fmt: skip
def test_a_segment_that_is_refused(world: World, more: dict[str, int]) -> None:
    dynamodb = world.client("dynamodb")
    assert outcome(dynamodb.scan, TableName=world.table(), **more) == WRONG


def test_a_scan_filters(world: World) -> None:
    answer = world.client("dynamodb").scan(
        TableName=_filled(world),
        FilterExpression="n BETWEEN :a AND :b",
        ExpressionAttributeValues={":a": {"N": "9"}, ":b": {"N": "11"}},
    )
    assert sorted(item["home"]["S"] for item in answer["Items"]) == ["h10", "h11", "h9"]
    assert answer["ScannedCount"] == 100
