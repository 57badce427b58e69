"""What Amazon SES tells about a message, as events about its recipients."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from portrait.event import Event, Identifier
from portrait.faults import Rejected
from portrait.feedback import by_machine
from portrait.identity_rules import IdentityRules
from portrait.intake import clock
from portrait.intake.homes import at_home
from portrait.judgement import at_first
from portrait.machines import Act, machine
from portrait.metrics import DAY_MS
from portrait.suppression import mark

SOURCE = "ses"
MAX_AGE_MS = 30 * DAY_MS
MESSAGE_TAG = "portrait-message-id"
STRAND_TAG = "portrait-strand"
"""The tags that `dispatch` puts on a message: our id of it, and whose it is."""


class _Recipient(Struct, rename="camel"):
    email_address: str


class _Mail(Struct, rename="camel"):
    message_id: str
    timestamp: Any = None
    destination: list[str] = []
    tags: dict[str, list[str]] = {}


class _Occurrence(Struct, rename="camel"):
    """The object named after the event; each kind of event has some of these."""

    timestamp: str
    recipients: list[str] = []
    bounced_recipients: list[_Recipient] = []
    complained_recipients: list[_Recipient] = []
    bounce_type: str = ""
    bounce_sub_type: str = ""
    complaint_feedback_type: str | None = None
    link: str = ""
    user_agent: str | None = None
    ip_address: str | None = None


class Notification(Struct, rename="camel"):
    """An SES event as event publishing or a feedback notification writes it."""

    mail: _Mail
    event_type: str = ""
    notification_type: str = ""
    delivery: _Occurrence | None = None
    open: _Occurrence | None = None
    click: _Occurrence | None = None
    bounce: _Occurrence | None = None
    complaint: _Occurrence | None = None


class _Meaning(NamedTuple):
    """What a kind of notification is called here.

    `act` is what machines do as well as people, which can happen more than once.
    """

    event: str
    part: str
    act: Act | None = None


_MEANINGS = {
    "Delivery": _Meaning("Email Delivered", "delivery"),
    "Open": _Meaning("Email Opened", "open", act="open"),
    "Click": _Meaning("Email Link Clicked", "click", act="click"),
    "Bounce": _Meaning("Email Bounced", "bounce"),
    "Complaint": _Meaning("Email Marked as Spam", "complaint"),
}
_NOTHING_NEW = frozenset({"Send", "DeliveryDelay", "Reject", "Rendering Failure", "Subscription"})
_NO_COMPLAINT = "not-spam"
"""Somebody took a message out of the spam folder. Source: SES, contents of the complaint object."""


def read_feedback(
    notification: Notification, *, received_at: int, rules: IdentityRules
) -> list[Event | Rejected]:
    """Return one event for each recipient the notification is about.

    Kinds that tell a customer's portrait nothing (`Send`, `DeliveryDelay`…) give no event.
    """
    kind = notification.event_type or notification.notification_type
    if kind in _NOTHING_NEW:
        return []
    meaning = _MEANINGS.get(kind)
    occurrence = getattr(notification, meaning.part) if meaning else None
    if meaning is None or occurrence is None:
        return [Rejected("unknown_feedback", "not an event that SES publishes about a message")]
    if occurrence.complaint_feedback_type == _NO_COMPLAINT:
        return []
    return list(_events(meaning, notification.mail, occurrence, received_at, rules))


def _events(
    meaning: _Meaning,
    mail: _Mail,
    occurrence: _Occurrence,
    received_at: int,
    rules: IdentityRules,
) -> Iterator[Event | Rejected]:
    original = clock.instant(occurrence.timestamp)
    properties = _properties(meaning, mail, occurrence)
    name = meaning.event
    if why := _machine(meaning, mail, occurrence, original):
        name, properties["machine"] = by_machine(name), why
    elif meaning.part == "click":
        name = at_first(name, properties)
    for recipient in _recipients(mail, occurrence):
        written = recipient.rpartition("<")[2].rstrip("> ")
        address = rules.normalise("email", written)
        if address is None:
            yield Rejected("no_identifier", "a recipient is not an e-mail address")
            continue
        moment = occurrence.timestamp if meaning.act else ""
        yield Event(
            id=_id(mail.message_id, meaning.event, address, moment),
            source=SOURCE,
            kind="track",
            name=name,
            identifiers=_about(mail) or (("email", address),),
            timestamp=clock.corrected(
                original, None, received_at=received_at, max_age_ms=MAX_AGE_MS
            ),
            received_at=received_at,
            original_timestamp=original,
            properties=properties | _closed(meaning, written),
        )


def _machine(meaning: _Meaning, mail: _Mail, occurrence: _Occurrence, at: int | None) -> str | None:
    """Return how a machine gave itself away, or None where a person may have done it."""
    if meaning.act is None:
        return None
    return machine(
        meaning.act,
        user_agent=occurrence.user_agent,
        address=occurrence.ip_address or "",
        sent_at=clock.instant(mail.timestamp),
        at=at,
    )


def _closed(meaning: _Meaning, address: str) -> dict[str, str]:
    """Return which address it is that bounced; the customer may have told another by now."""
    return {"address_mark": mark("email", address)} if meaning.part == "bounce" else {}


def _recipients(mail: _Mail, occurrence: _Occurrence) -> list[str]:
    named = occurrence.bounced_recipients or occurrence.complained_recipients
    return [one.email_address for one in named] or occurrence.recipients or mail.destination


def _about(mail: _Mail) -> tuple[Identifier, ...]:
    """Return whom a message of ours was for: an address may be another's by now, or a family's."""
    strands = mail.tags.get(STRAND_TAG)
    return at_home(strands[0]) if strands and len(mail.destination) == 1 else ()


def _properties(meaning: _Meaning, mail: _Mail, occurrence: _Occurrence) -> dict[str, Any]:
    properties: dict[str, Any] = {"channel": "email"}
    if mail.tags.get(MESSAGE_TAG):
        properties["message_id"] = mail.tags[MESSAGE_TAG][0]
    if meaning.part == "bounce":
        properties["permanent"] = occurrence.bounce_type == "Permanent"
        properties["reason"] = occurrence.bounce_sub_type
    if occurrence.complaint_feedback_type:
        properties["reason"] = occurrence.complaint_feedback_type
    if occurrence.link:
        # What follows the path can carry addresses and tokens.
        properties["link"] = occurrence.link.partition("?")[0].partition("#")[0]
    return properties


def _id(*parts: str) -> str:
    return "ses-" + hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


decode = msgspec.json.Decoder(Notification).decode
