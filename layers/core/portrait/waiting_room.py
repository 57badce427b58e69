"""The waiting room: messages that may not go yet, as a portrait keeps them."""

from typing import TYPE_CHECKING

from portrait.agenda import UNHEARD_MS
from portrait.effects import Outcome, Say
from portrait.message import Message
from portrait.portrait import Portrait, home_of
from portrait.strand import Contact
from portrait.waiting import Waiting

if TYPE_CHECKING:
    from portrait.conversation import Conversation


def kept(message: Message, *, since: int, until: int, reason: str, attempt: int) -> Waiting:
    """Return the message as the portrait keeps it while it may not go."""
    return Waiting(
        message.journey, message.campaign, message.version, message.step, message.channel,
        message.template, message.purpose, message.value, message.occurred_at,
        message.received_at, message.expires_at, since, until, reason, attempt,
    )  # fmt: skip


def take(portrait: Portrait, id_: str) -> Waiting | None:
    """Take a message out of those that wait, at whichever strand it lies by now."""
    taken = [strand.waiting.pop(id_, None) for strand in portrait.strands.values()]
    return next((one for one in taken if one is not None), None)


def give_way(portrait: Portrait, id_: str, now: int) -> tuple[Contact, Outcome]:
    """Hold for good a message that waits, for one that is worth more; return what is told of it."""
    home = next(key for key, strand in portrait.strands.items() if id_ in strand.waiting)
    one = portrait.strands[home].waiting.pop(id_)
    contact = Contact(id_, one.channel, one.purpose, one.campaign, now, "held", "too_many_waiting")
    portrait.strands[home].set_contact(contact)
    return contact, Outcome(
        one.journey, one.step, id_, "held", now, home_of(home), "too_many_waiting"
    )  # fmt: skip


def release(talk: "Conversation") -> None:
    """Send those on their way that may go by now, and those that were never heard of again."""
    for home, strand in talk.portrait.strands.items():
        for id_, one in list(strand.waiting.items()):
            due = one.not_before or one.tried_at + UNHEARD_MS
            if due <= talk.now or (talk.freed and one.not_before and one.reason == "outranked"):
                _say_again(talk, home, id_, one)


def _say_again(talk: "Conversation", strand: str, id_: str, one: Waiting) -> None:
    waiting = talk.portrait.strand(strand).waiting
    waiting[id_] = one._replace(not_before=0, tried_at=talk.now)
    talk.effects.append(
        Say(
            id_, one.journey, one.campaign, one.version, one.step, home_of(strand),
            one.channel, one.template, one.purpose, one.value, one.occurred_at, one.received_at,
            one.expires_at, one.attempt,
        )
    )  # fmt: skip
    talk.touch()
