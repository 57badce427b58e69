"""DynamoDB's condition and update expressions, as far as the measured code writes them."""

import copy
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.bench.aws.capacity import Item

Value = Mapping[str, Any]

_TOKEN = re.compile(r"\s*([#:]?[A-Za-z0-9_.]+|<>|<=|>=|[=<>(),+])")
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD)\b")
_MARKS = {"SET": "=", "REMOVE": "=", "ADD": " "}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Condition:
    """One condition expression with its names and values, asked of one item."""

    def __init__(self, text: str, request: Mapping[str, Any]) -> None:
        self._tokens = _TOKEN.findall(text)
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames") or {}
        self._values: Mapping[str, Value] = request.get("ExpressionAttributeValues") or {}

    def holds(self, item: Item) -> bool:
        """Tell whether the item (empty where nothing lies) fulfils the condition."""
        tokens = iter([*self._tokens, ""])
        holds, rest = self._either(next(tokens), tokens, item)
        if rest:
            raise ValueError(f"unexpected {rest!r} in a condition")
        return holds

    def _either(self, token: str, rest: Iterator[str], item: Item) -> tuple[bool, str]:
        holds, token = self._both(token, rest, item)
        while token == "OR":
            other, token = self._both(next(rest), rest, item)
            holds = holds or other
        return holds, token

    def _both(self, token: str, rest: Iterator[str], item: Item) -> tuple[bool, str]:
        holds, token = self._single(token, rest, item)
        while token == "AND":
            other, token = self._single(next(rest), rest, item)
            holds = holds and other
        return holds, token

    def _single(self, token: str, rest: Iterator[str], item: Item) -> tuple[bool, str]:
        if token == "NOT":
            holds, token = self._single(next(rest), rest, item)
            return not holds, token
        if token == "(":
            holds, closing = self._either(next(rest), rest, item)
            if closing != ")":
                raise ValueError("a bracket is not closed in a condition")
            return holds, next(rest)
        if token in ("attribute_exists", "attribute_not_exists"):
            _, name, _ = next(rest), next(rest), next(rest)
            exists = self._operand(name, item) is not None
            return exists == (token == "attribute_exists"), next(rest)
        compare, other = _COMPARE[next(rest)], next(rest)
        left, right = self._operand(token, item), self._operand(other, item)
        return left is not None and right is not None and compare(left, right), next(rest)

    def _operand(self, token: str, item: Item) -> Any:
        if token.startswith(":"):
            return plain(self._values[token])
        value = item.get(self._names.get(token, token))
        return None if value is None else plain(value)


def plain(value: Value) -> Any:
    """Return an attribute value as it compares."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


def updated(item: Item, request: Mapping[str, Any]) -> dict[str, Value]:
    """Return the item after the request's `UpdateExpression` of SET, REMOVE and ADD (to a set).

    A name may lead into maps, `path.step`, all of which must be there.
    """
    names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
    after = copy.deepcopy(dict(item))
    clauses = _CLAUSE.split(request["UpdateExpression"])[1:]
    for action, text in zip(clauses[::2], clauses[1::2], strict=True):
        for part in text.split(","):
            path, _, value = (each.strip() for each in part.strip().partition(_MARKS[action]))
            *maps, name = (names.get(each, each) for each in path.split("."))
            place: Any = after
            for each in maps:
                place = place[each]["M"]
            if action == "ADD":
                ((kind, more),) = values[value].items()
                known = place.get(name, {kind: []})[kind]
                place[name] = {kind: sorted({*known, *more})}
            elif action == "SET":
                place[name] = values[value]
            else:
                place.pop(name, None)
    return after
