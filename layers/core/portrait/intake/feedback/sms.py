"""What AWS End User Messaging tells: receipts of SMS, and what people answer."""

import hashlib
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from portrait.event import Event, Identifier
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.intake import clock
from portrait.intake.feedback.stop_words import says_stop, words
from portrait.intake.homes import at_home
from portrait.metrics import DAY_MS
from portrait.suppression import mark

SOURCE = "sms"
PREFIX = "TEXT_"
MAX_AGE_MS = 30 * DAY_MS
MESSAGE_KEY = "portrait-message-id"
STRAND_KEY = "portrait-strand"
"""What `dispatch` writes into the context of a message: our id of it, and whose it is."""

MAX_TEXT = 40
MAX_WORD = 32


class Receipt(Struct, rename="camel"):
    """An event that a configuration set publishes about a message (`eventVersion` 1.0)."""

    event_type: str
    message_id: str
    event_timestamp: Any = None
    is_final: bool = True
    destination_phone_number: str = ""
    context: dict[str, Any] | None = None


class Reply(Struct, rename="camel"):
    """What a person sent to one of our numbers."""

    origination_number: str
    inbound_message_id: str
    message_body: str = ""
    message_keyword: str = ""


class _Failure(NamedTuple):
    """Why an SMS did not arrive, and whether none ever will at that number."""

    reason: str
    permanent: bool = False


_ARRIVED = frozenset({"TEXT_DELIVERED", "TEXT_SUCCESSFUL"})
"""Which of the two comes depends on the country. Source: AWS, event types."""

_FAILED = {
    "TEXT_INVALID": _Failure("invalid_number", permanent=True),
    "TEXT_INVALID_MESSAGE": _Failure("invalid_message"),
    "TEXT_UNREACHABLE": _Failure("unreachable"),
    "TEXT_CARRIER_UNREACHABLE": _Failure("carrier_unreachable"),
    "TEXT_BLOCKED": _Failure("blocked"),
    "TEXT_CARRIER_BLOCKED": _Failure("carrier_blocked"),
    "TEXT_PROTECT_BLOCKED": _Failure("protect_blocked"),
    "TEXT_SPAM": _Failure("spam"),
    "TEXT_TTL_EXPIRED": _Failure("expired"),
}
"""Only a number that is none is given up for good. The others speak of the moment, the content or
the sender: where a sender is not registered, carriers block everybody in a country."""

_NOTHING_NEW = frozenset({"TEXT_SENT", "TEXT_QUEUED", "TEXT_PENDING", "TEXT_UNKNOWN"})
"""Underway, or, three days later, nobody knows: that is what is known anyhow."""


def read_receipt(
    receipt: Receipt, *, received_at: int, rules: IdentityRules
) -> list[Event | Rejected]:
    """Return the event that a receipt is, or none where it tells nothing that stands.

    It is about the home in its context; where somebody else sent the SMS, about the number.
    """
    kind = receipt.event_type
    failure = _FAILED.get(kind)
    if kind in _NOTHING_NEW or (failure and not receipt.is_final and not failure.permanent):
        return []
    if failure is None and kind not in _ARRIVED:
        return [Rejected("unknown_feedback", "not an event about an SMS")]
    context = receipt.context or {}
    about = at_home(context.get(STRAND_KEY)) or _number(receipt.destination_phone_number, rules)
    if not about:
        return [Rejected("no_identifier", "a receipt names neither a strand nor a phone number")]
    properties: dict[str, Any] = {"channel": "sms"}
    if isinstance(context.get(MESSAGE_KEY), str):
        properties["message_id"] = context[MESSAGE_KEY]
    if failure:
        properties |= failure._asdict()
        if receipt.destination_phone_number:
            properties["address_mark"] = mark("sms", receipt.destination_phone_number)
    name = "SMS Failed" if failure else "SMS Delivered"
    original = clock.instant(receipt.event_timestamp)
    return [
        Event(
            id=_id(receipt.message_id, name, failure.reason if failure else ""),
            source=SOURCE,
            kind="track",
            name=name,
            identifiers=about,
            timestamp=clock.corrected(
                original, None, received_at=received_at, max_age_ms=MAX_AGE_MS
            ),
            received_at=received_at,
            original_timestamp=original,
            properties=properties,
        )
    ]


def read_reply(reply: Reply, *, received_at: int, rules: IdentityRules) -> list[Event | Rejected]:
    """Return what a person's answer says: that they answered, and first that they withdraw, if so.

    A yes grants nothing: which purpose it is to was said in our message and not in the answer, so
    that a campaign has to ask, listen for `word`, and send `Consent Granted` with its proof. What
    was written is kept while it is a short answer; letters are for people to read, not for us.

    AWS names as keyword what it took the answer for; where that is STOP, it stopped sending too.
    """
    about = _number(reply.origination_number, rules)
    if not about:
        return [Rejected("no_identifier", "an answer came from no phone number")]
    stops = says_stop(reply.message_body) or says_stop(reply.message_keyword)
    said, text = words(reply.message_body), reply.message_body.strip()
    properties: dict[str, Any] = {"channel": "sms", "stop": stops}
    if said and len(said[0]) <= MAX_WORD:
        properties["word"] = said[0]
    if text and len(text) <= MAX_TEXT:
        properties["text"] = text
    withdrawn = {"channel": "sms", "purpose": "*"}
    told = [("Consent Withdrawn", withdrawn)] if stops else []
    return [
        Event(
            id=_id(reply.inbound_message_id, name),
            source=SOURCE,
            kind="track",
            name=name,
            identifiers=about,
            timestamp=received_at,
            received_at=received_at,
            properties=what,
        )
        for name, what in [*told, ("SMS Replied", properties)]
    ]


def _number(number: str, rules: IdentityRules) -> tuple[Identifier, ...]:
    normal = rules.normalise("phone", number)
    return (("phone", normal),) if normal is not None else ()


def _id(*parts: str) -> str:
    return "sms-" + hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


decode_receipt = msgspec.json.Decoder(Receipt).decode
decode_reply = msgspec.json.Decoder(Reply).decode
