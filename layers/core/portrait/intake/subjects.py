"""Who a call is about."""

from collections.abc import Iterable

from portrait.event import Identifier, Kind
from portrait.faults import Rejected
from portrait.identity import STRENGTH, normalise, strongest_first
from portrait.intake.calls import Call
from portrait.intake.surroundings import Context

MAX_IDENTIFIERS = 20
"""Each is a home to read and, where two people meet, to write."""

_PEOPLE = (None, "user", "users")


def identifiers_of(call: Call, context: Context, kind: Kind) -> tuple[Identifier, ...]:
    """Return the identifiers of the customer, strongest first.

    Raises:
        Rejected: none of them can identify anybody, or there are too many.
    """
    # In order of strength, so that the usual call needs no sorting.
    named: list[tuple[str, object]] = [("user_id", call.user_id)]
    if kind == "alias":
        named.append(("user_id", call.previous_id))
    for name in ("email", "phone"):
        for traits in (None if kind == "group" else call.traits, context.traits):
            if traits and name in traits:
                named.append((name, traits[name]))
    named.append(("anonymous_id", call.anonymous_id))
    if kind == "alias":
        named.append(("anonymous_id", call.previous_id))
    if context.external_ids:
        named += _external(context.external_ids)
    identifiers = _usable(named)
    if not identifiers:
        raise Rejected(
            "no_identifier",
            "an event needs a usable userId, anonymousId, traits.email or traits.phone",
        )
    if len(identifiers) > MAX_IDENTIFIERS:
        raise Rejected("too_many_identifiers", f"an event may name {MAX_IDENTIFIERS} identifiers")
    return strongest_first(identifiers) if context.external_ids else tuple(identifiers)


def _usable(named: Iterable[tuple[str, object]]) -> dict[Identifier, None]:
    """Return those that can identify somebody, in order, each once."""
    usable: dict[Identifier, None] = {}
    for namespace, value in named:
        if value is not None and (normal := normalise(namespace, value)) is not None:
            usable[namespace, normal] = None
    return usable


def _external(listed: object) -> list[tuple[str, object]]:
    """Return the ids of people in a `context.externalIds` whose namespaces are known."""
    return [
        (one["type"], one.get("id"))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
        and isinstance(one.get("type"), str)
        and one["type"] in STRENGTH
        and one.get("collection") in _PEOPLE
    ]
