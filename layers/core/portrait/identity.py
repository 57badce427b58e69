"""Identifiers: their strength, and the home each of them has in the table."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from portrait.event import Identifier

HOME = "$home"
"""Namespace of events of our own about somebody of whom only the home is known: who clicked a link,
answered an offer. No client can name it."""

USER_ID = "user_id"
NAME_PHONE = "name_phone"
EXTERNAL_STRENGTH = 10

STRENGTH = {
    USER_ID: 0,
    "email": 2,
    NAME_PHONE: 4,
    "phone": 6,
    "loyalty_id": 8,
    "anonymous_id": 20,
}
"""0 is strongest. Where two meet on one event, the stronger one is who the event is about. The gaps
leave room; every namespace that is not listed is an external id (10)."""

NAMESPACES = tuple(STRENGTH)
"""The namespaces that a client can name without `context.externalIds`, strongest first."""

_RANKS = "abcdefghijklmnopqrstuvwxyz"
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _BASE32 for other in _BASE32]
_SHIFTS = range(120, -1, -10)
_KINDS = {rank: namespace for namespace, rank in STRENGTH.items()}


Strengths = Mapping[str, int]
"""What a company says of its own namespaces, beside `STRENGTH`."""

NO_STRENGTHS: Strengths = {}


def strength(namespace: str, own: Strengths = NO_STRENGTHS) -> int:
    """Return how strongly a namespace identifies: 0 is strongest, 25 weakest."""
    known = STRENGTH.get(namespace)
    return own.get(namespace, EXTERNAL_STRENGTH) if known is None else known


def strongest_first(
    identifiers: Iterable[Identifier], own: Strengths = NO_STRENGTHS
) -> tuple[Identifier, ...]:
    """Return the identifiers without repeats, strongest namespace first, else as given."""
    return tuple(sorted(dict.fromkeys(identifiers), key=lambda pair: strength(pair[0], own)))


def home(secret: bytes, namespace: str, value: str, own: Strengths = NO_STRENGTHS) -> str:
    """Return the table key at which `value` lives: its rank, then 128 keyed bits in base32.

    Of the namespace `$home`, in which our own functions name whom they only know by it, the value
    is the key itself.

    The rank letter keeps the strength of a namespace readable from the key alone, which is what
    decides the direction of a pointer without another read.
    """
    if namespace == HOME:
        return value
    inner, outer = _keyed(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(f"{namespace}\0{value}".encode())
    outer.update(inner.digest())
    # 26 letters of five bits; base64's is six times slower
    bits = int.from_bytes(outer.digest()[:16], "big") << 2
    return _RANKS[strength(namespace, own)] + "".join([_PAIRS[bits >> s & 1023] for s in _SHIFTS])


@lru_cache(4)
def _keyed(secret: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """Return HMAC-SHA-256 with the key taken in: `hmac` does that anew for every value, at three
    times the cost of the rest.

    Source: RFC 2104, section 4.
    """
    key = (secret if len(secret) <= 64 else hashlib.sha256(secret).digest()).ljust(64, b"\0")
    inner, outer = (bytes(one ^ pad for one in key) for pad in (0x36, 0x5C))
    return hashlib.sha256(inner), hashlib.sha256(outer)


def rank(home: str) -> int:
    """Return the strength of the namespace that a home belongs to."""
    return ord(home[0]) - ord("a")


def kind_of(home: str) -> str:
    """Return the namespace of a home; `external_id` for all that have no strength of their own."""
    return _KINDS.get(rank(home), "external_id")


def stronger(homes: Iterable[str]) -> str:
    """Return the home that the others point to: the strongest namespace, then the lowest hash."""
    return min(homes)
