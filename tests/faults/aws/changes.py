"""What one write to DynamoDB would do, worked out before anything is done."""

from collections.abc import Mapping
from typing import Any

from tests.bench.aws.capacity import write_units
from tests.faults.aws.conditions import Condition, condition
from tests.faults.aws.expressions import Path, check_placeholders
from tests.faults.aws.projections import projected
from tests.faults.aws.refusals import Refused, invalid
from tests.faults.aws.streams import Key
from tests.faults.aws.table import Table
from tests.faults.aws.updates import Update, update
from tests.faults.aws.values import Item, checked

Request = Mapping[str, Any]
_NOTHING: Item = {}
_RETURNS: dict[str, set[str]] = {
    "Put": {"ALL_OLD"},
    "Delete": {"ALL_OLD"},
    "Update": {"ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"},
    "ConditionCheck": set(),
}


class Change:
    """One write: the item before and after it (None where there is none), and its condition.

    Attributes:
        holds: whether the condition does.
        refused: what is wrong with what the write would leave, found only where `holds`.
        paths: what an update touches.
    """

    __slots__ = ("holds", "key", "new", "old", "paths", "refused", "size", "table")

    def __init__(self, table: Table, key: Key) -> None:
        self.table, self.key, self.holds = table, key, True
        self.old = self.new = table.get(key)
        self.size = table.sizes.get(key, 0)
        self.paths: list[Path] = []
        self.refused: Refused | None = None

    def charge(self, *, transactional: bool = False) -> None:
        """Take from the partition what the write costs; a failed condition costs it too."""
        before = self.table.sizes.get(self.key, 0)
        units = write_units(before, self.size, transactional=transactional)
        self.table.charge_write(self.key, units)

    def apply(self) -> None:
        """Do it."""
        self.table.replace(self.key, self.new, self.size)

    def returned(self, wanted: str) -> dict[str, Any]:
        """Return the attributes that `ReturnValues` asks for."""
        if wanted == "NONE":
            return {}
        shown = self.old if wanted.endswith("OLD") else self.new
        if shown is not None and wanted.startswith("UPDATED"):
            shown = projected(shown, self.paths)
        return {"Attributes": dict(shown)} if shown else {}


def change(kind: str, table: Table, request: Request) -> Change:
    """Work out a Put, an Update, a Delete or a ConditionCheck.

    Raises:
        Refused: the request is wrong, whatever the item is.
    """
    wanted = request.get("ReturnValues") or "NONE"
    if wanted != "NONE" and wanted not in _RETURNS[kind]:
        invalid("Return values set to invalid value")
    if kind == "Put":
        return _put(table, request)
    one = Change(table, table.key(request["Key"], only=True))
    asked, changes = _condition(request), _update(request)
    check_placeholders(request, asked, changes)
    one.holds = _holds(asked, one.old, request)
    if kind == "Update":
        _updated(one, changes, request)
    elif kind == "Delete":
        one.new, one.size = None, 0
    return one


def _put(table: Table, request: Request) -> Change:
    item = request["Item"]
    one = Change(table, table.key(item))
    one.new, one.size = checked(item)
    table.check_index_keys(one.new)
    asked = _condition(request)
    if asked is not None or request.get("ExpressionAttributeNames"):
        check_placeholders(request, asked)
        one.holds = _holds(asked, one.old, request)
    return one


def _updated(one: Change, changes: Update | None, request: Request) -> None:
    names = request.get("ExpressionAttributeNames") or {}
    one.paths = changes.paths(names) if changes else []
    for path in one.paths:
        if path[0] in one.table.keys:
            invalid(f"One or more parameter values were invalid: Cannot update attribute {path[0]}."
                    " This attribute is part of the key")  # fmt: skip
    before = one.old if one.old is not None else request["Key"]
    values = request.get("ExpressionAttributeValues") or {}
    if not one.holds:
        return
    try:
        one.new, one.size = checked(changes.apply(before, names, values) if changes else before)
        one.table.check_index_keys(one.new)
    except Refused as refused:
        one.refused = refused


def failed_condition(request: Request, item: Item | None) -> Refused:
    """Return the refusal of a write whose condition does not hold."""
    details: dict[str, Any] = {}
    if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and item is not None:
        details["Item"] = dict(item)
    message = "The conditional request failed"
    return Refused("ConditionalCheckFailedException", message, **details)


def _condition(request: Request) -> Condition | None:
    text = request.get("ConditionExpression")
    return None if text is None else condition(text)


def _update(request: Request) -> Update | None:
    text = request.get("UpdateExpression")
    return None if text is None else update(text)


def _holds(asked: Condition | None, item: Item | None, request: Request) -> bool:
    if asked is None:
        return True
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    return asked.holds(item if item is not None else _NOTHING, names, values)
