"""The use case of the dispatch function: one message, from the queue to what became of it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from portrait import contact_policy
from portrait.channels import Deferred, Refused, Send, Sent
from portrait.composer import Composer
from portrait.contact_policy import Held
from portrait.faults import Rejected, Unavailable
from portrait.message import Message
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.strand import Contact
from portrait.tickets import LEASE_MS, START_WITHIN_MS, Claim, Tickets, is_gone
from portrait.view import View


class Journeys(Protocol):
    """Where it is kept what became of each customer in each campaign."""

    def record(self, journey: str, *, outcome: str, reason: str, at: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message, and why if it was not simply sent."""

    state: Literal["sent", "held", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that sending needs: where customers are, what is kept, and who writes."""

    tickets: Tickets
    journeys: Journeys
    composer: Composer


def send_message(message: Message, desk: Desk) -> Outcome:
    """Send the message at most once, if policy allows, and record what became of it.

    Safe to repeat: a message that was claimed before is never sent again, only its outcome is
    recorded again. The order is judge, render, claim, send, record, so that a template that fails
    costs no ticket and a crash at any point costs at most the message.

    Raises:
        Unavailable: the message must come again: it was not sent, or it is not yet known of.
    """
    attempt = _Attempt(message, desk)
    record = desk.tickets.amend(message.strand, attempt.decide)
    outcome = attempt.outcome
    if outcome is None:
        if record is None or attempt.contact is None or attempt.send is None:
            raise Unavailable("the ticket was not written")
        outcome = _use(Claim(attempt.contact, attempt.strand, record), attempt.send, desk)
    desk.journeys.record(
        message.journey, outcome=outcome.state, reason=outcome.reason, at=desk.tickets.clock()
    )
    return outcome


def _use(claim: Claim, send: Send, desk: Desk) -> Outcome:
    """Send with a ticket in hand; give it back if the message surely did not leave."""
    late = desk.tickets.clock() - claim.contact.at > START_WITHIN_MS
    delivery = Deferred("claim_too_old") if late else send()
    if isinstance(delivery, Deferred):
        desk.tickets.release(claim)
        raise Unavailable(delivery.reason)
    if isinstance(delivery, Sent):
        outcome = Outcome("sent")
    elif isinstance(delivery, Refused):
        outcome = Outcome("failed", delivery.reason)
    else:
        outcome = Outcome("unknown", delivery.reason)
    desk.tickets.settle(claim, outcome.state)
    return outcome


class _Attempt:
    """One try at a ticket; `decide` is called with a fresh portrait until its write succeeds."""

    def __init__(self, message: Message, desk: Desk) -> None:
        self._message = message
        self._desk = desk
        self.strand = message.strand
        self.outcome: Outcome | None = None
        self.contact: Contact | None = None
        self.send: Send | None = None

    def decide(self, record: Record | None) -> Portrait | None:
        """Judge, render, and return the portrait with the claim in it, or None to leave it."""
        self.outcome = self.contact = self.send = None
        message, now = self._message, self._desk.tickets.clock()
        if record is None or is_gone(record, message):
            self.outcome = Outcome("held", "erased")
            return None
        portrait = record.portrait
        if message.home != record.home and message.home not in portrait.ids:
            # What it is about was heard through an identifier that is another person's by now.
            self.outcome = Outcome("held", "changed_hands")
            return None
        view = record.portrait.view(self._desk.composer.catalogue, now)
        known = next((each for each in view.contacts if each.id == message.id), None)
        if known is not None:
            return self._recall(portrait, known, now)
        verdict = contact_policy.judge(view, message, self._desk.composer.catalogue.policy, now=now)
        if isinstance(verdict, Held):
            self.outcome = Outcome("held", verdict.reason)
            return self._remember_control(portrait, view, verdict)
        try:
            self.send = self._desk.composer.compose(view, message, now=now)
        except Rejected as fault:
            self.outcome = Outcome("failed", fault.reason)
            return None
        self.contact = verdict.contact
        portrait.strand(self.strand).set_contact(verdict.contact)
        self._set_arms(portrait)
        return portrait

    def _recall(self, portrait: Portrait, known: Contact, now: int) -> Portrait | None:
        """Say what became of a message that was claimed before, by us or another process."""
        if known.state != "claimed":
            state = known.state if known.state in ("unknown", "failed") else "sent"
            self.outcome = Outcome(state)  # type: ignore[arg-type]  # one of the three
            return None
        if now - known.at < LEASE_MS:
            raise Unavailable("another process is sending this message")
        self.outcome = Outcome("unknown", "lease_expired")
        portrait.strand(self.strand).set_contact(known._replace(state="unknown"))
        return portrait

    def _remember_control(self, portrait: Portrait, view: View, verdict: Held) -> Portrait | None:
        """Write down who is held out, so that it survives merges; once is enough."""
        if verdict.reason != "control_group":
            return None
        self._set_arms(portrait)
        known = portrait.view(self._desk.composer.catalogue, view.now).arms
        return portrait if known != view.arms else None

    def _set_arms(self, portrait: Portrait) -> None:
        message = self._message
        for campaign, arm in (message.arms or {message.campaign: message.arm}).items():
            portrait.strand(self.strand).set_arm(campaign, arm)
