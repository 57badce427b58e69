"""What the operators and functions of conditions compare, and how."""

import operator
from collections.abc import Callable
from typing import Any

from tests.faults.aws.expressions import Names, Operand, Values
from tests.faults.aws.refusals import invalid
from tests.faults.aws.values import Item, Value, plain, same

Test = Callable[[Item, Names, Values], bool]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def both(left: Test, right: Test) -> Test:
    """Join two tests by AND."""
    return lambda item, names, values: left(item, names, values) and right(item, names, values)


def either(left: Test, right: Test) -> Test:
    """Join two tests by OR."""
    return lambda item, names, values: left(item, names, values) or right(item, names, values)


def comparison(compare: str, left: Operand, right: Operand) -> Test | None:
    """Compile a comparison; None where there is no such operator."""
    if compare == "=":
        return equal(left, right)
    if compare == "<>":
        same_ = equal(left, right)  # what is not there differs from everything
        return lambda item, names, values: not same_(item, names, values)
    return ordered(compare, left, right) if compare in _ORDER else None


def equal(left: Operand, right: Operand) -> Test:
    """Compile an equality; what is not there equals nothing."""

    def holds(item: Item, names: Names, values: Values) -> bool:
        one, two = left(item, names, values), right(item, names, values)
        return one is not None and two is not None and same(one, two)

    return holds


def ordered(compare: str, left: Operand, right: Operand) -> Test:
    """Compile `<` and its like; two types have no order."""
    order = _ORDER[compare]

    def holds(item: Item, names: Names, values: Values) -> bool:
        one, two = left(item, names, values), right(item, names, values)
        if one is None or two is None:
            return False
        kind = next(iter(one))
        if kind not in ("S", "N", "B") or kind not in two:
            return False
        return order(plain(one), plain(two))

    return holds


def size(inner: Operand) -> Operand:
    """Compile `size`, as a number to compare."""

    def measure(item: Item, names: Names, values: Values) -> Value | None:
        value = inner(item, names, values)
        if value is None or not {"N", "BOOL", "NULL"}.isdisjoint(value):
            return None
        return {"N": str(len(next(iter(value.values()))))}

    return measure


def function(name: str, subject: Operand, other: Operand | None) -> Test:
    """Compile one of the functions that hold or do not."""
    if other is None:
        exists = name == "attribute_exists"
        return lambda item, names, values: (subject(item, names, values) is not None) == exists
    test = {"attribute_type": _is_type, "begins_with": _begins, "contains": _contains}[name]

    def holds(item: Item, names: Names, values: Values) -> bool:
        one, two = subject(item, names, values), other(item, names, values)
        return one is not None and two is not None and test(one, two)

    return holds


def _is_type(value: Value, kind: Value) -> bool:
    return kind.get("S") in value


def _begins(value: Value, start: Value) -> bool:
    kind = next(iter(start))
    if kind not in ("S", "B"):
        invalid("Invalid ConditionExpression: Incorrect operand type for operator or function; "
                f"operator or function: begins_with, operand type: {kind}")  # fmt: skip
    return kind in value and bool(value[kind].startswith(start[kind]))


def _contains(value: Value, part: Value) -> bool:
    ((kind, content),) = value.items()
    if kind in ("S", "B"):
        return kind in part and part[kind] in content
    if kind in ("SS", "NS", "BS"):
        return kind[0] in part and plain(part) in plain(value)
    return kind == "L" and any(same(each, part) for each in content)
