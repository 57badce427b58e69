"""From one call to one event: what each call requires, who it is about, when it happened."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from portrait.compiled import Source
from portrait.event import Event, Kind
from portrait.faults import Rejected
from portrait.feedback import is_reserved
from portrait.identity_rules import IdentityRules
from portrait.intake import clock, surroundings
from portrait.intake.calls import Call, read_call
from portrait.intake.subjects import identifiers_of
from portrait.intake.surroundings import NO_CONTEXT, Context

MAX_EVENTS = 2_500
MAX_MESSAGE_ID = 100

KINDS: dict[str, Kind] = {
    "identify": "identify",
    "track": "track",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
}


class Arrival(NamedTuple):
    """What all events of one delivery share. Instants are UTC milliseconds.

    `receipt` names this delivery among all others; it is where the id of an event comes from that
    brought neither an id nor a time of its own. `network` is the connection's, for browsers.
    """

    source: Source
    received_at: int
    receipt: str
    sent_at: int | None = None
    context: Context = NO_CONTEXT
    network: str = ""
    rules: IdentityRules = IdentityRules()


def accept_all(
    items: Sequence[Raw | bytes], arrival: Arrival, *, kind: str | None = None
) -> Iterator[Event | Rejected]:
    """Yield for each raw event, in order, the event it is or why it is none."""
    for index, raw in enumerate(items[:MAX_EVENTS]):
        try:
            yield accept(read_call(raw), arrival, kind=kind, index=index)
        except Rejected as fault:
            yield fault
    for _ in items[MAX_EVENTS:]:
        yield Rejected("too_many_events", f"a batch may have {MAX_EVENTS} events")


def accept(call: Call, arrival: Arrival, *, kind: str | None, index: int = 0) -> Event:
    """Turn a call into an event of the arrival's source.

    `kind` is what the route says, or None where the call's own `type` counts. `context.traits`
    are news about the customer on identify alone (RudderStack's clients put them there); on other
    calls they only say who it is.

    Raises:
        Rejected: something required is missing, or nobody is named.
    """
    known = KINDS.get(kind or call.type or "")
    if known is None:
        raise Rejected("unknown_type", f"`type` must be one of {', '.join(KINDS)}")
    _require(call, known)
    if is_reserved(call.event, arrival.source.kind):
        raise Rejected("not_for_public_keys", f"{call.event!r} is for the channel itself to say")
    context = call.context or NO_CONTEXT
    if arrival.context is not NO_CONTEXT:
        context = surroundings.over(context, arrival.context)
    original = clock.instant(call.original_timestamp or call.timestamp)
    sent_at = arrival.sent_at if arrival.sent_at is not None else clock.instant(call.sent_at)
    properties, traits = _contents(call, context, known)
    name = (call.event if known == "track" else call.name) or ""
    identifiers = identifiers_of(call, context, known, arrival.rules)
    own_id = _message_id(call)
    if not own_id:
        essence = (known, name, identifiers, properties, traits)
        own_id = _made_id(arrival, essence, original=original, index=index)
    return Event(
        id=own_id,
        source=arrival.source.key,
        kind=known,
        name=name,
        identifiers=identifiers,
        timestamp=clock.corrected(
            original,
            sent_at,
            received_at=arrival.received_at,
            max_age_ms=arrival.source.max_age_ms,
        ),
        received_at=arrival.received_at,
        original_timestamp=original,
        sent_at=sent_at,
        properties=properties,
        traits=traits,
        context=surroundings.kept(context, arrival.network),
    )


def _require(call: Call, kind: Kind) -> None:
    if kind == "track" and not call.event:
        raise Rejected("missing_event", "a track call needs `event`, the name of what happened")
    if kind == "group" and call.group_id in (None, ""):
        raise Rejected("missing_group_id", "a group call needs `groupId`")
    if kind == "alias" and (call.previous_id in (None, "") or call.user_id in (None, "")):
        raise Rejected("missing_previous_id", "an alias call needs `previousId` and `userId`")


def _contents(call: Call, context: Context, kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return properties and traits. The traits of a group are properties, not the customer's."""
    if kind == "identify":
        traits = {**(context.traits or {}), **(call.traits or {})}
        return {}, traits
    if kind == "group":
        return {"groupId": call.group_id, "traits": dict(call.traits or {})}, {}
    properties = call.properties or {}
    if call.category and kind != "track":
        properties = {"category": call.category, **properties}
    return properties, {}


def _message_id(call: Call) -> str:
    given = "" if call.message_id is None else str(call.message_id)
    if len(given) > MAX_MESSAGE_ID:
        raise Rejected("message_id_too_long", f"`messageId` may have {MAX_MESSAGE_ID} characters")
    return given


def _made_id(arrival: Arrival, essence: object, *, original: int | None, index: int) -> str:
    """Return an id for an event that brought none, the same one each time it is sent.

    Its contents and its own time tell it from others. Without a time of its own, two equal events
    may both be meant, so only their place in their delivery tells them apart.
    """
    if original is None:
        essence = (arrival.receipt, index)
    told = msgspec.json.encode((arrival.source.key, original, essence), order="deterministic")
    return "made-" + hashlib.blake2b(told, digest_size=16).hexdigest()
