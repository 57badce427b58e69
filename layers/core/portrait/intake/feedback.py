"""What Amazon SES tells about a message, as events about its recipients."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from portrait.event import Event
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.intake import clock
from portrait.metrics import DAY_MS

SOURCE = "ses"
MAX_AGE_MS = 30 * DAY_MS
MESSAGE_TAG = "portrait-message-id"
"""The tag that `dispatch` puts on a message, with our id of it."""


class _Recipient(Struct, rename="camel"):
    email_address: str


class _Mail(Struct, rename="camel"):
    message_id: str
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
    """What a kind of notification is called here, and whether it can happen more than once."""

    event: str
    part: str
    repeats: bool = False


_MEANINGS = {
    "Delivery": _Meaning("Email Delivered", "delivery"),
    "Open": _Meaning("Email Opened", "open", repeats=True),
    "Click": _Meaning("Email Link Clicked", "click", repeats=True),
    "Bounce": _Meaning("Email Bounced", "bounce"),
    "Complaint": _Meaning("Email Marked as Spam", "complaint"),
}
_NOTHING_NEW = frozenset({"Send", "DeliveryDelay", "Reject", "Rendering Failure", "Subscription"})


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
    for recipient in _recipients(mail, occurrence):
        address = rules.normalise("email", recipient.rpartition("<")[2].rstrip("> "))
        if address is None:
            yield Rejected("no_identifier", "a recipient is not an e-mail address")
            continue
        moment = occurrence.timestamp if meaning.repeats else ""
        yield Event(
            id=_id(mail.message_id, meaning.event, address, moment),
            source=SOURCE,
            kind="track",
            name=meaning.event,
            identifiers=(("email", address),),
            timestamp=clock.corrected(
                original, None, received_at=received_at, max_age_ms=MAX_AGE_MS
            ),
            received_at=received_at,
            original_timestamp=original,
            properties=properties,
        )


def _recipients(mail: _Mail, occurrence: _Occurrence) -> list[str]:
    named = occurrence.bounced_recipients or occurrence.complained_recipients
    return [one.email_address for one in named] or occurrence.recipients or mail.destination


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


read_notification = msgspec.json.Decoder(Notification).decode
