"""Pages: a part of an ordered list, and the cursor that the next part is asked for with."""

import base64
import binascii
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import msgspec

from portrait.faults import Rejected

Key = tuple[Any, ...]
"""By what a list is ordered: its place outlives whatever is added to the list in between."""

MAX_CURSOR = 1024
T = TypeVar("T")


class Page(NamedTuple):
    """Some of a list, and how to get the rest."""

    items: list[Any]
    cursor: dict[str, Any]


def page(items: Iterable[tuple[Key, T]], form: Any, *, limit: int, after: str) -> Page:
    """Return the first `limit` items that come after the cursor.

    Args:
        items: each with its key, which no other has; in any order.
        form: type of the keys: a tuple whose first place is the literal name of the list.

    Raises:
        Rejected: the cursor is not one of this list.
    """
    start = read_cursor(after, form) if after else None
    rest = sorted((one for one in items if start is None or one[0] > start), key=itemgetter(0))
    taken, more = rest[:limit], len(rest) > limit
    return Page(
        [item for _, item in taken],
        {
            "url": "",
            "has_more": more,
            "next": make_cursor(taken[-1][0]) if more else "",
            "limit": limit,
        },
    )


def make_cursor(key: Key) -> str:
    """Return a key as text that stands in an address without escapes."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def read_cursor(text: str, form: Any) -> Key:
    """Return the key that a cursor was made of.

    Raises:
        Rejected: it was made of none of that form.
    """
    padded = text[:MAX_CURSOR] + "=" * (-len(text) % 4)
    try:
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        key: Key = msgspec.json.decode(packed, type=form)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Rejected("invalid_cursor", "`next` is not a cursor of this list") from None
    return key
