"""One try at a ticket: whether a message may go, judged on the portrait, and what is written."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from portrait import contact_policy, offers
from portrait.catalogue import Catalogue
from portrait.channels import Send
from portrait.contact_policy import Held, Wait
from portrait.effects import Outcome
from portrait.faults import Rejected, Unavailable
from portrait.forthcoming import asked_at, rivals
from portrait.message import Message, message_id
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.strand import Contact
from portrait.tickets import LEASE_MS, Amendment, Tickets, is_gone
from portrait.view import View
from portrait.waiting import Offer, least
from portrait.waiting_room import give_way, kept, take


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message, and why if it was not simply sent."""

    state: Literal["sent", "held", "failed", "unknown", "waiting"]
    reason: str = ""


class Composer(Protocol):
    """Makes of a message something that only needs to be sent."""

    @property
    def catalogue(self) -> Catalogue: ...
    def compose(self, view: View, message: Message, *, now: int) -> Send: ...
    def offer(self, view: View, message: Message) -> tuple[dict[str, Any], int]: ...
    def forget_connections(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that sending needs: where customers are, and who writes."""

    tickets: Tickets
    composer: Composer


class Attempt:
    """One try at a ticket; `decide` is called with a fresh portrait until its write succeeds."""

    def __init__(self, message: Message, desk: Desk) -> None:
        self._message = message
        self._desk = desk
        self.fate: Fate | None = None
        self.contact: Contact | None = None
        self.send: Send | None = None

    def decide(self, record: Record | None) -> Amendment | None:
        """Judge, render, and return what to write: a claim, or what became of the message."""
        self.fate = self.contact = self.send = None
        message, now = self._message, self._desk.tickets.clock()
        if record is None or is_gone(record, message):
            self.fate = Fate("held", "erased")
            return None
        portrait = record.portrait
        view = portrait.view(self._desk.composer.catalogue, now)
        known = next((each for each in view.contacts if each.id == message.id), None)
        if known is not None:
            return self._recall(portrait, view, known, now)
        if message.home != record.home and message.home not in portrait.ids:
            # What it is about was heard through an identifier that is another person's by now.
            return self._end(portrait, Fate("held", "changed_hands"), now)
        since = asked_at(view, message.journey, message.step)
        catalogue = self._desk.composer.catalogue
        if since is None or _is_outdated(view, message, catalogue):
            # An exit, a goal or a new version came before it.
            return self._end(portrait, Fate("held", "left"), now)
        others = rivals(view, catalogue, message.id, message.expires_at)
        verdict = contact_policy.judge(
            view, message, catalogue.policy, now=now, rivals=others, asked_at=since
        )
        if isinstance(verdict, Wait):
            return self._wait(portrait, view, verdict, since, now)
        if isinstance(verdict, Held):
            return self._end(portrait, Fate("held", verdict.reason), now)
        if message.channel == "inbox":
            return self._offer(portrait, view, verdict.contact, now)
        return self._claim(portrait, view, verdict.contact, now)

    def _offer(self, portrait: Portrait, view: View, contact: Contact, now: int) -> Amendment:
        """Put it where the customer comes by themselves: the write of it is the sending."""
        message = self._message
        if portrait.is_full:
            return self._end(portrait, Fate("held", "portrait_full"), now)
        try:
            content, snooze_ms = self._desk.composer.offer(view, message)
        except Rejected as fault:
            return self._end(portrait, Fate("failed", fault.reason), now)
        offer = Offer(
            message.journey, message.campaign, message.step, "task" if message.is_task else "offer",
            message.pull, message.purpose, message.value, now, message.expires_at, content,
            snooze_ms=snooze_ms,
        )  # fmt: skip
        if not offers.place(portrait, message.strand, message.id, offer, now):
            return self._end(portrait, Fate("held", "outranked"), now)
        self.fate = Fate("sent")
        return self._told(portrait, contact._replace(state="sent"), self.fate, now)

    def _claim(
        self, portrait: Portrait, view: View, contact: Contact, now: int
    ) -> Amendment | None:
        message = self._message
        try:
            self.send = self._desk.composer.compose(view, message, now=now)
        except Rejected as fault:
            return self._end(portrait, Fate("failed", fault.reason), now)
        strand, waited = portrait.strand(message.strand), take(portrait, message.id)
        self.contact = contact._replace(reason=waited.reason if waited else "")
        strand.set_contact(self.contact)
        return Amendment(portrait)

    def _wait(
        self, portrait: Portrait, view: View, verdict: Wait, asked_at: int, now: int
    ) -> Amendment:
        """Keep the message in the portrait until the first moment it may go."""
        message, strand = self._message, portrait.strand(self._message.strand)
        weakest = None if message.id in view.waiting else least(view.waiting)
        if portrait.is_full and message.id not in view.waiting:
            return self._end(portrait, Fate("held", "portrait_full"), now)
        if weakest is not None and view.waiting[weakest].value >= message.value:
            return self._end(portrait, Fate("held", "too_many_waiting"), now)
        gone = None if weakest is None else give_way(portrait, weakest, now)
        known = take(portrait, message.id)
        until, reason = verdict.until, verdict.reason
        self.fate = Fate("waiting", reason)
        since = known.since if known else asked_at
        strand.waiting[message.id] = kept(
            message, since=since, until=until, reason=reason, attempt=message.attempt
        )
        told = () if known and known.reason == reason else (outcome(message, self.fate, now),)
        if gone is None:
            return Amendment(portrait, outcomes=told, due_at=until)
        return Amendment(portrait, (gone[0],), (*told, gone[1]), due_at=until)

    def _recall(self, portrait: Portrait, view: View, known: Contact, now: int) -> Amendment | None:
        """Say what became of a message that was claimed before, by us or another process.

        Its dialogue may not know: whoever claimed it crashed, and what its channel told came first.
        """
        if known.state != "claimed":
            state = known.state if known.state in ("unknown", "failed", "held") else "sent"
            reason = "" if state == "sent" else known.reason
            self.fate = Fate(state, reason)  # type: ignore[arg-type]  # one of the four
            talk = view.dialogues.get(self._message.journey)
            waits = talk is not None and talk.step == self._message.step
            if take(portrait, known.id) is None and not waits:
                return None
            return Amendment(portrait, outcomes=(outcome(self._message, self.fate, now),))
        if now - known.at < LEASE_MS:
            raise Unavailable("another process is sending this message")
        self.fate = Fate("unknown", "lease_expired")
        contact = known._replace(state="unknown", reason="lease_expired")
        return self._told(portrait, contact, self.fate, now)

    def _end(self, portrait: Portrait, fate: Fate, now: int) -> Amendment:
        """Write down why the message does not go."""
        message, self.fate = self._message, fate
        contact = Contact(
            message.id, message.channel, message.purpose, message.campaign, now, fate.state,
            fate.reason,
        )  # fmt: skip
        return self._told(portrait, contact, fate, now)

    def _told(self, portrait: Portrait, contact: Contact, fate: Fate, now: int) -> Amendment:
        strand = portrait.strand(self._message.strand)
        take(portrait, contact.id)
        strand.set_contact(contact)
        return Amendment(
            portrait, contacts=(contact,), outcomes=(outcome(self._message, fate, now),)
        )


def _is_outdated(view: View, message: Message, catalogue: Catalogue) -> bool:
    """Tell whether the step says something else in the version that the dialogue runs on by now."""
    talk = view.dialogues.get(message.journey)
    if talk is None or talk.version == message.version:
        return False
    campaign = catalogue.versions.get((talk.campaign, talk.version))
    step = campaign.steps.get(talk.step) if campaign else None
    return step is not None and message_id(message.journey, step.id) != message.id


def outcome(message: Message, fate: Fate, at: int) -> Outcome:
    """Return what the dialogue that asked for the message is told."""
    return Outcome(
        message.journey, message.step, message.id, fate.state, at, message.strand, fate.reason
    )
