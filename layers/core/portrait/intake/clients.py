"""Which client is calling, where that decides what it may do."""

from typing import Any

import msgspec

from portrait.intake.batches import Delivery
from portrait.intake.requests import Request
from portrait.intake.values import BAD_JSON


class _First(msgspec.Struct):
    channel: Any = None
    context: Any = None


_read_first = msgspec.json.Decoder(_First).decode


def is_rudder(request: Request, delivery: Delivery) -> bool:
    """Return whether a RudderStack client sent this: its batches may be eight times as large.

    The browser client says so in headers; the server clients only by the `channel` that each of
    their events carries (their library calls itself analytics-python, as Segment's does).
    """
    headers = request.headers
    if "anonymousid" in headers or "rudder" in headers.get("user-agent", "").lower():
        return True
    if request.path.startswith("/beacon/") or any(name.startswith("rsa-") for name in headers):
        return True
    try:
        first = _read_first(delivery.items[0]) if delivery.items else _First()
    except BAD_JSON:
        return False
    library = first.context.get("library") if isinstance(first.context, dict) else None
    name = library.get("name") if isinstance(library, dict) else None
    return isinstance(first.channel, str) or (isinstance(name, str) and "rudder" in name.lower())
