"""What answering about an inbox needs from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from portrait.catalogue import Catalogue
from portrait.record import Record


class Portraits(Protocol):
    """Where portraits are read."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""


class Outside(NamedTuple):
    """Nothing is asked for before it is needed. Each may raise Unavailable.

    `send` returns when the events queue has the bodies.
    """

    catalogue: Callable[[], Catalogue]
    secret: Callable[[], bytes]
    portraits: Portraits
    send: Callable[[Sequence[str]], None]
