"""Identifiers: their strength, their normal form, and the home each of them has in the table."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

from portrait.event import Identifier

NAMESPACES = ("user_id", "email", "phone", "anonymous_id")
"""Strongest first. Where two meet on one event, the stronger one is who the event is about."""

STRENGTH = {namespace: rank for rank, namespace in enumerate(NAMESPACES)}

MAX_VALUE_LENGTH = 512

_BLOCKED = re.compile(r"[0-]*|-1|null|none|nil|nan|undefined|anonymous|unknown|guest|n/a|test@.*")
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_PHONE_PUNCTUATION = str.maketrans("", "", " -().\u00a0/")


def normalise(namespace: str, value: object) -> str | None:
    """Return the form of `value` that is hashed, or None when it can identify nobody.

    E-mail is trimmed and lower-cased; phone loses punctuation and a leading `00` becomes `+`;
    ids are trimmed. Placeholders (`0000`, `-1`, `null`, `anonymous`, `test@…`) identify nobody.

    Source: design.md section 3, identity rules and blocked values.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    if namespace == "email":
        text = text.lower()
        if not _EMAIL.fullmatch(text):
            return None
    elif namespace == "phone":
        text = text.translate(_PHONE_PUNCTUATION)
        if text.startswith("00"):
            text = "+" + text[2:]
        if not _PHONE.fullmatch(text):
            return None
    if not text or len(text) > MAX_VALUE_LENGTH or _BLOCKED.fullmatch(text.lower()):
        return None
    return text


def strongest_first(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Return the identifiers without repeats, strongest namespace first, else as given."""
    return tuple(sorted(dict.fromkeys(identifiers), key=lambda pair: STRENGTH[pair[0]]))


def home(secret: bytes, namespace: str, value: str) -> str:
    """Return the table key at which `value` lives: its rank, then 128 keyed bits in base32.

    The rank letter keeps the strength of a namespace readable from the key alone, which is what
    decides the direction of a pointer without another read.
    """
    digest = hmac.digest(secret, f"{namespace}\0{value}".encode(), hashlib.sha256)[:16]
    return "abcdefgh"[STRENGTH[namespace]] + base64.b32encode(digest)[:26].decode().lower()


def stronger(homes: Iterable[str]) -> str:
    """Return the home that the others point to: the strongest namespace, then the lowest hash."""
    return min(homes)
