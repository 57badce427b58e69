"""DynamoDB's reads by key, one and many, and which of them may be stale."""

from collections.abc import Mapping
from typing import Any

from tests.faults.aws.clock import Clock
from tests.faults.aws.expressions import check_placeholders
from tests.faults.aws.faults import Faults
from tests.faults.aws.projections import Projection, projection
from tests.faults.aws.refusals import Refused, invalid, throttled
from tests.faults.aws.streams import Key
from tests.faults.aws.table import Table
from tests.faults.aws.values import Item

Request = Mapping[str, Any]
MAX_BATCH_KEYS = 100
MAX_BATCH_BYTES = 16 * 2**20
READ_UNIT_BYTES = 4096


class Reads:
    """The tables and what is read of them by key."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self.clock, self.faults = clock, faults
        self.tables: dict[str, Table] = {}

    def table(self, name: str) -> Table:
        table = self.tables.get(name)
        if table is None:
            table = self.tables.get(name.rpartition("/")[2])
        if table is None:
            raise Refused(
                "ResourceNotFoundException", "Requested resource not found: Table not found"
            )
        return table

    def get(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a GetItem."""
        table = self.table(request["TableName"])
        key = table.key(request["Key"], only=True)
        check_placeholders(request, asked_projection(request))
        if table.read_throttled(key):
            raise throttled("dynamodb")
        item = self.read(table, key, request.get("ConsistentRead", False), fault)
        return {} if item is None else {"Item": visible(item, request)}

    def batch_get(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a BatchGetItem; what is too much, or on a worn partition, comes back unread."""
        found: dict[str, list[Item]] = {name: [] for name in request["RequestItems"]}
        left: dict[str, Any] = {}
        plan = self._planned(request["RequestItems"])
        room = MAX_BATCH_BYTES
        for name, table, asked, keys in plan:
            unread = []
            consistent = asked.get("ConsistentRead", False)
            for key, shown in keys:
                room -= table.sizes.get(key, 0)
                dropped = fault == "partial" and self.faults.rng.random() < 0.5
                if dropped or room < 0 or table.read_throttled(key):
                    unread.append(shown)
                elif (item := self.read(table, key, consistent, fault)) is not None:
                    found[name].append(visible(item, asked))
            if unread:
                left[name] = {**asked, "Keys": unread}
        total = sum(len(keys) for *_, keys in plan)
        if room >= 0 and fault != "partial" and total == sum(len(e["Keys"]) for e in left.values()):
            raise throttled("dynamodb")
        return {"Responses": found, "UnprocessedKeys": left}

    def _planned(self, asked: Mapping[str, Any]) -> list[tuple[str, Table, Any, list[Any]]]:
        plan, count = [], 0
        for name, request in asked.items():
            table = self.table(name)
            check_placeholders(request, asked_projection(request))
            keys = [(table.key(key, only=True), key) for key in request["Keys"]]
            if len({key for key, _ in keys}) < len(keys):
                invalid("Provided list of item keys contains duplicates")
            count += len(keys)
            plan.append((name, table, request, keys))
        if not count:
            invalid("The list of keys in RequestItems for BatchGetItem is required")
        if count > MAX_BATCH_KEYS:
            invalid("Too many items requested for the BatchGetItem call")
        return plan

    def read(self, table: Table, key: Key, consistent: bool, fault: str = "") -> Item | None:
        """Return an item, or what it was before its last write where the read is stale."""
        size = table.sizes.get(key, 0)
        units = max(1, -(-size // READ_UNIT_BYTES))
        table.charge_read(key, units if consistent else units / 2)
        if fault == "stale_read" and not consistent:
            return self.stale(table, key)
        return table.get(key)

    def stale(self, table: Table, key: Key) -> Item | None:
        """Return what a replica that lags behind may hold of an item."""
        before = table.before.get(key)
        if before is None or self.clock.now_ms - before[1] > self.faults.stale_for_ms:
            return table.get(key)
        return before[0]


def visible(item: Item, request: Request) -> Item:
    """Return what a request asks of an item; never the item itself."""
    asked = asked_projection(request)
    if asked is None:
        return dict(item)
    return asked.apply(item, request.get("ExpressionAttributeNames") or {})


def asked_projection(request: Request) -> Projection | None:
    text = request.get("ProjectionExpression")
    return None if text is None else projection(text)
