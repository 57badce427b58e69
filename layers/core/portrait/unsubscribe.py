"""Unsubscribe tokens: opaque, unforgeable, and without a word about who they belong to."""

import base64
import binascii
import hashlib
import hmac
import string
from typing import NamedTuple

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
        + _pack_home(unsubscription.home)
        + fields.encode()
    )
    return _text(payload + _mac(secret, payload))


def read(secret: bytes, token: str, *, now: int) -> Unsubscription | None:
    """Return what the token stands for, or None if we did not issue it or it is too old."""
    packed = _bytes(token)
    payload, mac = packed[:-_MAC_BYTES], packed[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, payload)) or payload[0] != VERSION:
        return None
    if now // _DAY_MS - int.from_bytes(payload[1:4], "big") > VALID_DAYS:
        return None
    contact, channel, purpose = payload[21:].decode().split("\0")
    return Unsubscription(_unpack_home(payload[4:21]), contact, channel, purpose)


def link(public_url: str, token: str) -> str:
    """Return the address at which the token is used."""
    return f"{public_url.rstrip('/')}/unsubscribe/{token}"


def _mac(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, b"unsubscribe\0" + payload, hashlib.sha256)[:_MAC_BYTES]


def _pack_home(home: str) -> bytes:
    """Return the home's rank letter and its 128 bits (see `identity.home`)."""
    return home[:1].encode() + base64.b32decode(home[1:].upper() + "======")


def _unpack_home(packed: bytes) -> str:
    return packed[:1].decode() + base64.b32encode(packed[1:])[:26].decode().lower()


_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")


def _text(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _bytes(token: str) -> bytes:
    """Decode strictly: the library skips foreign characters, so many texts would be one token."""
    if not 0 < len(token) <= 512 or not _ALPHABET.issuperset(token):
        return b""
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        return b""
    return packed if _text(packed) == token else b""
