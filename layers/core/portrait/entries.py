"""Entries of a series one by one, packed: appending the newest costs the same for few and many.

Packed entries are six bytes of the newest instant, two of their number, then msgpack: the first
instant and its value, and for every other the milliseconds since the one before it and its value.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import sub

import msgspec

from portrait.values import Value, value_order
from portrait.windows import Span

Entry = tuple[int, Value]
"""An instant in UTC ms, and the value it came with."""

MAX_ENTRIES = 2048
"""Newest entries that a series keeps; older ones spill into day buckets, a minute at a time."""

MINUTE_MS = 60_000
_HEADER = 8
_ARRAY = b"\xdd"
"""What msgpack begins an array with whose length takes four bytes."""

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(list[int | str | None])


def entry_order(entry: Entry) -> tuple[int, bool, str | int]:
    """Return by what entries are ordered: the instant, then the value."""
    return (entry[0], *value_order(entry[1]))


def is_before(entry: Entry, other: Entry) -> bool:
    """Tell whether an entry comes before another in order."""
    if entry[0] != other[0]:
        return entry[0] < other[0]
    return value_order(entry[1]) < value_order(other[1])


def number_of(packed: bytes) -> int:
    """Return how many entries are packed."""
    return int.from_bytes(packed[6:_HEADER], "big")


def append(packed: bytes, entry: Entry) -> bytes:
    """Return the entries with one more, which is the last of them in order."""
    instant, value = entry
    before = int.from_bytes(packed[:6], "big", signed=True)
    body = packed[_HEADER:] + _encode(instant - before) + _encode(value)
    return _header(instant, number_of(packed) + 1) + body


def pack(entries: Sequence[Entry]) -> bytes:
    """Return the entries, which are in order, packed; none are no bytes."""
    if not entries:
        return b""
    instants = [instant for instant, _ in entries]
    flat: list[Value] = [None] * (2 * len(entries))
    flat[0::2] = map(sub, instants, (0, *instants[:-1]))
    flat[1::2] = [value for _, value in entries]
    packed = _encode(flat)
    return _header(instants[-1], len(entries)) + packed[_array_header(len(flat)) :]


class Unpacked:
    """Entries unpacked to be read: what lies between two places is found without looking at it.

    Attributes:
        instants: of the entries, in order.
        values: of the entries.
        sums: of the numbers before each entry, and of all.
    """

    __slots__ = ("instants", "sums", "values")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.instants = [instant for instant, _ in entries]
        self.values = [value for _, value in entries]
        numbers = (value if isinstance(value, int) else 0 for value in self.values)
        self.sums = list(accumulate(numbers, initial=0))

    def within(self, span: Span) -> tuple[int, int]:
        """Return the places between which the entries of a span lie."""
        start = 0 if span.after is None else bisect_right(self.instants, span.after)
        return start, max(start, bisect_right(self.instants, span.now))


@lru_cache(maxsize=16)
def unpacked(packed: bytes) -> Unpacked:
    """Return the entries to be read, which must not be changed.

    Conditions and traits ask about the same few series again and again.
    """
    return Unpacked(unpack(packed))


def unpack(packed: bytes) -> list[Entry]:
    """Return the entries in order."""
    if not packed:
        return []
    length = (2 * number_of(packed)).to_bytes(4, "big")
    flat = _decoder.decode(_ARRAY + length + packed[_HEADER:])
    return list(zip(accumulate(flat[0::2]), flat[1::2], strict=True))  # type: ignore[arg-type]


def surplus_before(entries: list[Entry]) -> int:
    """Return the first whole minute from which on at most `MAX_ENTRIES` of the entries are."""
    instant = entries[-MAX_ENTRIES - 1][0]
    return (instant // MINUTE_MS + 1) * MINUTE_MS


def _array_header(length: int) -> int:
    """Return how many bytes msgpack takes to say that an array of this length follows."""
    return 1 if length < 16 else 3 if length < 65_536 else 5


def _header(newest: int, number: int) -> bytes:
    return newest.to_bytes(6, "big", signed=True) + number.to_bytes(2, "big")
