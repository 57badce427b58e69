"""Update expressions, compiled once per text."""

from copy import deepcopy
from decimal import Context, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from tests.faults.aws.expressions import (
    Names,
    Operand,
    Path,
    Reader,
    Values,
    find_in,
    resolved,
    value_at,
)
from tests.faults.aws.refusals import invalid
from tests.faults.aws.values import Item, Value, number_text

_EXACT = Context(prec=38)
_SETS = ("SS", "NS", "BS")


class Action(NamedTuple):
    """One part of an update: SET, REMOVE, ADD or DELETE, where, and with which value."""

    clause: str
    path: Path
    value: Operand | None


class Update(NamedTuple):
    """A compiled update expression."""

    actions: tuple[Action, ...]
    names: frozenset[str]
    values: frozenset[str]

    def paths(self, names: Names) -> list[Path]:
        """Return where it changes something."""
        return [resolved(action.path, names) for action in self.actions]

    def apply(self, item: Item, names: Names, values: Values) -> Item:
        """Return the item after it; every operand is what it was before.

        Raises:
            Refused: two parts overlap, or an operand is missing or of a wrong type.
        """
        paths = self.paths(names)
        _refuse_overlaps(paths)
        given = [None if a.value is None else a.value(item, names, values) for a in self.actions]
        after = dict(item)
        removals = []
        for action, path, value in zip(self.actions, paths, given, strict=True):
            if action.value is not None and value is None:
                invalid("The provided expression refers to an attribute that does not exist in "
                        "the item")  # fmt: skip
            if action.clause == "REMOVE":
                removals.append(path)
                continue
            if action.clause in ("ADD", "DELETE"):
                value = _combined(action.clause, find_in(item, path), value or {})
            if value is None:
                removals.append(path)
            else:
                _put(after, path, value)
        for path in sorted(removals, key=_positions, reverse=True):  # positions must not shift
            _remove(after, path)
        return after


@lru_cache(maxsize=1024)
def update(text: str) -> Update:
    """Compile an update expression.

    Raises:
        Refused: it is malformed.
    """
    parser = _Parser(text, "UpdateExpression")
    actions: list[Action] = []
    seen = set()
    while parser.peek():
        clause = parser.take().upper()
        if clause not in ("SET", "REMOVE", "ADD", "DELETE") or clause in seen:
            parser.fail(clause)
        seen.add(clause)
        actions.append(parser.action(clause))
        while parser.peek() == ",":
            parser.take()
            actions.append(parser.action(clause))
    return Update(tuple(actions), frozenset(parser.names), frozenset(parser.values))


class _Parser(Reader):
    def action(self, clause: str) -> Action:
        path = self.path()
        if clause == "REMOVE":
            return Action(clause, path, None)
        if clause != "SET":
            name = self.value()
            return Action(clause, path, lambda item, names, values: values[name])
        self.take("=")
        left = self._operand()
        if self.peek() in ("+", "-"):
            left = _sum(left, self.take(), self._operand())
        return Action(clause, path, left)

    def _operand(self) -> Operand:
        if self.peek().startswith(":"):
            name = self.value()
            return lambda item, names, values: values[name]
        if self.peek(1) != "(":
            return value_at(self.path())
        function = self.take()
        self.take("(")
        left = value_at(self.path()) if function == "if_not_exists" else self._operand()
        self.take(",")
        right = self._operand()
        self.take(")")
        if function == "if_not_exists":
            return lambda item, names, values: (
                left(item, names, values) or right(item, names, values)
            )
        if function != "list_append":
            invalid(f"Invalid UpdateExpression: Invalid function name; function: {function}")
        return _append(left, right)


def _sum(left: Operand, sign: str, right: Operand) -> Operand:
    def add(item: Item, names: Names, values: Values) -> Value | None:
        one, two = left(item, names, values), right(item, names, values)
        if one is None or two is None:
            return None
        if "N" not in one or "N" not in two:
            invalid("An operand in the update expression has an incorrect data type")
        return _added(one, two, sign)

    return add


def _added(one: Value, two: Value, sign: str = "+") -> Value:
    combine = _EXACT.add if sign == "+" else _EXACT.subtract
    return {"N": number_text(combine(Decimal(one["N"]), Decimal(two["N"])))}


def _append(left: Operand, right: Operand) -> Operand:
    def append(item: Item, names: Names, values: Values) -> Value | None:
        one, two = left(item, names, values), right(item, names, values)
        if one is None or two is None:
            return None
        if "L" not in one or "L" not in two:
            invalid("An operand in the update expression has an incorrect data type")
        return {"L": [*one["L"], *two["L"]]}

    return append


def _combined(clause: str, before: Value | None, value: Value) -> Value | None:
    """Return what ADD or DELETE leaves: a sum, a larger set, a smaller one, or nothing."""
    kind = next(iter(value))
    if kind not in (*_SETS, "N") or (clause == "DELETE" and kind == "N"):
        invalid(f"Incorrect operand type for operator or function; operator: {clause}, operand "
                f"type: {kind}")  # fmt: skip
    if before is None:
        return value if clause == "ADD" else None
    if kind not in before:
        invalid("An operand in the update expression has an incorrect data type")
    if kind == "N":
        return _added(before, value)
    if clause == "ADD":
        return {kind: [*before[kind], *(each for each in value[kind] if each not in before[kind])]}
    left = [each for each in before[kind] if each not in value[kind]]
    return {kind: left} if left else None


def _refuse_overlaps(paths: list[Path]) -> None:
    if len(paths) == len({path[0] for path in paths}):
        return
    ordered = sorted(paths, key=lambda path: [str(part) for part in path])
    for one, two in pairwise(ordered):
        if two[: len(one)] == one:
            invalid("Invalid UpdateExpression: Two document paths overlap with each other; must "
                    "remove or rewrite one of these paths")  # fmt: skip


def _positions(path: Path) -> list[tuple[int, int, str]]:
    return [(0, p, "") if isinstance(p, int) else (1, 0, p) for p in path]


def _put(item: dict[str, Any], path: Path, value: Value) -> None:
    inside: Any = _parent(item, path)
    if isinstance(path[-1], int) and path[-1] >= len(inside):
        inside.append(value)  # a position past the end is the end
    else:
        inside[path[-1]] = value


def _remove(item: dict[str, Any], path: Path) -> None:
    if find_in(item, path) is not None:
        del _parent(item, path)[path[-1]]


def _parent(item: dict[str, Any], path: Path) -> Any:
    """Return what holds the last part of a path; what is inside the item becomes our own copy."""
    if len(path) == 1:
        return item
    name = str(path[0])
    item[name] = deepcopy(item.get(name))
    parent = find_in(item, path[:-1])
    kind = "L" if isinstance(path[-1], int) else "M"
    if parent is None or kind not in parent:
        invalid("The document path provided in the update expression is invalid for update")
    return parent[kind]
