"""Who the events of a batch are about: homes resolved to roots, and roots grouped to customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portrait.event import Event
from portrait.identity import stronger
from portrait.record import Record

MAX_HOPS = 64
"""Pointers only ever lead to a stronger home, so a chain ends; it is shortened when it is met."""

MAX_SHORTENED = 10
"""Pointers of a chain that one write puts right beside its own; a transaction holds 100 items."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event with its place in the batch, its message hash, and the homes of its identifiers.

    `homes` are strongest first: the first is the strand the event is folded into.
    """

    index: int
    event: Event
    message: bytes
    homes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """The sightings of a batch that are about one person.

    Attributes:
        root: the home at which that person's portrait lies after this batch.
        absorbed: roots that turned out to be the same person.
        pointers: homes without a portrait that must point to the root and do not yet.
        sightings: in the order of the batch.
    """

    root: str
    absorbed: tuple[str, ...]
    pointers: tuple[str, ...]
    sightings: tuple[Sighting, ...]


def resolve(home: str, records: Mapping[str, Record]) -> str:
    """Return the root that owns `home`: itself where nothing lies yet."""
    return trail(home, records)[-1]


def trail(home: str, records: Mapping[str, Record]) -> list[str]:
    """Return `home` and every home its pointers lead over, the root last."""
    homes = [home]
    while (record := records.get(homes[-1])) is not None and record.merged_into is not None:
        homes.append(record.merged_into)
    return homes


def group(sightings: Sequence[Sighting], records: Mapping[str, Record]) -> list[Customer]:
    """Group the sightings by person: two are about one when their homes meet in a root.

    This is where identity rules (limits, shared identifiers) will say which homes may link; today
    every identifier that was not blocked at intake does.
    """
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
    return [_customer(found, records) for found in members.values()]


def _customer(sightings: Sequence[Sighting], records: Mapping[str, Record]) -> Customer:
    homes = dict.fromkeys(home for sighting in sightings for home in sighting.homes)
    trails = [trail(home, records) for home in homes]
    roots = dict.fromkeys(passed[-1] for passed in trails)
    root = stronger(roots)
    astray = (h for passed in trails for h in passed[1:-1] if h not in homes)
    between = [h for h in dict.fromkeys(astray) if _misses(h, root, records)]
    return Customer(
        root,
        absorbed=tuple(r for r in roots if r != root and r in records),
        pointers=(
            *(h for h in homes if h != root and _misses(h, root, records)),
            *between[:MAX_SHORTENED],
        ),
        sightings=tuple(sightings),
    )


def _misses(home: str, root: str, records: Mapping[str, Record]) -> bool:
    record = records.get(home)
    return record is None or record.merged_into not in (None, root)
