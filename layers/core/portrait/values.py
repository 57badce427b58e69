"""Values as series keep them: whole millionths, text, booleans, or nothing but an instant."""

from decimal import Decimal
from typing import Any

MICRO = 1_000_000
"""Numbers are kept as whole millionths, so that sums are exact and their order does not matter."""

MAX_TEXT = 128
MAX_NUMBER = 10**12
"""Largest number a series keeps: sums of millionths must stay inside 64 bits."""
_MAX_NUMBER = Decimal(MAX_NUMBER)
_FALSE = 2 * MAX_NUMBER * MICRO
"""Booleans stand beyond every number; 1 and true are not the same."""

Value = int | str | None
"""Whole millionths (or a boolean, beyond them), text, or None where only the instant matters."""


def as_number(raw: Any) -> int | None:
    """Return a number in whole millionths, or None for what is none, or is beyond 10^12.

    Numbers written as text (`"25.10"`) count as numbers, as shops often send them so.
    """
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw * MICRO if -MAX_NUMBER <= raw <= MAX_NUMBER else None
    if not isinstance(raw, float | str):
        return None
    try:
        number = Decimal(str(raw))
    except ArithmeticError:
        return None
    # Compared without a context: `abs` of 1e9999999 overflows one.
    if not number.is_finite() or number.copy_abs().compare_total(_MAX_NUMBER) > 0:
        return None
    return int((number * MICRO).to_integral_value())


def as_value(raw: Any) -> Value:
    """Return a value to be told apart from others: a text stays text, even `"0123"`.

    Text is cut to 128 characters, and a number beyond 10^12, such as a bar code, is kept as text.
    """
    if isinstance(raw, str):
        return raw[:MAX_TEXT]
    if isinstance(raw, bool):
        return _FALSE + raw
    number = as_number(raw)
    if number is None and isinstance(raw, int):
        return str(raw)[:MAX_TEXT] if raw.bit_length() < 400 else None
    return number


def plain_value(value: Value) -> Any:
    """Return a kept value as people wrote it: a Decimal, a text, a boolean or None."""
    if not isinstance(value, int):
        return value
    return bool(value - _FALSE) if value >= _FALSE else Decimal(value) / MICRO


def value_order(value: Value) -> tuple[bool, str | int]:
    """Return by what values are ordered: nothing and numbers by size, then texts."""
    return (isinstance(value, str), 0 if value is None else value)
