"""The use case of the dispatch function: one message, from the queue to what became of it."""

from portrait.attempt import Attempt, Desk, Fate, outcome
from portrait.channels import Deferred, Refused, Send, Sent
from portrait.faults import Unavailable
from portrait.message import Message
from portrait.tickets import START_WITHIN_MS, Claim
from portrait.waiting_room import kept

__all__ = ["Desk", "Fate", "send_message"]


def send_message(message: Message, desk: Desk) -> Fate:
    """Send the message at most once, if policy allows, and record what became of it.

    Safe to repeat: a message that was claimed before is never sent again. The order is judge,
    render, claim, send, record, so that a template that fails costs no ticket and a crash at any
    point costs at most the message. What becomes of it is written into the portrait, with the
    reason, and the dialogue that asked for it goes on in the same write.

    Raises:
        Unavailable: the message must come again: it was not sent, or it is not yet known of.
    """
    attempt = Attempt(message, desk)
    record = desk.tickets.amend(message.strand, attempt.decide)
    if attempt.fate is not None:
        return attempt.fate
    if record is None or attempt.contact is None or attempt.send is None:
        raise Unavailable("the ticket was not written")
    return _use(Claim(attempt.contact, message.strand, record), attempt.send, message, desk)


def _use(claim: Claim, send: Send, message: Message, desk: Desk) -> Fate:
    """Send with a ticket in hand; give it back if the message surely did not leave."""
    late = desk.tickets.clock() - claim.contact.at > START_WITHIN_MS
    delivery = Deferred("claim_too_old") if late else send()
    if isinstance(delivery, Deferred):
        return _put_off(claim, delivery, message, desk)
    if isinstance(delivery, Sent):
        fate = Fate("sent", claim.contact.reason)
    elif isinstance(delivery, Refused):
        fate = Fate("failed", delivery.reason)
    else:
        fate = Fate("unknown", delivery.reason)
    dead = delivery.dead if isinstance(delivery, Sent | Refused) else ()
    told = outcome(message, fate, desk.tickets.clock())
    desk.tickets.settle(claim, fate.state, told, dead=dead)
    return fate


def _put_off(claim: Claim, delivery: Deferred, message: Message, desk: Desk) -> Fate:
    """Give the ticket back, and keep the message until its channel may try again.

    Raises:
        Unavailable: the channel does not say when, so the queue brings it back.
    """
    if delivery.retry_after_ms is None:
        desk.tickets.release(claim)
        raise Unavailable(delivery.reason)
    now, fate = desk.tickets.clock(), Fate("waiting", delivery.reason)
    until = min(now + delivery.retry_after_ms, message.expires_at)
    attempt = message.attempt + delivery.counts
    waits = kept(message, since=claim.contact.at, until=until, reason=fate.reason, attempt=attempt)
    desk.tickets.release(claim, waits, outcome(message, fate, now))
    return fate
