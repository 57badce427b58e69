"""A portrait: the strands of one customer, and what may be changed about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portrait import state
from portrait.strand import Strand

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.view import View


@dataclass(slots=True)
class Portrait:
    """One customer: `home` is the item's key, `strands` are keyed by the home that fed them."""

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
