"""Who a call is about."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from portrait.event import Identifier, Kind
from portrait.faults import Rejected
from portrait.identity import NAME_PHONE, NAMESPACES, strongest_first
from portrait.identity_rules import IdentityRules
from portrait.intake.calls import Call
from portrait.intake.surroundings import Context

MAX_IDENTIFIERS = 20
"""Each is a home to read and, where two people meet, to write."""

_PEOPLE = (None, "user", "users")
_TOLD_IN_TRAITS = {
    "email": ("email",),
    "phone": ("phone",),
    "loyalty_id": ("loyalty_id", "loyaltyId"),
}
_EXTERNAL_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def identifiers_of(
    call: Call, context: Context, kind: Kind, rules: IdentityRules
) -> tuple[Identifier, ...]:
    """Return the identifiers of the customer, strongest first.

    Raises:
        Rejected: none of them can identify anybody, or there are too many.
    """
    named: list[tuple[str, object]] = [("user_id", call.user_id)]
    if kind == "alias" and rules.namespace("user_id").limit > 1:
        # Else no customer may have two, and a visitor's id would only be mistaken for another's.
        named.append(("user_id", call.previous_id))
    told = [t for t in (None if kind == "group" else call.traits, context.traits) if t]
    for traits in told:
        for namespace, names in _TOLD_IN_TRAITS.items():
            named += [(namespace, traits[name]) for name in names if name in traits]
    named.append(("anonymous_id", call.anonymous_id))
    if kind == "alias":
        named.append(("anonymous_id", call.previous_id))
    if context.external_ids:
        named += _external(context.external_ids)
    identifiers = _usable(named, rules)
    for traits in told:
        identifiers |= _composite(traits, identifiers, rules)
    if not identifiers:
        raise Rejected(
            "no_identifier",
            "an event needs a usable userId, anonymousId, traits.email or traits.phone",
        )
    if len(identifiers) > MAX_IDENTIFIERS:
        raise Rejected("too_many_identifiers", f"an event may name {MAX_IDENTIFIERS} identifiers")
    return strongest_first(identifiers, rules.strengths)


def _usable(named: Iterable[tuple[str, object]], rules: IdentityRules) -> dict[Identifier, None]:
    """Return those that can identify somebody, in order, each once."""
    usable: dict[Identifier, None] = {}
    for namespace, value in named:
        if value is not None and (normal := rules.normalise(namespace, value)) is not None:
            usable[namespace, normal] = None
    return usable


def _composite(
    traits: Mapping[str, Any], identifiers: Iterable[Identifier], rules: IdentityRules
) -> dict[Identifier, None]:
    """Return name and phone as one: who shares a phone with a family has a name of their own."""
    phones = [value for namespace, value in identifiers if namespace == "phone"]
    both = (rules.name_phone(traits, phone) for phone in phones)
    return {(NAME_PHONE, value): None for value in both if value is not None}


def _external(listed: object) -> list[tuple[str, object]]:
    """Return the ids of people in a `context.externalIds`, whatever their namespace."""
    return [
        (one["type"], one.get("id"))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
        and isinstance(one.get("type"), str)
        and one["type"] != NAME_PHONE
        and (one["type"] in NAMESPACES or _EXTERNAL_TYPE.fullmatch(one["type"]))
        and one.get("collection") in _PEOPLE
    ]
