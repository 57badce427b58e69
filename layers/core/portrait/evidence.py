"""Evidence: which identifiers were seen together, how often, and which of it was judged wrong."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

MAX_LINKS = 16
"""Stronger identifiers that one remembers having been seen with; it is shared long before."""

MAX_NAMES = 8

MAX_REFUSED = 5
"""Identifiers over the limit, after which the fault is with the one that they were seen with: an
account of the staff, under which every customer of a till is entered."""


class Link(msgspec.Struct, array_like=True):
    """How often an identifier was seen together with one stronger than itself.

    `first` is the receipt of the earliest such event and `message` its hash, `heard` the receipt of
    the latest; `last` is when the latest of them happened; `void` is when a person judged all of
    this wrong. Evidence received up to then does not count.
    """

    count: int = 0
    first: int = 0
    message: bytes = b""
    last: int = 0
    void: int = 0
    heard: int = 0

    def see(self, received_at: int, at: int, message: bytes) -> None:
        """Count one event; any order of calls leaves the same link."""
        if received_at <= self.void:
            return
        if not self.count or (received_at, message) < (self.first, self.message):
            self.first, self.message = received_at, message
        if at > self.last:
            self.last = at
        if received_at > self.heard:
            self.heard = received_at
        self.count += 1


class ExternalId(msgspec.Struct, array_like=True):
    """One identifier of a customer: what it is, when it was seen, and beside which stronger ones.

    `first` and `last` are receipts of the first and the latest event that named it. `crowd` counts
    the links that were forgotten because there were too many, and `refused` the weaker identifiers
    that were one too many for whoever it stands for; neither is ever one person. `names` counts the
    given names that were told beside it.
    """

    namespace: str
    value: str
    first: int = 0
    last: int = 0
    links: dict[str, Link] = {}
    crowd: int = 0
    refused: int = 0
    names: dict[str, int] = {}

    def see(self, received_at: int) -> None:
        """Notice one event that named it."""
        if not self.first or received_at < self.first:
            self.first = received_at
        if received_at > self.last:
            self.last = received_at

    @property
    def is_crowded(self) -> bool:
        """Tell whether so much was seen beside it that it cannot be one person's."""
        return self.crowd > 0 or self.refused > MAX_REFUSED

    def is_within(self, ids: Mapping[str, object]) -> bool:
        """Tell whether all that it was seen beside is among these."""
        return not self.links or self.links.keys() <= ids.keys()

    def call(self, name: str) -> None:
        """Count a given name told beside it, forgetting the rarest when there are many."""
        self.names[name] = self.names.get(name, 0) + 1
        if len(self.names) > MAX_NAMES:
            del self.names[min(self.names, key=lambda n: (self.names[n], n))]

    def link(self, home: str) -> Link:
        """Return the link to a stronger identifier, forgetting the stalest when there are many."""
        link = self.links.get(home)
        if link is None:
            if len(self.links) >= MAX_LINKS:
                del self.links[min(self.links, key=lambda h: (self.links[h].last, h))]
                self.crowd += 1
            link = self.links[home] = Link()
        return link


class Cut(NamedTuple):
    """A judgement that two identifiers belong to two people.

    `one` and `other` are homes, one on each side; `strength` is that of the strongest identifier
    whose evidence was judged wrong (0 is strongest). Only evidence through a stronger one, received
    after `at`, joins the two again. `reason` is what the person gave who judged.
    """

    one: str
    other: str
    at: int
    strength: int
    id: str
    reason: str = ""


class Refusal(NamedTuple):
    """An identifier that was seen with this customer and was not linked: why, and since when."""

    kind: str
    at: int
    message: bytes


MAX_REFUSALS = 32

Refusals = dict[str, Refusal]


def refuse(refusals: Refusals, home: str, refusal: Refusal) -> bool:
    """Remember why `home` was not linked; return whether that is news."""
    known = refusals.get(home)
    if known is not None and known.kind == refusal.kind:
        return False
    refusals[home] = refusal
    trim(refusals)
    return True


def trim(refusals: Refusals) -> None:
    """Forget the oldest refusals beyond the bound."""
    while len(refusals) > MAX_REFUSALS:
        del refusals[min(refusals, key=lambda h: (refusals[h].at, h))]
