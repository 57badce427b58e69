"""What tokens in addresses are written with: unescaped characters, and homes in 17 bytes."""

import base64
import binascii
import string

_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")


def text_of(packed: bytes) -> str:
    """Return the bytes in characters that need no escaping in an address."""
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def bytes_of(token: str, *, limit: int = 512) -> bytes:
    """Decode strictly, nothing where it is anything else than `text_of` wrote.

    The library skips foreign characters, so many texts would be one token.
    """
    if not 0 < len(token) <= limit or not _ALPHABET.issuperset(token):
        return b""
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        return b""
    return packed if text_of(packed) == token else b""


def pack_home(home: str) -> bytes:
    """Return the home's rank letter and its 128 bits (see `identity.home`).

    Raises:
        ValueError: it is no home.
    """
    return home[:1].encode() + base64.b32decode(home[1:].upper() + "======")


def unpack_home(packed: bytes) -> str:
    """Return the home that `pack_home` packed."""
    return packed[:1].decode() + base64.b32encode(packed[1:])[:26].decode().lower()
