"""Comparisons of a value, as it arrived, with an operand that an author wrote."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Test = Callable[[Any], bool]


def number(value: object) -> Decimal | None:
    """Return `value` as an exact number, or None: a boolean, a text and a NaN are no numbers.

    A float becomes the decimal that its shortest text shows, so that 19.99 equals 19.99 wherever
    it was summed or parsed.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        return value
    return None


def same(left: object, right: object) -> bool:
    """Say whether two values are equal: numbers by size, all else by type and value."""
    left_number, right_number = number(left), number(right)
    if left_number is not None and right_number is not None:
        return left_number == right_number
    return type(left) is type(right) and left == right


def instant(value: object) -> int | None:
    """Return the UTC milliseconds that a trait holds, or None when it holds no date.

    Reads ISO 8601 dates (midnight UTC) and date-times (UTC unless they say otherwise), and epoch
    numbers: in milliseconds from 1e11 up, in seconds below.
    """
    size = number(value)
    if size is not None:
        return int(size if abs(size) >= 100_000_000_000 else size * 1000)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def compile_tests(operators: Mapping[str, Any]) -> Test:
    """Return one test that holds when every operator in the mapping holds; other keys are ignored.

    A missing value (None) fails every operator but `not_equals` and `exists: false`.
    """
    tests = tuple(make(operators[name]) for name, make in OPERATORS.items() if name in operators)
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _equals(operand: Any) -> Test:
    return lambda value: same(value, operand)


def _not_equals(operand: Any) -> Test:
    return lambda value: not same(value, operand)


def _in(operand: Any) -> Test:
    return lambda value: any(same(value, candidate) for candidate in operand)


def _contains(operand: Any) -> Test:
    def test(value: Any) -> bool:
        if isinstance(value, str):
            return isinstance(operand, str) and operand in value
        return isinstance(value, list | tuple) and any(same(item, operand) for item in value)

    return test


def _exists(operand: Any) -> Test:
    return lambda value: (value is not None) is operand


def size_of(value: object) -> Decimal | None:
    """Return `value` as a number to be ordered: like a series, it also reads `"25.10"`."""
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except ArithmeticError:
            return None
    return number(value)


def _ordered(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[Any], Test]:
    def make(operand: Any) -> Test:
        limit = Decimal(str(operand))

        def test(value: Any) -> bool:
            size = size_of(value)
            return size is not None and compare(size, limit)

        return test

    return make


OPERATORS: Mapping[str, Callable[[Any], Test]] = {
    "equals": _equals,
    "not_equals": _not_equals,
    "in": _in,
    "contains": _contains,
    "exists": _exists,
    "at_least": _ordered(lambda value, limit: value >= limit),
    "at_most": _ordered(lambda value, limit: value <= limit),
    "above": _ordered(lambda value, limit: value > limit),
    "below": _ordered(lambda value, limit: value < limit),
}
