"""The discipline of contact: may this message go to this customer now? Pure judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from portrait.arbitration import Planned
from portrait.compiled import Cap, Policy, QuietHours
from portrait.enrolment import PROGRAMME
from portrait.message import Message
from portrait.strand import Contact
from portrait.time_zones import time_zone

HeldReason = Literal[
    "erased",
    "changed_hands",
    "already_sent",
    "control_group",
    "expired",
    "no_address",
    "suppressed",
    "no_consent",
    "quiet_hours",
    "cap",
]
"""In the order in which they are looked for; the first that applies is the reason."""

_JOURNEY = 8
"""How much of a message's id says which journey it belongs to; see `message.message_id`."""

_ADDRESSED = frozenset({"email", "sms"})
"""Channels that need an address of the customer. A webhook goes to a system of the company."""


class Recipient(Protocol):
    """What is asked of a customer's view."""

    @property
    def arms(self) -> Mapping[str, str]: ...
    @property
    def contacts(self) -> Sequence[Contact]: ...
    def trait(self, name: str) -> Any: ...
    def address(self, channel: str) -> str | None: ...
    def consent(self, channel: str, purpose: str) -> str | None: ...
    def suppressed(self, channel: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send once, valid when the contact has been written into the portrait."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class Wait:
    """The message may not go now; `until` is the first moment to try it again (UTC ms)."""

    until: int
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """The message is not sent, and why."""

    reason: HeldReason


def judge(
    view: Recipient | None,
    message: Message,
    policy: Policy,
    *,
    now: int,
    rivals: Sequence[Planned] = (),
) -> Ticket | Wait | Held:
    """Decide about one message, from what is known of the customer and nothing else.

    Service purposes (the answer to what the customer did) need no consent, know no quiet hours, and
    are neither held nor counted by a cap; an address that bounced or complained stops them too.

    Args:
        view: None where the customer is erased or was never heard of.
        now: UTC milliseconds.
    """
    if view is None:
        return Held("erased")
    if any(contact.id == message.id for contact in view.contacts):
        return Held("already_sent")
    if message.once and _was_said_elsewhere(view.contacts, message):
        return Held("already_sent")
    if is_held_out(view.arms, message, policy):
        return Held("control_group")
    if now >= message.expires_at:
        return Held("expired")
    if message.channel in _ADDRESSED and not view.address(message.channel):
        return Held("no_address")
    if view.suppressed(message.channel):
        return Held("suppressed")
    if message.purpose not in policy.service_purposes and message.channel != "inbox":
        reason = _discipline(view, message, policy, now)
        if reason is not None:
            return Held(reason)
    return Ticket(
        Contact(message.id, message.channel, message.purpose, message.campaign, now, "claimed")
    )


def _was_said_elsewhere(contacts: Sequence[Contact], message: Message) -> bool:
    """Tell whether another journey of the campaign spoke to this customer.

    Who the journey is about is decided when it begins; a merge, or an event that came late, may
    show only afterwards that two of them are about one person.
    """
    return any(
        contact.campaign == message.campaign
        and contact.state not in ("failed", "held")
        and contact.id[:_JOURNEY] != message.id[:_JOURNEY]
        for contact in contacts
    )


def is_held_out(arms: Mapping[str, str], message: Message, policy: Policy) -> bool:
    """Tell whether the customer is in the control group of the campaign or of the programme.

    What the message says was decided when the journey began; what the portrait says may have come
    since, with a merge. Either holds the customer out. The programme's group gets service messages.
    """
    known = [message.arm, arms.get(message.campaign), message.arms.get(message.campaign)]
    if message.purpose not in policy.service_purposes:
        known += [arms.get(PROGRAMME), message.arms.get(PROGRAMME)]
    return "control" in known


def _discipline(view: Recipient, message: Message, policy: Policy, now: int) -> HeldReason | None:
    if view.consent(message.channel, message.purpose) != "granted":
        return "no_consent"
    if policy.quiet_hours and is_quiet(now, policy.quiet_hours, view.trait("timezone")):
        return "quiet_hours"
    if any(_is_spent(cap, view.contacts, message, policy, now) for cap in policy.caps):
        return "cap"
    return None


def is_quiet(now: int, hours: QuietHours, zone_name: object = None) -> bool:
    """Tell whether `now` lies in the quiet hours of the named IANA zone, else of the policy's.

    The wall clock is computed from the instant, never the other way round: no hour is missing or
    double in that direction, so a night is 10, 11 or 12 hours long as daylight saving has it.
    """
    local = datetime.fromtimestamp(now / 1000, time_zone(zone_name, hours.time_zone))
    minute = local.hour * 60 + local.minute
    if hours.start <= hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


def _is_spent(
    cap: Cap, contacts: Sequence[Contact], message: Message, policy: Policy, now: int
) -> bool:
    """Tell whether one more message would be more than the cap allows in a window ending now.

    Every contact counts but those the provider definitely refused; one with a later instant (its
    writer's clock was ahead) counts too. A contact exactly one window old no longer counts.
    """
    if cap.channel not in (None, message.channel) or cap.purpose not in (None, message.purpose):
        return False
    counted = sum(
        contact.at > now - cap.window_ms
        and contact.state not in ("failed", "held")
        and bool(contact.campaign)  # else it is feedback about a message that was not ours
        and contact.purpose not in policy.service_purposes
        and cap.channel in (None, contact.channel)
        and cap.purpose in (None, contact.purpose)
        for contact in contacts
    )
    return counted >= cap.messages
