"""Settlement: what has to be written so that the table says who is who as a neighbourhood does."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from portrait import state
from portrait.faults import Conflict, Rejected
from portrait.neighbourhood import Neighbourhood
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import pointers

MAX_ITEMS = 100
"""Items that DynamoDB writes in one transaction."""


class Told(msgspec.Struct):
    """What goes with a portrait that is written: news for the stream, and when to wake it.

    `amended` says that the portrait was changed once more while it was asked for.
    """

    changes: bytes | None
    due_at: int | None
    amended: bool = False


Tell = Callable[[Portrait, Record, Sequence[Record]], Told]
"""Given a portrait, what lay at its home, and the roots that it took over."""


def unread(near: Neighbourhood, records: Mapping[str, Record]) -> frozenset[str]:
    """Return the homes that must be read before it is known which pointers lead astray.

    Where an identifier leaves a portrait, others may point to it over that one.
    """
    if not near.divided or not near.was:
        return frozenset()
    owner = near.division.owner
    split = {was for home, was in near.was.items() if owner[was] != owner[home]}
    if not split:
        return frozenset()
    return frozenset(home for home, was in near.was.items() if was in split) - records.keys()


def settle(
    near: Neighbourhood,
    records: Mapping[str, Record],
    *,
    named: Iterable[str],
    cause: str,
    tell: Tell,
) -> Write | None:
    """Return the one write that makes it so, or None where all of it is written already.

    Args:
        records: what was read at every home whose item may change.
        named: homes whose pointers are shortened if they lead to their root over others.
        cause: what the pointers say they were turned by.

    Raises:
        Conflict: something lies at one of the homes that the neighbourhood does not hold.
        Rejected: `portrait_full`: an item would pass 300 KB; `too_entangled`: more items would have
            to change at once than a transaction holds.
    """
    astray = _astray(near, records, named)
    parts = []
    for root, portrait in near.portraits.items():
        record, weaker = records.get(root) or Record(root), tuple(astray.get(root, ()))
        absorbed = [known for known in weaker if known.state] if weaker else []
        for known in (record, *absorbed):
            if known.state and known.home not in near.opened:
                raise Conflict("a portrait lies there that nobody has looked into")
        packed = _packed(portrait)
        if packed == record.state and not weaker:
            continue
        told = tell(portrait, record, absorbed)
        if told.amended:
            packed = _packed(portrait)
        beyond = portrait.beyond
        parts.append(Write(record, packed, told.changes, weaker, cause, beyond, due_at=told.due_at))
    return _one(parts)


def is_astray(near: Neighbourhood, records: Mapping[str, Record], named: Iterable[str]) -> bool:
    """Tell whether a pointer must be put right or shortened, even where nothing is new."""
    return bool(_astray(near, records, named))


def _astray(
    near: Neighbourhood, records: Mapping[str, Record], named: Iterable[str]
) -> dict[str, list[Record]]:
    """Return what lies at the homes that must become pointers, by the root they point to."""
    owner = near.division.owner
    if not near.divided:
        owner = {home: owner[home] for home in named if home in owner}
    if all([_stands(home, root, near, records) for home, root in owner.items()]):
        return {}
    astray: dict[str, list[Record]] = {}
    wrong = pointers(owner, named, records)
    # What was read of these was no portrait of the neighbourhood: the write checks that it stands.
    for home, root in owner.items():
        if home != root and home in records and home not in near.was:
            wrong[home] = root
    for home, root in wrong.items():
        if home in records or home not in near.was:
            astray.setdefault(root, []).append(records.get(home) or Record(home))
    return astray


def _stands(home: str, root: str, near: Neighbourhood, records: Mapping[str, Record]) -> bool:
    """Tell whether an identifier needs no pointer, or has one that leads straight to the root."""
    if home == root:
        return True
    record = records.get(home)
    return record is not None and record.merged_into == root and home in near.was


def _one(parts: list[Write]) -> Write | None:
    if not parts:
        return None
    work, *others = parts
    if others:
        work = replace(work, others=tuple(others))
    if work.items > MAX_ITEMS:
        raise Rejected("too_entangled", f"more than {MAX_ITEMS} identifiers change hands")
    return work


def _packed(portrait: Portrait) -> bytes:
    packed = portrait.encode()
    if len(packed) > state.MAX_STATE_BYTES:
        raise Rejected("portrait_full", f"a portrait may not pass {state.MAX_STATE_BYTES} bytes")
    return packed
