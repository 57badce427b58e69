"""Folding: what a batch does to one customer, as one write."""

from collections.abc import Mapping
from dataclasses import dataclass

from portrait import changes, state
from portrait.changes import Happening, Merge, happening
from portrait.event import label
from portrait.faults import Rejected
from portrait.metrics import Metric
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import Customer, Sighting, resolve

Metrics = Mapping[str, tuple[Metric, ...]]


@dataclass(frozen=True, slots=True)
class Fold:
    """A write to be made, None where all was known already, and what became of each event."""

    write: Write | None
    applied: tuple[Sighting, ...]
    duplicates: tuple[Sighting, ...]
    erased: tuple[Sighting, ...]
    rejected: tuple[tuple[Sighting, Rejected], ...]


def fold_customer(
    customer: Customer,
    records: Mapping[str, Record],
    metrics: Metrics,
    interests: frozenset[str],
) -> Fold:
    """Fold a customer's sightings into their portrait, merging the portraits they connect.

    Raises:
        Rejected: `portrait_full`: the item would pass 300 KB.
    """
    root = records.get(customer.root) or Record(customer.root)
    portrait = root.portrait
    for home in customer.absorbed:
        portrait.absorb(records[home].portrait)
    erased_at = _erasure(customer, records)
    fates: dict[str, list[Sighting]] = {"applied": [], "duplicates": [], "erased": []}
    rejected: list[tuple[Sighting, Rejected]] = []
    for sighting in customer.sightings:
        try:
            fates[_fold(sighting, portrait, erased_at, metrics)].append(sighting)
        except Rejected as fault:
            rejected.append((sighting, fault))
    applied, duplicates, erased = (tuple(fate) for fate in fates.values())
    write = None
    if applied or customer.absorbed or (customer.pointers and duplicates):
        write = _write(customer, records, portrait, [
            happening(s.event, s.message, s.homes[0])
            for s in applied
            if label(s.event.kind, s.event.name) in interests
        ])  # fmt: skip
    return Fold(write, applied, duplicates, erased, tuple(rejected))


def _fold(sighting: Sighting, portrait: Portrait, erased_at: int, metrics: Metrics) -> str:
    if sighting.event.received_at <= erased_at:
        return "erased"
    strand = portrait.strand(sighting.homes[0])
    return "applied" if strand.fold(sighting.event, sighting.message, metrics) else "duplicates"


def _write(
    customer: Customer,
    records: Mapping[str, Record],
    portrait: Portrait,
    happenings: list[Happening],
) -> Write:
    packed = state.encode(portrait.strands)
    if len(packed) > state.MAX_STATE_BYTES:
        raise Rejected("portrait_full", f"a portrait may not pass {state.MAX_STATE_BYTES} bytes")
    last = customer.sightings[-1]
    merges = [
        Merge(last.event.received_at, home, customer.root, last.message.hex())
        for home in customer.absorbed
    ]
    weaker = dict.fromkeys((*customer.absorbed, *customer.pointers))
    return Write(
        root=records.get(customer.root) or Record(customer.root),
        state=packed,
        changes=changes.encode(happenings, merges=merges),
        pointers=tuple(records.get(home) or Record(home) for home in weaker),
        cause=last.message.hex(),
    )


def _erasure(customer: Customer, records: Mapping[str, Record]) -> int:
    """Return when one of the customer's identifiers was last erased, or a time before all time."""
    homes = {home for sighting in customer.sightings for home in sighting.homes}
    homes |= {resolve(home, records) for home in homes}
    near = (records[home].erased_at for home in homes if home in records)
    return max((at for at in near if at is not None), default=-1)
