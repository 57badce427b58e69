"""Erasure: nothing that was heard of a person before it can ever come back."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from portrait.faults import Conflict, Unavailable
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import resolve

MAX_ATTEMPTS = 8
MAX_TOMBSTONES = 60
"""In one transaction, which holds 100 items; the others are of identifiers that were shared."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def bury(
        self,
        records: Iterable[Record],
        *,
        erased_at: int,
        leading: bool = False,
        others: Iterable[Write] = (),
    ) -> None:
        """Make tombstones and write the others, or nothing; or raise Conflict or Unavailable."""


class Erased(NamedTuple):
    """When the erasure took effect (UTC ms), and the homes that are tombstones now."""

    at: int
    homes: tuple[str, ...]


def erase(
    home: str,
    portraits: Portraits,
    *,
    clock: Callable[[], int],
    pause: Callable[[int], None],
) -> Erased | None:
    """Leave nothing of the customer who owns `home` but tombstones; None where nobody lies there.

    Every identifier of the person gets a tombstone before the portrait goes, and the portrait goes
    only if nobody wrote it since it was read. Whatever was received up to then, wherever it is in
    flight, meets a tombstone at its next write and is dropped. Who comes back afterwards starts
    afresh. Safe to repeat, also after a crash in the middle.

    Raises:
        Unavailable: the table did not answer, or others kept writing first; repeat it.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        records = dict(portraits.load_resolved([home], consistent=True))
        root = records.get(resolve(home, records))
        if root is None or (root.erased_at is not None and not root.state):
            return None
        portrait = root.portrait
        homes = sorted({*portrait.ids, *records, home} - {root.home})
        records.update(portraits.load_resolved({*homes, *portrait.refusals}, consistent=True))
        now = clock()
        mine = [
            records.get(one) or Record(one) for one in homes if resolve(one, records) == root.home
        ]
        try:
            _bury(mine, root, portraits, now, _forgetting(portrait, records))
        except Conflict:
            pause(attempt)
        else:
            return Erased(now, (*(record.home for record in mine), root.home))
    raise Unavailable("others kept writing this portrait first")


def _bury(
    weaker: list[Record], root: Record, portraits: Portraits, now: int, others: list[Write]
) -> None:
    while len(weaker) > MAX_TOMBSTONES:
        some, weaker = weaker[:MAX_TOMBSTONES], weaker[MAX_TOMBSTONES:]
        # They lead to the portrait as long as it is there, and so to its own tombstone afterwards.
        portraits.bury(some, erased_at=now, leading=True)
    portraits.bury([*weaker, root], erased_at=now, others=others)


def _forgetting(portrait: Portrait, records: Mapping[str, Record]) -> list[Write]:
    """Return the portraits of identifiers that the person shared, without a trace of the person."""
    names = {name for one in portrait.ids.values() for name in one.names}
    writes = []
    for home in {resolve(home, records) for home in portrait.refusals}:
        record = records.get(home)
        if record is None or not record.state or home == portrait.home:
            continue
        other = record.portrait
        for one in other.ids.values():
            for gone in one.links.keys() & portrait.ids.keys():
                del one.links[gone]
            for name in one.names.keys() & names:
                del one.names[name]
        packed = other.encode()
        if packed != record.state:
            writes.append(Write(record, packed, None, beyond=other.beyond))
    return writes
