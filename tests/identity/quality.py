"""How well portraits match people: pairwise figures, and people in somebody else's portrait."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

from tests.identity.union import Union
from tests.identity.world import Token

OWN_SHARE = 0.75
"""An identifier is somebody's own when at least this part of what was seen with it was theirs."""

Assignment = Mapping[str, Hashable]
"""Event id to the portrait that holds it."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures over all pairs of sightings.

    Attributes:
        precision: of the pairs that share a portrait, those that are of one person.
        recall: of the pairs that are of one person, those that share a portrait.
        largest: sightings in the largest portrait.
        wrong: people with a sighting inside a portrait whose owner is another person. The owner
            is who most of its sightings are of; of several with as many, the lowest number.
        sharing: people with a sighting inside a portrait that holds anybody else's too.
        people: people with at least one sighting.
    """

    precision: float
    recall: float
    largest: int
    wrong: int
    sharing: int
    people: int

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def quality(assignment: Assignment, truth: Mapping[str, int]) -> Quality:
    """Judge an assignment. Counts members and never looks at a pair: linear in the sightings."""
    held: dict[Hashable, Counter[int]] = defaultdict(Counter)
    for event, portrait in assignment.items():
        held[portrait][truth[event]] += 1
    sizes = [members.total() for members in held.values()]
    seen = Counter(truth[event] for event in assignment)
    right = pairs(count for members in held.values() for count in members.values())
    wrong: set[int] = set()
    sharing: set[int] = set()
    for members in held.values():
        if len(members) > 1:
            sharing |= members.keys()
            wrong |= members.keys() - {owner(members)}
    return Quality(
        precision=_share(right, pairs(sizes)),
        recall=_share(right, pairs(seen.values())),
        largest=max(sizes, default=0),
        wrong=len(wrong),
        sharing=len(sharing),
        people=len(seen),
    )


def owner(members: Mapping[int, int]) -> int:
    """Return who most of a portrait's sightings are of."""
    return min(members, key=lambda person: (-members[person], person))


def pairs(sizes: Iterable[int]) -> int:
    """Return how many pairs there are inside groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in sizes)


def ceiling(
    events: Collection[str], truth: Mapping[str, int], tokens: Mapping[str, tuple[Token, ...]]
) -> dict[str, Hashable]:
    """Return the assignment that links exactly what a person's own sightings share.

    It knows the truth, so nobody's sightings are ever linked with another's; and it links two of
    a person only through identifiers, in as many steps as it takes. Its recall is what shared
    identifiers can give.
    """
    linked: Union[Hashable] = Union()
    for event in events:
        for token in tokens[event]:
            linked.join(event, (truth[event], token))
    return {event: linked.find(event) for event in events}


def tellable(truth: Mapping[str, int], tokens: Mapping[str, tuple[Token, ...]]) -> set[str]:
    """Return the events that carry an identifier of the actor's own.

    Of the others (a family's mailbox and nothing else, a shop's tablet before anybody signs in)
    nobody can say who acted, whatever the rules.
    """
    users: dict[Token, Counter[int]] = defaultdict(Counter)
    for event, held in tokens.items():
        for token in held:
            users[token][truth[event]] += 1
    return {
        event
        for event, held in tokens.items()
        if any(users[t][truth[event]] >= OWN_SHARE * users[t].total() for t in held)
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
