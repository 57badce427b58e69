"""DynamoDB in memory: conditional puts, transactions, and the units that each of them takes."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from tests.bench.aws.capacity import Item, item_size, query_units, read_units, write_units
from tests.bench.aws.expressions import Condition, updated
from tests.bench.aws.ledger import Ledger

PAGE_BYTES = 2**20
Request = Mapping[str, Any]
Key = tuple[str, ...]
Place = tuple[int, Key]
"""Where an item lies among all: by the hash of its key."""


class Refused(Exception):
    """An error answer of AWS: its code, and what else the body says."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


class Index(NamedTuple):
    """A secondary index: its keys, and what else is copied into it; None for everything."""

    keys: Sequence[str]
    projects: Sequence[str] | None = None

    def units(self, table: "Table", before: Item, after: Item) -> int:
        """Return the units that it takes to follow a write; what it does not hold costs nothing.

        Source: Amazon DynamoDB Developer Guide, "Provisioned throughput considerations for global
        secondary indexes".
        """
        was, now = self._entry(table, before), self._entry(table, after)
        if was == now:
            return 0
        moved = was and now and any(was[key] != now[key] for key in self.keys)
        if moved:  # one entry is taken out, another put in
            return write_units(item_size(was)) + write_units(item_size(now))
        return write_units(item_size(was), item_size(now))

    def _entry(self, table: "Table", item: Item) -> Item:
        if not all(key in item for key in self.keys):
            return {}
        if self.projects is None:
            return item
        names = {*table.keys, *self.keys, *self.projects}
        return {name: value for name, value in item.items() if name in names}


class Image(NamedTuple):
    """What a stream tells of one write: the item before it, empty where none was, and after."""

    old: Item
    new: Item


@dataclass
class Table:
    """One table; `stream` collects what is written to it."""

    keys: Sequence[str]
    indexes: Sequence[Index] = ()
    streamed: bool = False
    items: dict[Key, Item] = field(default_factory=dict)
    stream: list[Image] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)

    def places(self) -> list[Place]:
        """Return where every item lies, in order."""
        if len(self._places) != len(self.items):
            self._places = sorted((crc32("".join(key).encode()), key) for key in self.items)
        return self._places

    def key(self, item: Item) -> Key:
        return tuple(item[name]["S"] for name in self.keys)

    def put(self, item: Item) -> None:
        key = self.key(item)
        old, self.items[key] = self.items.get(key, {}), item
        if self.streamed:
            self.stream.append(Image(old, item))


class DynamoDB:
    """Tables by name, and the operations that the measured code calls."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables

    def answer(self, operation: str, request: Request, ledger: Ledger) -> dict[str, Any]:
        """Do what the request says and enter its units.

        Raises:
            Refused: a condition failed.
        """
        return _OPERATIONS[operation](self, request, ledger)

    def _batch_get(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        found: dict[str, list[Item]] = {}
        for name, asked in request["RequestItems"].items():
            if len(asked["Keys"]) > 100:
                raise Refused("ValidationException", message="at most 100 keys")
            table = self.tables[name]
            items = [table.items.get(table.key(key)) for key in asked["Keys"]]
            sizes = [item_size(item or {}) for item in items]
            consistent = asked.get("ConsistentRead", False)
            ledger.charge("dynamodb_read", read_units(sizes, consistent=consistent))
            found[name] = [item for item in items if item]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _get(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        item = table.items.get(table.key(request["Key"]))
        consistent = request.get("ConsistentRead", False)
        ledger.charge("dynamodb_read", read_units([item_size(item or {})], consistent=consistent))
        return {"Item": item} if item else {}

    def _query(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        asked = Condition(request["KeyConditionExpression"], request)
        items = [item for _, item in sorted(table.items.items()) if asked.holds(item)]
        consistent = request.get("ConsistentRead", False)
        ledger.charge("dynamodb_read", query_units(map(item_size, items), consistent=consistent))
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _scan(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        segment, segments = request.get("Segment", 0), request.get("TotalSegments", 1)
        after = request.get("ExclusiveStartKey")
        places = table.places()
        start = 0
        if after is not None:
            start = bisect_right(places, (crc32(after["home"]["S"].encode()), table.key(after)))
        read, size, last = [], 0, None
        for place, key in islice(places, start, None):
            if place % segments != segment:
                continue
            if last is not None and (size >= PAGE_BYTES or len(read) == request["Limit"]):
                break
            read.append(table.items[key])
            size, last = size + item_size(table.items[key]), {table.keys[0]: {"S": key[0]}}
        else:
            last = None
        ledger.charge("dynamodb_read", query_units([size], consistent=False))
        asked = Condition(request["FilterExpression"], request)
        names = request["ExpressionAttributeNames"]
        fields = [names[name.strip()] for name in request["ProjectionExpression"].split(",")]
        items = [{f: item[f] for f in fields if f in item} for item in read if asked.holds(item)]
        answer = {"Items": items, "Count": len(items), "ScannedCount": len(read)}
        return answer | ({"LastEvaluatedKey": last} if last else {})

    def _describe(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        keys = [{"AttributeName": name, "KeyType": "HASH"} for name in table.keys[:1]]
        count = len(table.items)
        return {"Table": {"TableName": request["TableName"], "KeySchema": keys, "ItemCount": count}}

    def _put(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        return self._write(request, request["Item"], ledger)

    def _update(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        before = table.items.get(table.key(request["Key"]), request["Key"])
        after = updated(before, request)
        self._write(request, after, ledger)
        return {"Attributes": after} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _write(self, request: Request, item: Item, ledger: Ledger) -> dict[str, Any]:
        table = self.tables[request["TableName"]]
        before = table.items.get(table.key(item), {})
        holds = _holds(request, before)
        sizes = (item_size(before), item_size(item) if holds else 0)
        ledger.charge("dynamodb_write", write_units(*sizes))
        if not holds:
            raise Refused("ConditionalCheckFailedException")
        units = sum(index.units(table, before, item) for index in table.indexes)
        ledger.charge("dynamodb_write", units)
        table.put(item)
        return {}

    def _transact(self, request: Request, ledger: Ledger) -> dict[str, Any]:
        puts = [action["Put"] for action in request["TransactItems"]]
        tables = [self.tables[put["TableName"]] for put in puts]
        pairs = list(zip(puts, tables, strict=True))
        befores = [table.items.get(table.key(put["Item"]), {}) for put, table in pairs]
        for put, before in zip(puts, befores, strict=True):
            sizes = (item_size(before), item_size(put["Item"]))
            ledger.charge("dynamodb_write", write_units(*sizes, transactional=True))
        failed = [not _holds(put, before) for put, before in zip(puts, befores, strict=True)]
        if any(failed):
            codes = [{"Code": "ConditionalCheckFailed" if each else "None"} for each in failed]
            raise Refused("TransactionCanceledException", CancellationReasons=codes)
        for put, table in pairs:
            table.put(put["Item"])
        return {}


def _holds(request: Request, item: Item) -> bool:
    text = request.get("ConditionExpression")
    return text is None or Condition(text, request).holds(item)


_OPERATIONS: dict[str, Callable[[DynamoDB, Request, Ledger], dict[str, Any]]] = {
    "BatchGetItem": DynamoDB._batch_get,
    "GetItem": DynamoDB._get,
    "Query": DynamoDB._query,
    "Scan": DynamoDB._scan,
    "DescribeTable": DynamoDB._describe,
    "PutItem": DynamoDB._put,
    "UpdateItem": DynamoDB._update,
    "TransactWriteItems": DynamoDB._transact,
}
