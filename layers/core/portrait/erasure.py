"""Erasure: nothing that was heard of a person before it can ever come back."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from portrait.faults import Conflict, Unavailable
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import resolve

MAX_ATTEMPTS = 8
MAX_OTHERS = 30
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
) -> Erased:
    """Leave nothing of the customer who owns `home` but tombstones.

    Every identifier of the person gets a tombstone before the portrait goes, and the portrait goes
    only if nobody wrote it since it was read. Whatever was received up to then, wherever it is in
    flight, meets a tombstone at its next write and is dropped. Who comes back afterwards starts
    afresh. Where nobody lies at `home` it gets a tombstone too: something of them may be in flight.
    Safe to repeat, also after a crash in the middle.

    Raises:
        Unavailable: the table did not answer, or others kept writing first; repeat it.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        records = dict(portraits.load_resolved([home], consistent=True))
        place = resolve(home, records)
        root = records.get(place) or Record(place)
        portrait = root.portrait
        homes = sorted({*portrait.ids, *records, home} - {root.home})
        others = {*portrait.refusals, *(h for cut in portrait.cuts for h in (cut.one, cut.other))}
        records.update(portraits.load_resolved({*homes, *others}, consistent=True))
        now = clock()
        mine = [
            records.get(one) or Record(one) for one in homes if resolve(one, records) == root.home
        ]
        try:
            _bury(mine, root, portraits, now, _forgetting(portrait, others, records))
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
    while len(others) > MAX_OTHERS:
        portraits.bury([], erased_at=now, others=others[:MAX_OTHERS])
        others = others[MAX_OTHERS:]
    portraits.bury([*weaker, root], erased_at=now, others=others)


def _forgetting(
    portrait: Portrait, others: Iterable[str], records: Mapping[str, Record]
) -> list[Write]:
    """Return the portraits that hold a trace of the person, without it.

    Those are portraits of identifiers that the person shared, and of whom they were taken for.
    """
    names = {name for one in portrait.ids.values() for name in one.names}
    writes = []
    for home in sorted({resolve(home, records) for home in others}):
        record = records.get(home)
        if record is None or not record.state or home == portrait.home:
            continue
        other = record.portrait
        for place, one in other.ids.items():
            for gone in one.links.keys() & portrait.ids.keys():
                if one.links.pop(gone).count and place in portrait.refusals:
                    one.crowd += 1  # it stays shared, though nobody knows any more with whom
            for name in one.names.keys() & names:
                del one.names[name]
        other.cuts = [
            cut._replace(reason="") if portrait.ids.keys() & {cut.one, cut.other} else cut
            for cut in other.cuts
        ]
        packed = other.encode()
        if packed != record.state:
            writes.append(Write(record, packed, None, beyond=other.beyond))
    return writes
