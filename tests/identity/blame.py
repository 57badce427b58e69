"""Which hostile part of a world brought people into one portrait."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from portrait.event import Identifier
from tests.identity.quality import owner, pairs
from tests.identity.world import World

EVERYDAY = "everyday"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A portrait of several people.

    Attributes:
        wrong: people in it who do not own it.
        pairs: pairs of sightings that are not of one person.
        part: the hostile part that most of the bridging sightings belong to.
        bridges: (namespace, hostile part) to how many sightings were seen with an identifier
            that several of these people used, most first. Without any, the portrait was joined
            through what is no longer in it.
    """

    sightings: int
    wrong: int
    pairs: int
    part: str
    bridges: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        through = ", ".join(f"{name} of {part} x {count}" for name, part, count in self.bridges[:4])
        return (
            f"{self.pairs:,} wrong pairs: {self.wrong + 1} people, {self.sightings} sightings, "
            f"through {through or 'nothing that is left in it'}"
        )


def mistakes(assignment: Mapping[str, Hashable], world: World) -> Iterator[Mistake]:
    """Yield each portrait that holds sightings of several people, the worst first."""
    held: dict[Hashable, list[str]] = defaultdict(list)
    for event, portrait in assignment.items():
        held[portrait].append(event)
    identifiers = {event.id: event.identifiers for event in world.events}
    found = (_mistake(events, identifiers, world) for events in held.values())
    yield from sorted(filter(None, found), key=lambda mistake: -mistake.pairs)


def _mistake(
    events: list[str], identifiers: Mapping[str, tuple[Identifier, ...]], world: World
) -> Mistake | None:
    members = Counter(world.truth[event] for event in events)
    if len(members) == 1:
        return None
    users: dict[Identifier, set[int]] = defaultdict(set)
    for event in events:
        for identifier in identifiers.get(event, ()):
            users[identifier].add(world.truth[event])
    bridges = Counter(
        (identifier[0], world.parts.get(event, EVERYDAY))
        for event in events
        for identifier in identifiers.get(event, ())
        if len(users[identifier]) > 1
    )
    hostile = Counter[str]()
    for (_, part), count in bridges.items():
        if part != EVERYDAY:
            hostile[part] += count
    return Mistake(
        sightings=len(events),
        wrong=len(members.keys() - {owner(members)}),
        pairs=pairs([len(events)]) - pairs(members.values()),
        part=max(hostile, key=lambda part: hostile[part], default=EVERYDAY),
        bridges=tuple((*key, count) for key, count in bridges.most_common()),
    )
