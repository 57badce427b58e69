"""Who a call is about."""

from portrait.event import Identifier, Kind
from portrait.faults import Rejected
from portrait.identity import STRENGTH, normalise, strongest_first
from portrait.intake.calls import Call, Context

MAX_IDENTIFIERS = 20
"""Each is a home to read and, where two people meet, to write."""

_PEOPLE = (None, "user", "users")


def identifiers_of(call: Call, context: Context, kind: Kind) -> tuple[Identifier, ...]:
    """Return the identifiers of the customer, strongest first.

    Raises:
        Rejected: none of them can identify anybody, or there are too many.
    """
    named: list[tuple[str, object]] = [
        ("user_id", call.user_id),
        ("anonymous_id", call.anonymous_id),
    ]
    if kind == "alias":
        named += ("user_id", call.previous_id), ("anonymous_id", call.previous_id)
    for traits in (None if kind == "group" else call.traits, context.traits):
        if isinstance(traits, dict):
            named += ("email", traits.get("email")), ("phone", traits.get("phone"))
    if context.external_ids:
        named += _external(context.external_ids)
    found = [
        (namespace, usable)
        for namespace, value in named
        if value is not None and (usable := normalise(namespace, value)) is not None
    ]
    if not found:
        raise Rejected(
            "no_identifier",
            "an event needs a usable userId, anonymousId, traits.email or traits.phone",
        )
    if len(found) == 1:
        return (found[0],)
    identifiers = strongest_first(found)
    if len(identifiers) > MAX_IDENTIFIERS:
        raise Rejected("too_many_identifiers", f"an event may name {MAX_IDENTIFIERS} identifiers")
    return identifiers


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
