"""A portrait: the strands of one customer, and what may be changed about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portrait import state
from portrait.experiments import Arm
from portrait.strand import Consent, Contact, Strand

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.view import View


@dataclass(slots=True)
class Portrait:
    """One customer. `home` is the key of the item; `strands` are keyed by the home that fed them."""

    home: str
    strands: dict[str, Strand] = field(default_factory=dict)

    def strand(self, home: str) -> Strand:
        """Return the strand of an identifier home, starting it on first sight."""
        return self.strands.setdefault(home, Strand())

    def absorb(self, other: Portrait) -> None:
        """Take over another customer's strands: the merge. Nothing is recomputed, nothing is lost.

        A strand lives only where its home resolves to, so the two never hold the same one.
        """
        self.strands.update(other.strands)

    def view(self, catalogue: Catalogue, now: int) -> View:
        """Return the customer as conditions and templates see them at `now`."""
        from portrait.view import View

        return View(self, catalogue.traits, now)

    def encode(self) -> bytes:
        """Return the canonical bytes of the strands."""
        return state.encode(self.strands)

    @classmethod
    def decode(cls, home: str, packed: bytes) -> Portrait:
        """Read a portrait from its item's state."""
        return cls(home, state.decode(packed))

    def copy(self) -> Portrait:
        """Return a portrait that shares nothing with this one."""
        return Portrait.decode(self.home, self.encode())

    def with_contact(self, strand_home: str, contact: Contact) -> Portrait:
        """Return a copy in which the contact has (at least) this state."""
        copy = self.copy()
        copy.strand(strand_home).set_contact(contact)
        return copy

    def without_contact(self, strand_home: str, contact_id: str) -> Portrait:
        """Return a copy that never heard of the contact: its ticket is given back."""
        copy = self.copy()
        copy.strand(strand_home).contacts.pop(contact_id, None)
        return copy

    def with_arm(self, strand_home: str, campaign: str, arm: Arm) -> Portrait:
        """Return a copy in which the arm of a campaign is recorded; ever held out stays held out."""
        copy = self.copy()
        copy.strand(strand_home).set_arm(campaign, arm)
        return copy

    def with_consent(self, strand_home: str, key: str, consent: Consent) -> Portrait:
        """Return a copy in which this word on `channel:purpose` was said."""
        copy = self.copy()
        copy.strand(strand_home).set_consent(key, consent)
        return copy
