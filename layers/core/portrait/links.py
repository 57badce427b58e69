"""Link tokens: they prove that a link of ours was followed, never who followed it.

A message may be forwarded and a scanner may open it, so a token names the message and where its
link leads, and whoever comes with it is not taken for the customer. The address is inside what is
authenticated: nobody can make our domain lead anywhere that no message of ours did.
"""

import hashlib
import hmac
import re
from itertools import count, islice
from typing import NamedTuple

from portrait.tokens import bytes_of, pack_home, text_of, unpack_home

VERSION = 1
VALID_DAYS = 400
"""Longer than anybody waits to open a message; after it the link leads nowhere."""

MAX_URL = 1_000

TRAP = "https://trap.invalid/"
"""Where a link leads that no person sees; no such host will ever be. Source: RFC 2606."""

_CHANNELS = ("", "email", "sms", "push", "webhook", "inbox")
_TAG_BYTES = 12
"""A token can only be tried at our own door, so 96 bits are plenty, and text messages are short."""
_MESSAGE_BYTES, _HOME_BYTES = 12, 17
_DAY_MS = 86_400_000
_TARGET = re.compile(
    r"https://[^\s\x00-\x20\x7f\"'<>\\^`{|}/?#@]+([/?#][^\s\x00-\x20\x7f\"<>\\]*)?"
)


class Click(NamedTuple):
    """Which message a link came with, under which home feedback on it is filed, where it leads."""

    message: str
    channel: str
    strand: str
    url: str


def issue(secret: bytes, click: Click, *, now: int) -> str:
    """Return the token of one link, in characters that need no escaping in an address.

    Args:
        click: the message by its 24 hexadecimal digits, the strand by its home.

    Raises:
        ValueError: it does not lead to an https address of at most MAX_URL characters, or the
            message or the strand is none.
    """
    if len(click.url) > MAX_URL or not _TARGET.fullmatch(click.url):
        raise ValueError("a link leads to an https address")
    message, home = bytes.fromhex(click.message), pack_home(click.strand)
    if (len(message), len(home)) != (_MESSAGE_BYTES, _HOME_BYTES):
        raise ValueError("a link belongs to a message and a home")
    known = (
        bytes([VERSION, _CHANNELS.index(click.channel)])
        + (now // _DAY_MS).to_bytes(2, "big")
        + message
        + home
        + click.url.removeprefix("https://").encode()
    )
    tag = _tag(secret, known)
    return text_of(tag + _mixed(secret, tag, known))


def read(secret: bytes, token: str, *, now: int) -> Click | None:
    """Return what the token stands for, or None if we did not issue it or it is too old."""
    packed = bytes_of(token, limit=2_048)
    tag, hidden = packed[:_TAG_BYTES], packed[_TAG_BYTES:]
    known = _mixed(secret, tag, hidden)
    if not hmac.compare_digest(tag, _tag(secret, known)) or known[0] != VERSION:
        return None
    if now // _DAY_MS - int.from_bytes(known[2:4], "big") > VALID_DAYS:
        return None
    message, rest = known[4 : 4 + _MESSAGE_BYTES], known[4 + _MESSAGE_BYTES :]
    home, target = unpack_home(rest[:_HOME_BYTES]), rest[_HOME_BYTES:].decode()
    return Click(message.hex(), _CHANNELS[known[1]], home, f"https://{target}")


def link(public_url: str, token: str) -> str:
    """Return the address at which the token is used."""
    return f"{public_url.rstrip('/')}/l/{token}"


def _tag(secret: bytes, known: bytes) -> bytes:
    return hmac.digest(secret, b"link\0" + known, hashlib.sha256)[:_TAG_BYTES]


def _mixed(secret: bytes, tag: bytes, data: bytes) -> bytes:
    """Hide the data, or show what was hidden: two links to one customer look unrelated.

    Source: RFC 5297's synthetic initialisation vector, with HMAC-SHA-256 in counter mode.
    """
    blocks = (
        hmac.digest(secret, b"link stream\0" + tag + bytes([n]), hashlib.sha256) for n in count()
    )
    stream = b"".join(islice(blocks, -(-len(data) // 32)))
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))
