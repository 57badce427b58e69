"""Tickets: the right to send one message, claimed in the portrait by a conditional write."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from portrait import changes
from portrait.effects import Outcome
from portrait.faults import Conflict, Unavailable
from portrait.message import Message
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.strand import Contact, Trait
from portrait.view import PUSH_TOKEN
from portrait.waiting import Waiting

MAX_ATTEMPTS = 8
START_WITHIN_MS = 5_000
"""A claim older than this is not acted on: who withdraws consent waits this long for open ones."""

LEASE_MS = 60_000
"""How long a claim is believed to be at work: no invocation of dispatch lasts longer."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""

    def write(self, work: Write, *, now: int) -> None:
        """Write it or raise Conflict or Unavailable."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A ticket in hand: the contact as it was written, and the record that write left behind."""

    contact: Contact
    strand: str
    record: Record


@dataclass(frozen=True, slots=True)
class Amendment:
    """A portrait to be written, and what the write tells the world.

    Attributes:
        due_at: when to look at the customer again at the latest (UTC ms); None leaves it as it was.
    """

    portrait: Portrait
    contacts: tuple[Contact, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    due_at: int | None = None

    def write(self, record: Record) -> Write:
        """Return the write of it over what was read."""
        told = changes.encode(contacts=self.contacts, outcomes=self.outcomes)
        moments = [at for at in (record.due_at, self.due_at) if at is not None]
        due_at = record.due_at if self.due_at is None else min(moments)
        state = self.portrait.encode()
        return Write(record, state, told, beyond=record.beyond, due_at=due_at)


Listener = Callable[[Record, Amendment, int], Write | None]
"""Given what was read, an amendment with outcomes and the time (UTC ms), returns the write with
what dialogues do when they hear of them, or None where the journey function is to tell them."""


@dataclass(frozen=True, slots=True)
class Tickets:
    """Changes portraits one contact at a time, again and again until nobody else interferes.

    Attributes:
        clock: returns UTC milliseconds.
        pause: waits before the n-th retry; called with n = 1, 2, ….
        listener: None leaves it to the journey function to tell dialogues of outcomes.
    """

    portraits: Portraits
    clock: Callable[[], int]
    pause: Callable[[int], None]
    listener: Listener | None = None

    def amend(
        self,
        home: str,
        change: Callable[[Record | None], "Amendment | None"],
        *,
        known: Record | None = None,
    ) -> Record | None:
        """Let `change` decide on the current portrait, and write what it returns, if anything.

        Args:
            change: gets a fresh read each time; None leaves the portrait as it is.
            known: the record as we left it, which saves the first read.

        Returns:
            The record as written, or None where nothing was.

        Raises:
            Unavailable: the table did not answer, or others kept writing first.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            record = known or self.portraits.follow(home)
            amendment = change(record)
            if record is None or amendment is None:
                return None
            work = self._work(record, amendment)
            try:
                self.portraits.write(work, now=self.clock())
            except Conflict:
                known = None
                self.pause(attempt)
            else:
                return replace(
                    record, version=record.version + 1, state=work.state, due_at=work.due_at
                )
        raise Unavailable("others kept writing this portrait first")

    def _work(self, record: Record, amendment: Amendment) -> Write:
        heard = None
        if self.listener is not None and amendment.outcomes:
            heard = self.listener(record, amendment, self.clock())
        return amendment.write(record) if heard is None else heard

    def settle(
        self, claim: Claim, state: str, outcome: Outcome, *, dead: Collection[str] = ()
    ) -> None:
        """Record how far the message came; a later state that is already known stands.

        Args:
            dead: push tokens that turned out to reach nobody any more, and are forgotten.

        Raises:
            Unavailable: it could not be recorded.
        """
        contact = claim.contact._replace(state=state, reason=outcome.reason)

        def change(record: Record | None) -> Amendment | None:
            if record is None or not record.state:  # erased meanwhile: nothing may come back
                return None
            portrait = record.portrait
            portrait.strand(claim.strand).set_contact(contact)
            _forget_tokens(portrait, dead, outcome)
            return Amendment(portrait, contacts=(contact,), outcomes=(outcome,))

        self.amend(claim.strand, change, known=claim.record)

    def release(
        self, claim: Claim, waiting: Waiting | None = None, outcome: Outcome | None = None
    ) -> None:
        """Give the ticket back, as if it had never been taken; only for what may be sent again.

        In the same write the message is put among those that wait, if it is to be kept.

        States only ever grow, so a claim cannot be un-said by another state. It is taken out
        instead, on the condition that it still is the claim this process wrote: same instant,
        still `claimed`. If that fails, the claim stays, and its lease ends in `unknown`.

        Raises:
            Unavailable: it could not be given back.
        """

        def change(record: Record | None) -> Amendment | None:
            if record is None:
                return None
            portrait = record.portrait
            strand = portrait.strands.get(claim.strand)
            if strand is None or strand.contacts.get(claim.contact.id) != claim.contact:
                return None
            del strand.contacts[claim.contact.id]
            if waiting is None:
                return Amendment(portrait)
            strand.waiting[claim.contact.id] = waiting
            told = () if outcome is None else (outcome,)
            return Amendment(portrait, outcomes=told, due_at=waiting.not_before)

        self.amend(claim.strand, change, known=claim.record)


def _forget_tokens(portrait: Portrait, dead: Collection[str], outcome: Outcome) -> None:
    """Remove tokens that are dead; a device that tells its token again is heard again."""
    for strand in portrait.strands.values():
        known = strand.traits.get(PUSH_TOKEN)
        if known is not None and known.value in dead:
            gone = Trait(None, max(known.at + 1, outcome.at), known.message)
            strand.set_trait(PUSH_TOKEN, gone)


def is_gone(record: Record | None, message: Message) -> bool:
    """Tell whether the customer is unknown, or was erased after what the message is about.

    Also where they returned since, and are somebody else's identifier now.
    """
    if record is None or not record.state:
        return True
    return message.received_at <= record.erased_since(message.strand)
