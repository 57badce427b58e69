"""What the discipline of contact may say of a message, and each reason in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from portrait.compiled import Cap, Policy
from portrait.message import Message
from portrait.strand import Contact

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
    "outranked",
    "too_many_waiting",
    "portrait_full",
]
"""In the order in which they are looked for; the first that applies is the reason."""

WaitReason = Literal["quiet_hours", "cap", "outranked"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send once, valid when the contact has been written into the portrait."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class Wait:
    """The message may not go now, but it may later.

    Attributes:
        until: the first moment to try it again (UTC ms), always after now.
        cap: the cap that has no room, where the reason is `cap`.
        rival: the campaign of a message that is worth more, where the reason is `outranked`.
    """

    until: int
    reason: WaitReason
    cap: Cap | None = field(default=None, compare=False)
    rival: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Held:
    """The message is not sent, and why; `cap` and `rival` as for `Wait`."""

    reason: HeldReason
    cap: Cap | None = field(default=None, compare=False)
    rival: str = field(default="", compare=False)


Verdict = Ticket | Wait | Held

SENTENCES: Mapping[HeldReason, str] = {
    "erased": "The customer asked to be forgotten, or was never heard of.",
    "changed_hands": "The identifier it was about is another person's by now.",
    "already_sent": "It, or the same from another journey of the campaign, was sent before.",
    "control_group": "The customer is held out, to measure what such messages are worth.",
    "expired": "It is too late: it was worth sending only for a time.",
    "no_address": "No address is known on this channel.",
    "suppressed": "The address does not exist any more, or its owner complained.",
    "no_consent": "The customer has not agreed to messages of this purpose on this channel.",
    "quiet_hours": "It is night, or another quiet hour, where the customer may be.",
    "cap": "It would have been more messages than the policy allows in a time.",
    "outranked": "The place that the policy leaves is kept for a message that is worth more.",
    "too_many_waiting": "It would have had to wait, where as many wait that are worth as much.",
    "portrait_full": "It would have had to wait, and so much is known that nothing more fits.",
}
"""For when the reason is all that is known of a verdict, as of one that was written down."""

_NAMES = {"email": "e-mails", "sms": "text messages", "push": "push messages"}


def explain(verdict: Verdict, message: Message, policy: Policy) -> str:
    """Return one sentence for people: what was decided about the message, and why."""
    if isinstance(verdict, Ticket):
        service = message.purpose in policy.service_purposes
        return "It is the answer to what the customer did." if service else "Nothing is against it."
    if verdict.cap is not None:
        return f"It would have been one more than {_allowed(verdict.cap)}."
    if verdict.rival:
        return f"The place that the policy leaves is kept for {verdict.rival}, which is worth more."
    if verdict.reason == "quiet_hours" and policy.quiet_hours is not None:
        hours = policy.quiet_hours
        start, end = _clock(hours.start), _clock(hours.end)
        return f"It is quiet between {start} and {end} by the customer's clock."
    return SENTENCES[verdict.reason]


def _allowed(cap: Cap) -> str:
    what = _NAMES.get(
        cap.channel or "", f"messages on {cap.channel}" if cap.channel else "messages"
    )
    if cap.messages == 1:
        what = what.replace("messages", "message").replace("e-mails", "e-mail")
    purpose = f" of purpose {cap.purpose}" if cap.purpose else ""
    return f"the {cap.messages} {what}{purpose} allowed {_span(cap.window_ms)}"


def _span(window_ms: int | None) -> str:
    if window_ms is None:
        return "on one day"
    for name, length in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000)):
        if window_ms % length == 0:
            size = window_ms // length
            return f"within {size} {name}{'' if size == 1 else 's'}"
    return f"within {window_ms} milliseconds"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
