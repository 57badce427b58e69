"""Attribute values of DynamoDB: whether they are allowed, how large they are, how they compare.

Values are as botocore's clients take and give them: `{"S": "…"}`, `{"B": b"…"}`. No value is ever
changed in place, so items may share them.

Source: Amazon DynamoDB Developer Guide, "Supported data types and naming rules".
"""

from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from tests.bench.aws.capacity import number_size
from tests.faults.aws.refusals import Refused, invalid

Value = Mapping[str, Any]
Item = Mapping[str, Value]

MAX_ITEM_BYTES = 400 * 1024
MAX_DEPTH = 32
_EXACT = Context(prec=60)
_MEMBER = {"SS": "S", "NS": "N", "BS": "B"}


def checked(item: Item) -> tuple[Item, int]:
    """Return the item as it is kept, numbers in their shortest form, and its size in bytes.

    Raises:
        Refused: a value is malformed, or the item is too large.
    """
    size = 0
    changed: dict[str, Value] = {}
    for name, value in item.items():
        content = value.get("S")  # most values are plain texts, and every event passes here
        if content.__class__ is str and len(value) == 1 and content.isascii():
            size += len(content) + (len(name) if name.isascii() else len(name.encode()))
            continue
        kept, length = _checked(value, 1)
        size += length + (len(name) if name.isascii() else len(name.encode()))
        if kept is not value:
            changed[name] = kept
    if size > MAX_ITEM_BYTES:
        invalid("Item size has exceeded the maximum allowed size")
    return ({**item, **changed} if changed else item), size


def _checked(value: Value, depth: int) -> tuple[Value, int]:
    try:
        ((kind, content),) = value.items()
        if kind == "S":
            return value, len(content) if content.isascii() else len(content.encode())
        if kind == "B":
            return value, memoryview(content).nbytes
        if kind == "N":
            if content.isdecimal() and content.isascii() and (content[0] != "0" or content == "0"):
                return value if len(content) < 39 else {"N": number(content)}, number_size(content)
            text = number(content)
            return {"N": text}, number_size(text)
        return _checked_other(kind, content, value, depth)
    except (AttributeError, TypeError, ValueError) as error:
        raise Refused("SerializationException", "a value is not of its type") from error


def _checked_other(kind: str, content: Any, value: Value, depth: int) -> tuple[Value, int]:
    if kind in ("BOOL", "NULL"):
        if not isinstance(content, bool):
            raise TypeError(kind)
        return value, 1
    if depth > MAX_DEPTH:
        invalid("Nesting Levels have exceeded supported limits")
    if kind in _MEMBER:
        return _checked_set(kind, content, depth)
    if kind == "L":
        parts = [_checked(each, depth + 1) for each in content]
        return {"L": [kept for kept, _ in parts]}, 3 + sum(1 + size for _, size in parts)
    if kind == "M":
        found = {name: _checked(each, depth + 1) for name, each in content.items()}
        size = 3 + sum(1 + len(name.encode()) + each for name, (_, each) in found.items())
        return {"M": {name: kept for name, (kept, _) in found.items()}}, size
    return invalid("Supplied AttributeValue has more than one or no datatypes set")


def _checked_set(kind: str, content: Any, depth: int) -> tuple[Value, int]:
    if not content:
        invalid("One or more parameter values were invalid: An set may not be empty")
    parts = [_checked({_MEMBER[kind]: each}, depth) for each in content]
    members = [kept[_MEMBER[kind]] for kept, _ in parts]
    if len(set(members)) != len(members):
        invalid("One or more parameter values were invalid: Input collection contains duplicates")
    return {kind: members}, sum(size for _, size in parts)


def number(text: str) -> str:
    """Return a number as DynamoDB gives it back: plain digits, no zeros that say nothing.

    Raises:
        Refused: it is no number, has more than 38 significant digits, or is out of range.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        invalid(f"The parameter cannot be converted to a numeric value: {text}")
    if not value.is_finite() or text != text.strip() or "_" in text or not text.isascii():
        invalid(f"The parameter cannot be converted to a numeric value: {text}")
    return number_text(value)


def number_text(value: Decimal) -> str:
    """Return the text of a number that a calculation gave, held to the same limits."""
    if not value:
        return "0"
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > 38:
        invalid("Attempting to store more than 38 significant digits in a Number")
    if value.adjusted() > 125:
        invalid("Number overflow. Attempting to store a number with magnitude larger than "
                "supported range")  # fmt: skip
    if value.adjusted() < -130:
        invalid("Number underflow. Attempting to store a number with magnitude smaller than "
                "supported range")  # fmt: skip
    return format(value.normalize(_EXACT), "f")


def plain(value: Value) -> Any:
    """Return a value as it compares with others of its type."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return Decimal(content)
        case "B":
            return bytes(content)
        case "SS" | "BS":
            return frozenset(content)
        case "NS":
            return frozenset(map(Decimal, content))
        case "L":
            return [comparable(each) for each in content]
        case "M":
            return {name: comparable(each) for name, each in content.items()}
    return content


def comparable(value: Value) -> tuple[str, Any]:
    """Return type and content, so that values of two types are never equal."""
    return next(iter(value)), plain(value)


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are equal."""
    return left is right or left == right or comparable(left) == comparable(right)
