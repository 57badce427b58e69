"""Unsubscribe tokens: opaque, unforgeable, and without a word about who they belong to."""

import hashlib
import hmac
from typing import NamedTuple

from portrait.tokens import bytes_of, pack_home, text_of, unpack_home

VERSION = 1
VALID_DAYS = 730
"""Two years: people unsubscribe from old mail, and a link that no longer works is a complaint."""

_MAC_BYTES = 16
_DAY_MS = 86_400_000


class Unsubscription(NamedTuple):
    """Whose consent a token withdraws, for what, and which message it came with."""

    home: str
    contact: str
    channel: str
    purpose: str


def issue(secret: bytes, unsubscription: Unsubscription, *, now: int) -> str:
    """Return the token for one message, in characters that need no escaping in an address."""
    fields = "\0".join((unsubscription.contact, unsubscription.channel, unsubscription.purpose))
    payload = (
        bytes([VERSION])
        + (now // _DAY_MS).to_bytes(3, "big")
        + pack_home(unsubscription.home)
        + fields.encode()
    )
    return text_of(payload + _mac(secret, payload))


def read(secret: bytes, token: str, *, now: int) -> Unsubscription | None:
    """Return what the token stands for, or None if we did not issue it or it is too old."""
    packed = bytes_of(token)
    payload, mac = packed[:-_MAC_BYTES], packed[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, payload)) or payload[0] != VERSION:
        return None
    if now // _DAY_MS - int.from_bytes(payload[1:4], "big") > VALID_DAYS:
        return None
    contact, channel, purpose = payload[21:].decode().split("\0")
    return Unsubscription(unpack_home(payload[4:21]), contact, channel, purpose)


def link(public_url: str, token: str) -> str:
    """Return the address at which the token is used."""
    return f"{public_url.rstrip('/')}/unsubscribe/{token}"


def _mac(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, b"unsubscribe\0" + payload, hashlib.sha256)[:_MAC_BYTES]
