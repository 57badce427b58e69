"""Suppression: addresses that do not exist any more, and people who want nothing on a channel.

A complaint is a person's word, and ends the channel. A bounce for good is told of one address: the
channel is open again when the customer tells another. Where nobody says which address bounced, the
channel ends.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from portrait.event import Event
from portrait.feedback import CHANNEL, FEEDBACK

MAX_ADDRESSES = 16
"""Addresses of a strand that are remembered, those that bounced last."""

TELLING_DIGITS = 7
"""Of a telephone number: the last ones are the same in every way to write it."""

_NOT_DIGITS = re.compile(r"\D")
_MARK = re.compile(r"[0-9a-f]{12}")


def mark(channel: str, address: str) -> str:
    """Return what an address is remembered by, however it is written: no address can be read off
    it, though whoever has one can tell."""
    if channel == "sms":
        text = _NOT_DIGITS.sub("", address)[-TELLING_DIGITS:]
    else:
        text = address.strip().casefold()
    said = f"{channel}\0{text}".encode(errors="surrogatepass")
    return hashlib.blake2b(said, digest_size=6).hexdigest()


def fold(suppressed: dict[str, int], event: Event) -> None:
    """Take in what an event says; in any order, any number of times, the same comes of it.

    Args:
        suppressed: by channel, or by channel and mark of an address, when that was heard (UTC ms).
    """
    channel, state = CHANNEL[event.name], FEEDBACK[event.name]
    if state == "complained":
        key = channel
    elif state == "bounced" and event.properties.get("permanent"):
        key = _bounced(channel, event.properties)
    else:
        return
    suppressed[key] = max(suppressed.get(key, 0), event.received_at)
    addresses = [key for key in suppressed if " " in key]
    while len(addresses) > MAX_ADDRESSES:
        oldest = min(addresses, key=lambda key: (suppressed[key], key))
        addresses.remove(oldest)
        del suppressed[oldest]


def _bounced(channel: str, properties: Mapping[str, Any]) -> str:
    told = properties.get("address_mark")
    if isinstance(told, str) and _MARK.fullmatch(told):
        return f"{channel} {told}"
    return channel


def is_suppressed(suppressed: Mapping[str, int], channel: str, address: str | None) -> bool:
    """Tell whether nothing may be sent there.

    Of a customer whose address is not known any address that bounced is theirs.
    """
    if channel in suppressed:
        return True
    if address is None:
        return any(key.startswith(f"{channel} ") for key in suppressed)
    return f"{channel} {mark(channel, address)}" in suppressed
