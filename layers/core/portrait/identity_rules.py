"""Identity rules: what identifies somebody, how strongly, and when it stops to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portrait.durations import milliseconds
from portrait.identity import NAME_PHONE
from portrait.names import full_name

MAX_VALUE_LENGTH = 512

BLOCKED = (
    r"[0-]*|-1|null|none|nil|nan|undefined|anonymous|unknown|guest|invalid|n/a"
    r"|(test|none|null|anonymous|unknown|no-?reply|do-?not-?reply)@.*"
)
"""Values that identify nobody, in any namespace. Source: design.md section 3."""

_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_PHONE_PUNCTUATION = str.maketrans("", "", " -().\u00a0/")
_MADE_UP = re.compile(r"[+0-9]{0,5}?([0-9])\1{6,}|[+0-9]{0,3}?0?(123456789?0?|98765432(10?)?)")
"""One digit again and again, or all in order: what is typed for want of a number."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """How far one kind of identifier is trusted.

    Attributes:
        limit: how many of them one customer may have, counted within `window_ms` of the newest.
        window_ms: None counts those of all time.
        people: how many otherwise unconnected customers one of them may tie together; seen with
            more, it is shared.
        bearers: how many people of different names may use one before it is shared.
        dominance: it stays with the customer who has this many times the evidence of all others
            together; 0 never.
        follow_ms: how long after a sign-in what happens on a shared one is taken for that person.
        blocked: values, beside `BLOCKED`, that identify nobody.
    """

    limit: int = 5
    window_ms: int | None = None
    people: int = 1
    bearers: int = 1
    dominance: int = 0
    follow_ms: int = 0
    blocked: re.Pattern[str] | None = None


DEFAULTS: Mapping[str, Namespace] = {
    "user_id": Namespace(limit=1, bearers=2),
    "email": Namespace(limit=5, dominance=5),
    NAME_PHONE: Namespace(limit=10, people=3),
    "phone": Namespace(limit=5, people=3, dominance=5),
    "loyalty_id": Namespace(limit=5, people=3, dominance=5),
    "anonymous_id": Namespace(limit=100, people=3, dominance=2, follow_ms=30 * 60_000),
}
EXTERNAL = Namespace()


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """The rules of one company.

    Attributes:
        country: ISO 3166 code of the country whose phone numbers are written without a prefix.
        strengths: of namespaces of the company's own, 1 (strong) to 25; 10 where nothing is said.
        plus_tags: whether `a+tag@b.se` is another address than `a@b.se`.
    """

    namespaces: Mapping[str, Namespace] = field(default_factory=lambda: DEFAULTS)
    country: str | None = None
    strengths: Mapping[str, int] = field(default_factory=dict)
    plus_tags: bool = False
    blocked: re.Pattern[str] = re.compile(BLOCKED)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "IdentityRules":
        """Read a canonical `identity` document; a namespace that it does not name has defaults."""
        told = document.get("namespaces", {})
        return cls(
            namespaces={
                name: _namespace(DEFAULTS.get(name, EXTERNAL), told.get(name, {}))
                for name in {**DEFAULTS, **told}
            },
            country=document.get("country"),
            strengths={name: one["strength"] for name, one in told.items() if "strength" in one},
            plus_tags=document.get("plus_tags", False),
            blocked=_either(BLOCKED, document.get("blocked", ())),
        )

    def namespace(self, name: str) -> Namespace:
        """Return the rules of a namespace; those of external ids for one without its own."""
        return self.namespaces.get(name, EXTERNAL)

    def normalise(self, namespace: str, value: object) -> str | None:
        """Return the form of `value` that is hashed, or None when it can identify nobody.

        E-mail is trimmed and lower-cased; a phone number is written as E.164, where it says its
        country or the rules do, else as its digits; ids are trimmed. Placeholders identify nobody.
        """
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        text: str | None = str(value).strip()
        if text and namespace == "email":
            text = self._email(text)
        elif text and namespace == "phone":
            text = self._phone(text)
        if not text or len(text) > MAX_VALUE_LENGTH:
            return None
        own = self.namespace(namespace).blocked
        plain = text.lower()
        if self.blocked.fullmatch(plain) or (own and own.fullmatch(plain)):
            return None
        return text

    def name_phone(self, traits: Mapping[str, Any], phone: str) -> str | None:
        """Return a full name and a normal phone number as one identifier, or None without both."""
        given, _, family = (full_name(traits) or "").partition(" ")
        return f"{given} {family}|{phone}" if len(given) > 1 and family else None

    def _email(self, text: str) -> str | None:
        text = text.lower()
        if not _EMAIL.fullmatch(text):
            return None
        if not self.plus_tags:
            local, _, domain = text.rpartition("@")
            text = f"{local.partition('+')[0] or local}@{domain}"
        return text

    def _phone(self, text: str) -> str | None:
        digits = text.translate(_PHONE_PUNCTUATION)
        if digits.startswith("00"):
            digits = "+" + digits[2:]
        if not _PHONE.fullmatch(digits) or _MADE_UP.fullmatch(digits):
            return None
        if self.country is None:
            return digits
        from portrait.phone_numbers import e164  # its library takes longer to import than boto3

        return e164(digits, self.country)


def _namespace(default: Namespace, told: Mapping[str, Any]) -> Namespace:
    window = told.get("window")
    return Namespace(
        limit=told.get("limit", default.limit),
        window_ms=default.window_ms if window is None else _window(window),
        people=told.get("people", default.people),
        bearers=told.get("bearers", default.bearers),
        dominance=told.get("dominance", default.dominance),
        follow_ms=milliseconds(told["follow"]) if "follow" in told else default.follow_ms,
        blocked=_either(None, told["blocked"]) if told.get("blocked") else default.blocked,
    )


def _window(text: str) -> int | None:
    return None if text == "ever" else milliseconds(text)


def _either(first: str | None, more: Any) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in (*((first,) if first else ()), *more)))
