"""The waiting room: messages that may not go yet, as a portrait keeps them."""

from portrait.effects import Outcome
from portrait.message import Message
from portrait.portrait import Portrait, home_of
from portrait.strand import Contact
from portrait.waiting import Waiting


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
