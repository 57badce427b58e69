"""Reading around: an event's identifiers, and all that tells whose they are."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from portrait.record import Record
from portrait.resolution import beyond

MAX_READS = 6
"""How far from an event's own identifiers others are read."""


class Loading(Protocol):
    """Reads homes and wherever their pointers lead."""

    def __call__(self, homes: Iterable[str], *, consistent: bool) -> Mapping[str, Record]: ...


def read_around(
    homes: Iterable[str], load: Loading, *, consistent: bool = False
) -> dict[str, Record]:
    """Return what lies at the homes, and at those that a disputed identifier of theirs names.

    Whose a shared identifier is depends on everybody who was seen with it, and theirs on others.
    What was read first stays: its version is what a write checks.
    """
    asked = set(homes)
    records = dict(load(asked, consistent=consistent))
    for _ in range(MAX_READS):
        more = beyond(records) - asked
        if not more:
            break
        asked |= more
        found = load(more, consistent=consistent)
        records.update({home: found[home] for home in found.keys() - records.keys()})
    return records
