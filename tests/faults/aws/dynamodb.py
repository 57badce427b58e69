"""DynamoDB in memory: which operation does what, and the writes of single items.

Source: Amazon DynamoDB API Reference.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.faults.aws.changes import Change, Request, change, failed_condition
from tests.faults.aws.clock import Clock
from tests.faults.aws.faults import Faults
from tests.faults.aws.refusals import Refused, invalid, throttled
from tests.faults.aws.table import TTL_LATE_MS
from tests.faults.aws.transactions import Transactions

MAX_BATCH_WRITES = 25
_BATCHED = {"PutRequest": "Put", "DeleteRequest": "Delete"}


class DynamoDB(Transactions):
    """Tables by name, and what their clients may ask of them."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        super().__init__(clock, faults)
        self._operations: dict[str, Callable[[Request, str], dict[str, Any]]] = {
            "BatchGetItem": self.batch_get,
            "BatchWriteItem": self.batch_write,
            "DeleteItem": partial(self.write_one, "Delete"),
            "GetItem": self.get,
            "PutItem": partial(self.write_one, "Put"),
            "Query": self.query,
            "Scan": self.scan,
            "TransactGetItems": self.transact_get,
            "TransactWriteItems": self.transact_write,
            "UpdateItem": partial(self.write_one, "Update"),
        }

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Do what the request says.

        Args:
            fault: stale_read, partial or conflict.

        Raises:
            Refused: the request is wrong, its condition failed, or a partition is worn out.
        """
        return self._operations[operation](request, fault)

    def write_one(self, kind: str, request: Request, fault: str) -> dict[str, Any]:
        """Answer a PutItem, an UpdateItem or a DeleteItem."""
        if fault == "conflict":
            raise Refused("TransactionConflictException", "Transaction is ongoing for the item")
        one = change(kind, self.table(request["TableName"]), request)
        if one.table.write_throttled(one.key):
            raise throttled("dynamodb")
        if one.refused is not None:
            raise one.refused
        one.charge()
        if not one.holds:
            raise failed_condition(request, one.old)
        one.apply()
        return one.returned(request.get("ReturnValues") or "NONE")

    def batch_write(self, request: Request, fault: str) -> dict[str, Any]:
        """Put and delete up to 25 items, each by itself."""
        changes = list(self._batch_changes(request["RequestItems"]))
        if not 1 <= len(changes) <= MAX_BATCH_WRITES:
            invalid("Too many items requested for the BatchWriteItem call")
        if len({(name, one.key) for name, one, _ in changes}) < len(changes):
            invalid("Provided list of item keys contains duplicates")
        left: dict[str, list[Any]] = {}
        for name, one, asked in changes:
            worn = one.table.write_throttled(one.key)
            if worn or (fault == "partial" and self.faults.rng.random() < 0.5):
                left.setdefault(name, []).append(asked)
                continue
            one.charge()
            one.apply()
        if fault != "partial" and sum(map(len, left.values())) == len(changes):
            raise throttled("dynamodb")
        return {"UnprocessedItems": left}

    def _batch_changes(self, asked: Mapping[str, Any]) -> Iterator[tuple[str, Change, Any]]:
        for name, requests in asked.items():
            table = self.table(name)
            for request in requests:
                ((kind, content),) = request.items()
                yield name, change(_BATCHED[kind], table, content), request

    def expire(self) -> int:
        """Remove some of what expired, and all that expired two days ago; return how many.

        TTL is late by up to two days, so whether it has come yet is a coin's toss each time.
        """
        removed = 0
        for table in self.tables.values():
            certain = set(table.expired(TTL_LATE_MS))
            for key in table.expired():
                if key in certain or self.faults.rng.random() < 0.5:
                    table.replace(key, None, 0, expired=True)
                    removed += 1
        return removed
