"""What DynamoDB charges: the size of an item, and the units that reading and writing it take.

Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats" and "DynamoDB read and
write operations".
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
"""Attributes as they travel: `{"home": {"S": "…"}, "version": {"N": "1"}}`."""

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096


def item_size(item: Item) -> int:
    """Return the bytes of all attribute names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return the bytes of one attribute value; a list or map adds 3, and 1 for each element."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(b64decode(content))
        case "N":
            return number_size(content)
        case "BOOL" | "NULL":
            return 1
        case "NS":
            return sum(number_size(each) for each in content)
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "L":
            return 3 + sum(1 + value_size(each) for each in content)
        case "M":
            return 3 + sum(
                1 + len(name.encode()) + value_size(each) for name, each in content.items()
            )
    raise ValueError(f"no size is known for the attribute type {kind}")


def number_size(text: str) -> int:
    """Return the bytes of a number: one for each two significant digits, and one more."""
    digits = text.lstrip("-").replace(".", "").lower().partition("e")[0].strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def write_units(*sizes: int, transactional: bool = False) -> int:
    """Return the units of one write: the larger of the item before and after it counts."""
    units = max(1, -(-max(sizes) // WRITE_UNIT_BYTES))
    return units * 2 if transactional else units


def read_units(sizes: Iterable[int], *, consistent: bool = False) -> float:
    """Return the units of reading items one by one; what is not there counts as one small item."""
    units = sum(max(1, -(-size // READ_UNIT_BYTES)) for size in sizes)
    return units if consistent else units / 2


def query_units(sizes: Iterable[int], *, consistent: bool = False) -> float:
    """Return the units of a query: its items are summed before they are rounded."""
    return read_units([sum(sizes)], consistent=consistent)
