"""DynamoDB's transactions: all or nothing, and once per token.

Source: Amazon DynamoDB API Reference, "TransactWriteItems" and "TransactGetItems".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.faults.aws.changes import Change, Request, change
from tests.faults.aws.clock import Clock
from tests.faults.aws.faults import Faults
from tests.faults.aws.queries import Queries
from tests.faults.aws.reads import visible
from tests.faults.aws.refusals import Refused, invalid

MAX_ACTIONS = 100
MAX_BYTES = 4 * 2**20
TOKEN_MS = 10 * 60 * 1000
_MESSAGES = {
    "ConditionalCheckFailed": "The conditional request failed",
    "TransactionConflict": "Transaction is ongoing for the item",
    "ProvisionedThroughputExceeded": "The level of configured provisioned throughput was exceeded",
}


class Transactions(Queries):
    """The tables, and writes and reads of several items at once."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        super().__init__(clock, faults)
        self._tokens: dict[str, tuple[Any, int]] = {}

    def transact_write(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a TransactWriteItems."""
        actions = [next(iter(action.items())) for action in request["TransactItems"]]
        if not 1 <= len(actions) <= MAX_ACTIONS:
            invalid("Member must have length less than or equal to 100")
        token = request.get("ClientRequestToken")
        if token is not None and self._is_repeat(token, request["TransactItems"]):
            return {}
        changes = [change(kind, self.table(one["TableName"]), one) for kind, one in actions]
        _check_whole(changes)
        reasons = self._reasons(actions, changes, fault)
        if reasons:
            raise cancelled(reasons)
        for (kind, _), one in zip(actions, changes, strict=True):
            if kind != "ConditionCheck":
                one.apply()
        if token is not None:
            self._tokens[token] = (request["TransactItems"], self.clock.now_ms)
        return {}

    def _is_repeat(self, token: str, actions: Any) -> bool:
        known, now = self._tokens, self.clock.now_ms
        for old in [t for t, (_, at) in known.items() if now - at >= TOKEN_MS]:
            del known[old]
        if token not in known:
            return False
        if known[token][0] != actions:
            raise Refused(
                "IdempotentParameterMismatchException",
                "The request uses the same client token as a previous, but non-identical request",
            )
        return True

    def _reasons(
        self, actions: Sequence[tuple[str, Mapping[str, Any]]], changes: list[Change], fault: str
    ) -> list[dict[str, Any]]:
        """Return why the transaction is cancelled, a reason for each action; none if it is not."""
        unlucky = self.faults.rng.randrange(len(changes)) if fault == "conflict" else -1
        reasons = []
        for number, ((_, request), one) in enumerate(zip(actions, changes, strict=True)):
            if number == unlucky:
                reasons.append(_reason("TransactionConflict"))
            elif one.table.write_throttled(one.key):
                reasons.append(_reason("ProvisionedThroughputExceeded"))
            elif not one.holds:
                reasons.append(_reason("ConditionalCheckFailed", request, one))
            elif one.refused is not None:
                reasons.append({"Code": "ValidationError", "Message": one.refused.message})
            else:
                reasons.append({"Code": "None"})
            one.table.write_throttled(one.key)
            one.charge(transactional=True)
        return reasons if any(reason["Code"] != "None" for reason in reasons) else []

    def transact_get(self, request: Request, fault: str) -> dict[str, Any]:
        """Answer a TransactGetItems; it is never stale."""
        gets = [action["Get"] for action in request["TransactItems"]]
        if not 1 <= len(gets) <= MAX_ACTIONS:
            invalid("Member must have length less than or equal to 100")
        answers: list[dict[str, Any]] = []
        for get in gets:
            table = self.table(get["TableName"])
            key = table.key(get["Key"], only=True)
            table.read_throttled(key)
            item = self.read(table, key, consistent=True)
            answers.append({} if item is None else {"Item": visible(item, get)})
        return {"Responses": answers}


def cancelled(reasons: list[dict[str, Any]]) -> Refused:
    """Return the refusal of a transaction, with a reason for each of its actions."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return Refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _reason(
    code: str, request: Mapping[str, Any] | None = None, one: Change | None = None
) -> dict[str, Any]:
    reason: dict[str, Any] = {"Code": code, "Message": _MESSAGES[code]}
    shown = (request or {}).get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    if shown and one is not None and one.old is not None:
        reason["Item"] = dict(one.old)
    return reason


def _check_whole(changes: Sequence[Change]) -> None:
    if len({(one.table.name, one.key) for one in changes}) < len(changes):
        invalid("Transaction request cannot include multiple operations on one item")
    if sum(one.size for one in changes) > MAX_BYTES:
        invalid("Transaction request size cannot exceed 4 MB")
