"""Tickets: the right to send one message, claimed in the portrait by a conditional write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from portrait import changes
from portrait.faults import Conflict, Unavailable
from portrait.message import Message
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.strand import Contact

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
class Tickets:
    """Changes portraits one contact at a time, again and again until nobody else interferes.

    Attributes:
        clock: returns UTC milliseconds.
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """

    portraits: Portraits
    clock: Callable[[], int]
    pause: Callable[[int], None]

    def amend(
        self, home: str, change: Callable[[Record | None], Portrait | None],
        *, news: tuple[Contact, ...] = (), known: Record | None = None, due_at: int | None = None,
    ) -> Record | None:  # fmt: skip
        """Let `change` decide on the current portrait, and write what it returns, if anything.

        Args:
            change: gets a fresh read each time; None leaves the portrait as it is.
            news: contacts that the write tells the world about.
            known: the record as we left it, which saves the first read.
            due_at: when to look at the customer's segments again (UTC ms), if `change` may have
                touched what they ask about; None leaves it as it was.

        Returns:
            The record as written, or None where nothing was.

        Raises:
            Unavailable: the table did not answer, or others kept writing first.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            record = known or self.portraits.follow(home)
            portrait = change(record)
            if record is None or portrait is None:
                return None
            state = portrait.encode()
            try:
                work = Write(
                    record, state, changes.encode(contacts=news), beyond=record.beyond,
                    due_at=due_at or record.due_at,
                )  # fmt: skip
                self.portraits.write(work, now=self.clock())
            except Conflict:
                known = None
                self.pause(attempt)
            else:
                return replace(record, version=record.version + 1, state=state, due_at=work.due_at)
        raise Unavailable("others kept writing this portrait first")

    def settle(self, claim: Claim, state: str) -> None:
        """Record how far the message came; a later state that is already known stands.

        Raises:
            Unavailable: it could not be recorded.
        """
        contact = claim.contact._replace(state=state)

        def change(record: Record | None) -> Portrait | None:
            if record is None or not record.state:  # erased meanwhile: nothing may come back
                return None
            portrait = record.portrait
            portrait.strand(claim.strand).set_contact(contact)
            return portrait

        self.amend(claim.strand, change, news=(contact,), known=claim.record)

    def release(self, claim: Claim) -> None:
        """Give the ticket back, as if it had never been taken; only for what surely was not sent.

        States only ever grow, so a claim cannot be un-said by another state. It is taken out
        instead, on the condition that it still is the claim this process wrote: same instant,
        still `claimed`. If that fails, the claim stays, and its lease ends in `unknown`.

        Raises:
            Unavailable: it could not be given back.
        """

        def change(record: Record | None) -> Portrait | None:
            portrait = record.portrait if record else None
            strand = portrait.strands.get(claim.strand) if portrait else None
            if strand is None or strand.contacts.get(claim.contact.id) != claim.contact:
                return None
            del strand.contacts[claim.contact.id]
            return portrait

        self.amend(claim.strand, change, known=claim.record)


def is_gone(record: Record | None, message: Message) -> bool:
    """Tell whether the customer is unknown, or was erased after what the message is about.

    Also where they returned since, and are somebody else's identifier now.
    """
    if record is None or not record.state:
        return True
    erasures = (record.erased_at, record.erased_before)
    return any(at is not None and message.received_at <= at for at in erasures)
