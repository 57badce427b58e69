"""A portrait: the strands of one customer, and the evidence that they are one customer's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portrait import state
from portrait.consents import Consent
from portrait.crossings import Crossing
from portrait.evidence import Cut, ExternalId, Refusals
from portrait.seen import Seen
from portrait.state import State
from portrait.strand import Strand

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.view import View

BORROWED = "/"
"""In the key of a strand: heard through an identifier (after it) that is not this customer's alone,
while it was about them; before it is the home of theirs that the strand goes with."""


def home_of(strand: str) -> str:
    """Return the home of the customer's that a strand goes with, by its key."""
    return strand.partition(BORROWED)[0]


@dataclass(slots=True)
class Portrait:
    """One customer, at the home that is the item's key.

    Attributes:
        strands: what was heard, by the home that it was heard through.
        ids: the customer's identifiers, by home.
        guards: by home of an identifier, what was heard through it and counted with somebody else.
        cuts: whom the customer must not be joined with again.
        kept: withdrawals that hold although the strand that said so was taken out.
        refusals: identifiers that were seen with the customer and not linked, by home.
        segments: the segments the customer is in, and since when (UTC ms).
        crossings: the last times that a segment was entered or left, newest first.
        watched: when the newest campaign that waits for a condition was published (UTC ms), of
            those that the segments were last reviewed for.
        size: bytes that it was read from; 0 where it is new.
    """

    home: str
    strands: dict[str, Strand] = field(default_factory=dict)
    ids: dict[str, ExternalId] = field(default_factory=dict)
    guards: dict[str, Seen] = field(default_factory=dict)
    cuts: list[Cut] = field(default_factory=list)
    kept: dict[str, Consent] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    crossings: list[Crossing] = field(default_factory=list)
    watched: int = 0
    size: int = field(default=0, compare=False)

    def strand(self, home: str) -> Strand:
        """Return the strand of an identifier home, starting it on first sight."""
        strand = self.strands.get(home)
        if strand is None:
            strand = self.strands[home] = Strand()
        return strand

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be put into it: whoever writes it next must still find room."""
        return self.size >= state.MAX_STATE_BYTES

    @property
    def beyond(self) -> tuple[str, ...]:
        """The homes, with other customers, that this one's identifiers were seen with."""
        ids = self.ids
        apart = [one.links for one in ids.values() if not one.is_within(ids)]
        return tuple(sorted(set().union(*apart) - ids.keys())) if apart else ()

    def view(self, catalogue: Catalogue, now: int) -> View:
        """Return the customer as conditions and templates see them at `now`."""
        from portrait.view import View

        return View(self, catalogue.traits, now, catalogue.policy.time_zone)

    def encode(self) -> bytes:
        """Return the canonical bytes of the portrait."""
        return state.encode(
            State(
                self.strands,
                self.ids,
                self.guards,
                sorted(self.cuts),
                self.kept,
                self.refusals,
                self.segments,
                self.crossings,
                self.watched,
            )
        )

    @classmethod
    def decode(cls, home: str, packed: bytes) -> Portrait:
        """Read a portrait from its item's state."""
        known = state.decode(packed)
        return cls(
            home, known.strands, known.ids, known.guards, known.cuts, known.kept, known.refusals,
            known.segments, known.crossings, known.watched, len(packed),
        )  # fmt: skip
