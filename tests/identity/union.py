"""Disjoint sets."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Member = TypeVar("Member", bound=Hashable)


class Union(Generic[Member]):
    """Sets that only ever grow together; a member is alone until it is joined."""

    def __init__(self) -> None:
        self._above: dict[Member, Member] = {}

    def find(self, member: Member) -> Member:
        """Return the member that stands for the whole set."""
        above = self._above
        root = member
        while (parent := above.setdefault(root, root)) != root:
            root = parent
        while above[member] != root:
            above[member], member = root, above[member]
        return root

    def join(self, one: Member, other: Member) -> Member:
        """Make one set of two; return the member that stands for it, which is that of `one`."""
        root = self.find(one)
        self._above[self.find(other)] = root
        return root
