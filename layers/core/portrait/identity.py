"""Identifiers: their strength, and the home each of them has in the table."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from portrait.event import Identifier

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

    The rank letter keeps the strength of a namespace readable from the key alone, which is what
    decides the direction of a pointer without another read.
    """
    digest = hmac.digest(secret, f"{namespace}\0{value}".encode(), hashlib.sha256)[:16]
    bits = (
        int.from_bytes(digest, "big") << 2
    )  # 26 letters of five bits; base64's is six times slower
    return _RANKS[strength(namespace, own)] + "".join([_PAIRS[bits >> s & 1023] for s in _SHIFTS])


def rank(home: str) -> int:
    """Return the strength of the namespace that a home belongs to."""
    return ord(home[0]) - ord("a")


def kind_of(home: str) -> str:
    """Return the namespace of a home; `external_id` for all that have no strength of their own."""
    return _KINDS.get(rank(home), "external_id")


def stronger(homes: Iterable[str]) -> str:
    """Return the home that the others point to: the strongest namespace, then the lowest hash."""
    return min(homes)
