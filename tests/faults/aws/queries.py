"""DynamoDB's Query and Scan: pages of 1 MB, indexes, filters and segments."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zlib import crc32

from tests.faults.aws.conditions import Condition, condition
from tests.faults.aws.expressions import check_placeholders
from tests.faults.aws.partitions import Index
from tests.faults.aws.reads import READ_UNIT_BYTES, Reads, Request, asked_projection, visible
from tests.faults.aws.refusals import invalid, throttled
from tests.faults.aws.streams import Key
from tests.faults.aws.table import Table
from tests.faults.aws.values import Item, plain

PAGE_BYTES = 2**20
_RANGES = {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}
Found = tuple[Any, Key, Item]
"""Where an item lies in the order of what is read, its key in the table, and the item."""


class Queries(Reads):
    """The tables and what is read of them by condition."""

    def query(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a Query of a table or of an index, in order of the range key."""
        table, index = self._where(request)
        asked = condition(request["KeyConditionExpression"], "KeyConditionExpression")
        keys = table.keys if index is None else index.keys
        chosen = _filter(request, asked)
        hash_value = _hash_value(asked, keys, request)
        if table.read_throttled((hash_value,)):
            raise throttled("dynamodb")
        stale = fault == "stale_read" and not request.get("ConsistentRead", False)
        names, values = _placeholders(request)
        found = [
            (_place(item, keys, key), key, item)
            for key, item in self._partition(table, index, hash_value, stale)
            if asked.holds(item, names, values)
        ]
        forward = request.get("ScanIndexForward", True)
        found.sort(key=_order, reverse=not forward)
        if start := request.get("ExclusiveStartKey"):
            after = _place(start, keys, table.key({k: start[k] for k in table.keys}))
            found = [one for one in found if (one[0] > after if forward else one[0] < after)]
        return self._page(table, index, found, request, chosen)

    def scan(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a Scan of a table or an index, or of one of its segments."""
        table, index = self._where(request)
        chosen = _filter(request)
        segment, segments = request.get("Segment"), request.get("TotalSegments")
        if (segment is None) != (segments is None) or (segment or 0) >= (segments or 1):
            invalid("The Segment parameter is zero-based and must be less than TotalSegments")
        stale = fault == "stale_read" and not request.get("ConsistentRead", False)
        items: Iterable[tuple[Key, Item]] = (
            self._all(table, stale) if index is None else list(index.all())
        )
        found = [
            (place, key, item)
            for key, item in items
            if (place := _scattered(key))[0] % (segments or 1) == (segment or 0)
        ]
        found.sort(key=_order)
        if start := request.get("ExclusiveStartKey"):
            after = _scattered(table.key({name: start[name] for name in table.keys}))
            found = [one for one in found if one[0] > after]
        return self._page(table, index, found, request, chosen)

    def _where(self, request: Request) -> tuple[Table, Index | None]:
        table = self.table(request["TableName"])
        name = request.get("IndexName")
        if name is None:
            return table, None
        if name not in table.indexes:
            invalid(f"The table does not have the specified index: {name}")
        if request.get("ConsistentRead"):
            invalid("Consistent reads are not supported on global secondary indexes")
        return table, table.indexes[name]

    def _partition(
        self, table: Table, index: Index | None, hash_value: Any, stale: bool
    ) -> Iterator[tuple[Key, Item]]:
        if index is None:
            keys = set(table.partition(hash_value))
            if stale:
                keys.update(key for key in table.before if key[0] == hash_value)
            for key in keys:
                item = self._seen(table, key, stale)
                if item is not None:
                    yield key, item
            return
        for key in list(index.partition(hash_value)):
            item = self._seen(table, key, stale)
            if item is not None and index.covers(item, hash_value):
                yield key, item

    def _all(self, table: Table, stale: bool) -> Iterator[tuple[Key, Item]]:
        for key in list(table.before if stale else table.items):
            item = self._seen(table, key, stale)
            if item is not None:
                yield key, item

    def _seen(self, table: Table, key: Key, stale: bool) -> Item | None:
        if stale and self.faults.rng.random() < 0.5:
            return self.stale(table, key)
        return table.get(key)

    def _page(
        self,
        table: Table,
        index: Index | None,
        found: list[Found],
        request: Request,
        keep: Callable[[Item], bool],
    ) -> dict[str, Any]:
        wanted = request.get("Limit")
        if wanted is not None and wanted < 1:
            invalid("Limit must be greater than or equal to 1")
        shown: list[Item] = []
        size = scanned = 0
        last: Item | None = None
        for _, key, item in found:
            if size >= PAGE_BYTES or scanned == wanted:
                break
            last = item
            size += table.sizes.get(key, 0)
            scanned += 1
            if keep(item):
                shown.append(_shown(item, table, index, request))
        if last is not None:
            self._charge(table, found[0][1], size, bool(request.get("ConsistentRead")))
        answer: dict[str, Any] = {"Count": len(shown), "ScannedCount": scanned}
        if request.get("Select") != "COUNT":
            answer["Items"] = shown
        if last is not None and (scanned == wanted or scanned < len(found)):
            names = (*table.keys, *(index.keys if index else ()))
            answer["LastEvaluatedKey"] = {name: last[name] for name in names}
        return answer

    def _charge(self, table: Table, key: Key, size: int, consistent: bool) -> None:
        units = max(1, -(-size // READ_UNIT_BYTES))
        table.read_throttled(key)
        table.charge_read(key, units if consistent else units / 2)


def _filter(request: Request, asked: Condition | None = None) -> Callable[[Item], bool]:
    text = request.get("FilterExpression")
    chosen = None if text is None else condition(text, "FilterExpression")
    check_placeholders(request, asked, chosen, asked_projection(request))
    if chosen is None:
        return lambda item: True
    names, values = _placeholders(request)
    return lambda item: chosen.holds(item, names, values)


def _shown(item: Item, table: Table, index: Index | None, request: Request) -> Item:
    if index is not None and index.projects is not None:
        kept = {*table.keys, *index.keys, *index.projects}
        item = {name: value for name, value in item.items() if name in kept}
    return visible(item, request)


def _placeholders(request: Request) -> tuple[Any, Any]:
    return (
        request.get("ExpressionAttributeNames") or {},
        request.get("ExpressionAttributeValues") or {},
    )


def _hash_value(asked: Condition, keys: tuple[str, ...], request: Request) -> Any:
    """Return the hash key that a key condition asks for.

    Raises:
        Refused: the condition is not one equality of the hash key, and at most one of the range.
    """
    names, values = _placeholders(request)
    hash_value: Any = None
    if not asked.only_and or len(asked.terms) > 2:
        invalid("Invalid operator used in KeyConditionExpression")
    for term in asked.terms:
        name = term.path[0] if term.path else ""
        name = names.get(name, name)
        if name == keys[0] and term.operator == "=" and term.values:
            hash_value = plain(values[term.values[0]])
        elif name not in keys[1:] or term.operator not in _RANGES:
            invalid("Query key condition not supported")
    if hash_value is None:
        invalid(f"Query condition missed key schema element: {keys[0]}")
    if hash_value in ("", b""):
        invalid("One or more parameter values are not valid: an empty key")
    return hash_value


def _place(item: Item, keys: tuple[str, ...], key: Key) -> Any:
    """Return where an item lies in its partition; in an index many may share a range key."""
    return (plain(item[keys[1]]) if len(keys) > 1 else 0, key)


def _scattered(key: Key) -> Any:
    """Return where a key lies in a scan: hash keys as by a hash, range keys in order."""
    return (crc32(repr(key[0]).encode()), key)


def _order(one: Found) -> Any:
    return one[0]
