"""The discipline of contact: may this message go to this customer now, or when? Pure judgement."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from portrait.arbitration import Planned, rank
from portrait.compiled import PULL_CHANNELS, Policy
from portrait.contact_timing import Timing
from portrait.enrolment import PROGRAMME
from portrait.message import Message
from portrait.recipient_zone import recipient_zone
from portrait.strand import Contact
from portrait.verdicts import Held, Ticket, Verdict, Wait
from portrait.waiting import Waiting

__all__ = ["Held", "Planned", "Recipient", "Ticket", "Verdict", "Wait", "is_held_out", "judge"]

_JOURNEY = 8
"""How much of a message's id says which journey it belongs to; see `message.message_id`."""

_ADDRESSED = frozenset({"email", "sms", "push"})
"""Channels that need an address of the customer. A webhook goes to a system of the company."""


class Recipient(Protocol):
    """What is asked of a customer's view."""

    @property
    def arms(self) -> Mapping[str, str]: ...
    @property
    def contacts(self) -> Sequence[Contact]: ...
    @property
    def waiting(self) -> Mapping[str, Waiting]: ...
    def trait(self, name: str) -> Any: ...
    def addresses(self, channel: str) -> Sequence[str]: ...
    def consent(self, channel: str, purpose: str) -> str | None: ...
    def suppressed(self, channel: str) -> bool: ...


def judge(
    view: Recipient | None, message: Message, policy: Policy, *, now: int,
    rivals: Sequence[Planned] = (), asked_at: int | None = None,
) -> Verdict:  # fmt: skip
    """Decide about one message, from what is known of the customer and nothing else.

    Service purposes (the answer to what the customer did) need no consent, know no quiet hours, and
    are not held by a cap, nor counted unless the policy says so; an address that bounced or
    complained stops them too. Pull channels disturb nobody: they know no quiet hours and no caps,
    and need no consent, though a withdrawal stands.

    Of several messages for fewer places, those that are worth more get them, as `arbitration.plan`
    gives them out: now or, if that is worth more, later. Only a message that has no moment before
    it expires, whatever becomes of the others, is held at once.

    Args:
        view: None where the customer is erased or was never heard of.
        now: UTC milliseconds.
        rivals: what else is planned for this customer: messages that wait, and what running
            dialogues are about to send. Those that may not be sent at all take no place.
        asked_at: when the message was asked for; None is now.
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
    if message.channel in _ADDRESSED and not view.addresses(message.channel):
        return Held("no_address")
    if view.suppressed(message.channel):
        return Held("suppressed")
    if message.purpose not in policy.service_purposes:
        since = now if asked_at is None else asked_at
        verdict = _discipline(view, message, policy, now, since, rivals)
        if verdict is not None:
            return verdict
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


def _discipline(
    view: Recipient,
    message: Message,
    policy: Policy,
    now: int,
    since: int,
    rivals: Sequence[Planned],
) -> Held | Wait | None:
    """Return what is against sending what the customer did not ask for, or None."""
    channel, purpose = message.channel, message.purpose
    if not _is_welcome(view, channel, purpose):
        return Held("no_consent")
    capped = any(cap.covers(channel, purpose) for cap in policy.caps)
    if policy.exempts(channel, purpose) or not (capped or policy.quiet_for(channel, purpose)):
        return None
    waited = view.waiting.get(message.id)
    own = Planned(
        message.id, channel, purpose, message.campaign, message.value, now, message.expires_at,
        waited.since if waited else since,
    )  # fmt: skip
    gone = {contact.id for contact in view.contacts} if rivals else set()
    ahead = [
        each for each in (rivals if capped else ())
        if rank(each) < rank(own) and now < each.expires_at
        and each.id != own.id and each.id not in gone and _may_be_sent(each, view, policy)
    ]  # fmt: skip
    zones = recipient_zone(view, policy.time_zone).zones
    return Timing(own, view.contacts, ahead, policy, zones, now).judge()


def _is_welcome(view: Recipient, channel: str, purpose: str) -> bool:
    """Silence is no consent; but where the customer comes by themselves, it is no refusal."""
    said = view.consent(channel, purpose)
    return said == "granted" or (channel in PULL_CHANNELS and said != "withdrawn")


def _may_be_sent(rival: Planned, view: Recipient, policy: Policy) -> bool:
    """Tell whether a rival needs a place under the caps, and nothing else is against it."""
    return (
        not policy.exempts(rival.channel, rival.purpose)
        and "control" not in (view.arms.get(rival.campaign), view.arms.get(PROGRAMME))
        and _is_welcome(view, rival.channel, rival.purpose)
        and not view.suppressed(rival.channel)
        and (rival.channel not in _ADDRESSED or bool(view.addresses(rival.channel)))
    )
