"""Which events of a batch may be about one person: homes resolved to roots, and roots grouped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from portrait.event import Event
from portrait.record import Record

MAX_HOPS = 64
"""Pointers only ever lead to a stronger home, so a chain ends; it is shortened when it is met."""


class Sighting(msgspec.Struct, frozen=True):
    """An event with its place in the batch, its message hash, and the homes of its identifiers.

    `homes` are strongest first.
    """

    index: int
    event: Event
    message: bytes
    homes: tuple[str, ...]


class Group(msgspec.Struct, frozen=True):
    """Sightings of a batch that may be about one person, since their identifiers meet.

    Attributes:
        roots: homes at which the portraits lie that the sightings lead to.
        beside: roots of other customers whom those portraits' identifiers were seen with.
        sightings: in the order of the batch.
    """

    roots: tuple[str, ...]
    beside: tuple[str, ...]
    sightings: tuple[Sighting, ...]


def resolve(home: str, records: Mapping[str, Record]) -> str:
    """Return the root that owns `home`: itself where nothing lies yet."""
    while (record := records.get(home)) is not None and record.merged_into is not None:
        home = record.merged_into
    return home


def reach(home: str, records: Mapping[str, Record]) -> Record | None:
    """Return what lies at the root that owns `home`, and when the identifier there was erased."""
    root = resolve(home, records)
    record = records.get(root)
    if record is None or root == home:
        return record
    at = erased_at(home, records)
    return record if at < 0 else replace(record, erased_before=at)


def erased_at(home: str, records: Mapping[str, Record]) -> int:
    """Return when the identifier at a home was last erased, or a time before all time.

    Whoever is erased leaves a tombstone at each of their identifiers. One that turns out to be
    theirs after they returned was not erased with them: what was heard through it stays. But a
    pointer that is older than the tombstone it leads to was read just before it got its own.
    """
    record, at = records.get(home), -1
    if record is not None and record.erased_at is not None:
        at = record.erased_at
    while record is not None and record.merged_into is not None:
        above = records.get(record.merged_into)
        buried = above.erased_at if above is not None else None
        if buried is not None and record.updated_at <= buried:
            at = max(at, buried)
        record = above
    return at


def beyond(records: Mapping[str, Record]) -> set[str]:
    """Return the homes that must be read as well, to tell whose a disputed identifier is."""
    homes: set[str] = set()
    for record in records.values():
        if record.beyond:
            homes.update(record.beyond)
    return homes - records.keys() if homes else homes


def group(sightings: Sequence[Sighting], records: Mapping[str, Record]) -> list[Group]:
    """Group the sightings: two belong to one group when their homes meet in a root."""
    if len(sightings) == 1:
        return [_group(sightings, records)]
    parent: dict[str, str] = {}

    def find(home: str) -> str:
        while (above := parent.setdefault(home, home)) != home:
            parent[home] = home = parent[above]
        return home

    for sighting in sightings:
        first, *others = (find(resolve(home, records)) for home in sighting.homes)
        for other in others:
            strong, weak = sorted((find(first), find(other)))
            parent[weak] = strong
    members: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        members.setdefault(find(resolve(sighting.homes[0], records)), []).append(sighting)
    return [_group(found, records) for found in members.values()]


def _group(sightings: Sequence[Sighting], records: Mapping[str, Record]) -> Group:
    roots = {resolve(home, records) for sighting in sightings for home in sighting.homes}
    reached, waiting = set(roots), list(roots)
    for root in waiting:  # which grows as others are reached
        record = records.get(root)
        if record is not None and record.beyond:
            more = {resolve(home, records) for home in record.beyond} - reached
            reached |= more
            waiting += more
    beside = sorted(reached - roots) if len(reached) > len(roots) else ()
    return Group(tuple(sorted(roots)), tuple(beside), tuple(sightings))


def pointers(
    owner: Mapping[str, str], named: Iterable[str], records: Mapping[str, Record]
) -> dict[str, str]:
    """Return the homes whose items must become pointers, and the roots they must point to.

    Args:
        owner: root of each identifier from now on.
        named: homes whose pointers are shortened if they lead there over others.

    Raises:
        KeyError: a home changes hands of which no record was read.
    """
    wrong: dict[str, str] = {}
    named = set(named)
    for home, root in owner.items():
        if home == root:
            continue
        record = records.get(home)
        if (
            record is None
            or record.merged_into is None
            or (
                record.merged_into != root
                and (home in named or owner.get(record.merged_into) != root)
            )
        ):
            wrong[home] = root
    return wrong
