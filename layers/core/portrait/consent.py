"""Consent said outside the event stream, where the answer must wait until it stands."""

from collections.abc import Callable
from typing import Protocol

from portrait.faults import Conflict, Unavailable
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.strand import Consent

MAX_ATTEMPTS = 8


class Portraits(Protocol):
    """Where portraits are kept."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""

    def save(self, record: Record, portrait: Portrait, *, changes: bytes | None, now: int) -> None:
        """Write the portrait over the record, or raise Conflict."""


def withdraw(
    home: str,
    key: str,
    portraits: Portraits,
    *,
    evidence: bytes,
    now: int,
    pause: Callable[[int], None],
) -> bool:
    """Withdraw `channel:purpose` for whoever owns the home; return False where nobody does.

    When this returns, no ticket taken later can pass. Safe to repeat.

    Raises:
        Unavailable: the word could not be written; nothing was promised.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        record = portraits.follow(home)
        if record is None or not record.state:
            return False
        said = Consent("withdrawn", now, "unsubscribe", evidence)
        try:
            portraits.save(
                record, record.portrait.with_consent(home, key, said), changes=None, now=now
            )
        except Conflict:
            pause(attempt)
        else:
            return True
    raise Unavailable("the portrait is written by others all the time; try again")
