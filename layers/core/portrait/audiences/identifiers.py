"""Identifiers as the platforms want them: in their normal form, and only ever as SHA-256."""

import hashlib
from collections.abc import Iterable
from typing import Literal, NamedTuple

from portrait.audiences import Platform
from portrait.identity_rules import IdentityRules
from portrait.portrait import Portrait
from portrait.view import View

Kind = Literal["email", "phone"]

_CHANNELS: tuple[tuple[Kind, str], ...] = (("email", "email"), ("phone", "sms"))
_GMAIL = ("gmail.com", "googlemail.com")
_NO_COUNTRY = "ZZ"


class Identifier(NamedTuple):
    """An address of a customer: the home at which its owner is found, and its hash in hex."""

    kind: Kind
    home: str
    digest: str


def current(portrait: Portrait, platform: Platform, rules: IdentityRules) -> frozenset[Identifier]:
    """Return the customer's e-mail address and phone number of now, as far as they are theirs.

    An address that several people share, that identifies nobody or that was not linked is nobody's
    to be advertised to. So each home belongs to one customer, and by it is decided who of several
    that were ever at an address has it in a list.
    """
    view = View(portrait, {}, 0)  # what was last said does not depend on the clock
    told = ((kind, view.address(channel)) for kind, channel in _CHANNELS)
    return _identified(portrait, platform, rules, told)


def known(portrait: Portrait, platform: Platform, rules: IdentityRules) -> frozenset[Identifier]:
    """Return every address that was last told through some identifier; `current` is among them.

    Those of two customers who became one are all here.
    """
    said = (
        (kind, trait.value)
        for strand in portrait.strands.values()
        for kind, _ in _CHANNELS
        if (trait := strand.traits.get(kind)) is not None
    )
    return _identified(portrait, platform, rules, said)


def _identified(
    portrait: Portrait,
    platform: Platform,
    rules: IdentityRules,
    told: Iterable[tuple[Kind, object]],
) -> frozenset[Identifier]:
    homes = {(one.namespace, one.value): home for home, one in portrait.ids.items()}
    found = set()
    for kind, raw in told:
        normal = rules.normalise(kind, raw) if isinstance(raw, str) else None
        home = homes.get((kind, normal or ""))
        if home is None or normal is None or not isinstance(raw, str):
            continue
        value = email(raw, platform) if kind == "email" else phone(normal, platform, rules.country)
        if value is not None:
            found.add(Identifier(kind, home, digest(value)))
    return frozenset(found)


def digest(value: str) -> str:
    """Return the SHA-256 of a normal form, in lower-case hex."""
    return hashlib.sha256(value.encode()).hexdigest()


def email(raw: str, platform: Platform) -> str:
    """Return an address in the normal form of the platform.

    Source: Google, Data Manager API, "Format user data": no whitespace, lower case, and at
    gmail.com and googlemail.com neither periods nor a plus suffix. Meta, Marketing API, "Customer
    File Custom Audiences", hashing: trimmed and lower case, nothing else.
    """
    if platform == "meta":
        return raw.strip().lower()
    local, _, domain = "".join(raw.split()).lower().rpartition("@")
    if domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}"


def phone(number: str, platform: Platform, country: str | None) -> str | None:
    """Return a number in the normal form of the platform, or None where its country is not known.

    Args:
        number: digits, with a leading `+` where they say their country.
        country: ISO 3166 code of the country of numbers that do not.

    Source: as for `email`. Google: E.164, with the plus sign. Meta: digits alone, with the country
    code and without leading zeros.
    """
    from portrait.phone_numbers import e164  # its library is slow to import, and few need it

    international = e164(number, country or _NO_COUNTRY)
    if international is None or platform == "google":
        return international
    return international.lstrip("+0")
