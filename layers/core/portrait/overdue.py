"""A pass for the overdue: once a day, whoever a timer should have woken long ago is woken.

A timer is set by whoever reads the stream. What the stream lost for good, as when its dead letters
are thrown away, is in the portraits still: each says when it is to be woken.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from portrait.metrics import DAY_MS
from portrait.waking import Wake, encode_wake

AT_MS = 12_600_000
"""When a day's pass begins: at 03:30 UTC."""

LATE_MS = 3_600_000
"""Before that, a wake may still lie in the queue."""


class Overdue(msgspec.Struct, frozen=True, tag_field="page", tag="overdue"):
    """One page of a pass.

    Attributes:
        before: whoever was to be woken before this is looked for, UTC ms.
        chain: of `chains`, the one that the page is in; of none, it is the one that cuts the table.
        cursor: home after which the page begins; empty for the first.
    """

    before: int
    chain: int = 0
    chains: int = 0
    cursor: str = ""


class Late(NamedTuple):
    """The homes on a page that are overdue, and the cursor of the next one: empty at the last."""

    homes: Sequence[str]
    cursor: str


class Table(Protocol):
    """Where portraits are kept."""

    def overdue(self, chain: int, chains: int, *, cursor: str, before: int) -> Late:
        """Return those on a page that were to be woken before an instant (UTC ms)."""


def latest(now: int) -> tuple[int, Overdue]:
    """Return when the pass that is to have begun by now began (UTC ms), and its first page."""
    at = (now - AT_MS) // DAY_MS * DAY_MS + AT_MS
    return at, Overdue(at - LATE_MS)


def wake_overdue(
    page: Overdue,
    table: Table,
    *,
    chains: Callable[[], int],
    wake: Callable[[Sequence[str]], None],
    go_on: Callable[[Sequence[str]], None],
) -> Counter[str]:
    """Wake whoever on a page is overdue and queue the next page; safe to repeat.

    Args:
        chains: returns into how many chains of pages the table is to be cut.
        wake: puts bodies on the journeys queue.
        go_on: puts bodies on the pages queue.

    Raises:
        Unavailable: something did not answer; the page must come again.
    """
    if not page.chains:
        number = chains()
        go_on([encode_overdue(Overdue(page.before, each, number)) for each in range(number)])
        return Counter(chains=number)
    found = table.overdue(page.chain, page.chains, cursor=page.cursor, before=page.before)
    if found.homes:
        wake([encode_wake(Wake(home=home)) for home in found.homes])
    if found.cursor:
        go_on([encode_overdue(msgspec.structs.replace(page, cursor=found.cursor))])
    return Counter(woken=len(found.homes), last=not found.cursor)


_encoder = msgspec.json.Encoder()


def encode_overdue(page: Overdue) -> str:
    """Return the page as one message body."""
    return _encoder.encode(page).decode()
