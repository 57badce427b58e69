"""Books: values of a series with a number each, packed, bounded, and blind to the order of arrival.

A book of counts says how often each value came, a book of instants when it came last.
"""

from zlib import crc32

import msgspec

from portrait.values import Value, value_order

MAX_BOOK = 4096
"""Values in a book. Instants: the newest stay. Counts: which stay is drawn by a hash of the value,
so that those that stay are counted whole."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int | str, int]).decode

Book = dict[int | str, int]


def read(packed: bytes) -> Book:
    """Return a book by its values; it is written in its canonical order."""
    return _decode(packed) if packed else {}


def counted(packed: bytes, values: list[Value]) -> bytes:
    """Return a book of counts in which each of the values came once more."""
    book = read(packed)
    known = len(book)
    for value in values:
        if value is not None:
            book[value] = book.get(value, 0) + 1
    if len(book) > known:
        kept = sorted(book, key=_draw)[:MAX_BOOK] if len(book) > MAX_BOOK else book
        book = {value: book[value] for value in sorted(kept, key=value_order)}
    return _encode(book)


def renewed(packed: bytes, instant: int, values: list[Value], horizon: int | None) -> bytes:
    """Return a book of instants in which the values came at `instant` too.

    What came last before `horizon` is forgotten.
    """
    book = read(packed)
    for value in values:
        if value is not None and book.get(value, instant) <= instant:
            book[value] = instant
    in_order = sorted(book.items(), key=lambda item: (item[1], value_order(item[0])))
    kept = in_order[-MAX_BOOK:]
    if horizon is not None:
        kept = [item for item in kept if item[1] >= horizon]
    return _encode(dict(kept)) if kept else b""


def _draw(value: int | str) -> tuple[int, tuple[bool, str | int]]:
    text = value if isinstance(value, str) else f"#{value}"
    return (crc32(text.encode("utf-8", "surrogatepass")), value_order(value))
