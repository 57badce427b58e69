"""Other ways to resolve the same identifiers: without limits, by Segment's rules, by an oracle."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping

from portrait.event import Event, Identifier
from tests.identity.quality import ceiling, tellable
from tests.identity.union import Union
from tests.identity.world import Token, World

LIMITS: Mapping[str, int] = {"user_id": 1}
LIMIT = 5
"""Segment's defaults: one user id, five of anything else. Source: Segment Unify, identity rules."""


def naive(world: World) -> dict[str, Hashable]:
    """Return the assignment of those who join whatever meets on one event."""
    linked: Union[Identifier] = Union()
    first: dict[str, Identifier] = {}
    for event in world.events:
        first[event.id], *others = event.identifiers
        for other in others:
            linked.join(first[event.id], other)
    return _with_nameless({id: linked.find(home) for id, home in first.items()}, world)


def segment(world: World) -> dict[str, Hashable]:
    """Return the assignment by limits, priority and blocked values, without demotion.

    Where an event would bring a profile over a limit, its weakest identifier is dropped and the
    rest tried again. What was dropped is still what it was on the next event.
    """
    profiles = _Profiles()
    first = {event.id: profiles.resolve(event) for event in world.events}
    return _with_nameless({id: profiles.linked.find(home) for id, home in first.items()}, world)


class _Profiles:
    def __init__(self) -> None:
        self.linked: Union[Identifier] = Union()
        self._held: dict[Identifier, Counter[str]] = {}

    def resolve(self, event: Event) -> Identifier:
        """Link what may be linked; return the identifier by which the event is kept."""
        tried = event.identifiers
        while not self._fits(roots := self._roots(tried)):
            tried = tried[:-1]
        first, *others = roots
        for other in others:
            first = self.linked.join(first, other)
            self._held[first].update(self._held.pop(other))
        return event.identifiers[0]

    def _roots(self, identifiers: tuple[Identifier, ...]) -> list[Identifier]:
        roots = dict.fromkeys(self.linked.find(one) for one in identifiers)
        for root in roots:
            self._held.setdefault(root, Counter({root[0]: 1}))
        return list(roots)

    def _fits(self, roots: list[Identifier]) -> bool:
        if len(roots) == 1:
            return True
        together: Counter[str] = Counter()
        for root in roots:
            together.update(self._held[root])
        return all(count <= LIMITS.get(name, LIMIT) for name, count in together.items())


def oracle(world: World) -> dict[str, Hashable]:
    """Return the assignment of one who knows which identifiers are whose, but not who acted.

    An event with an identifier of the actor's own goes where `ceiling` puts it. Any other goes
    to whoever was last seen with the first of its identifiers.
    """
    known = tellable(world.truth, world.tokens)
    portraits = ceiling(list(world.truth), world.truth, world.tokens)
    last: dict[Token, Hashable] = defaultdict(lambda: None)
    for event in world.events:
        held = world.tokens[event.id]
        if event.id in known:
            last.update(dict.fromkeys(held, portraits[event.id]))
        else:
            portraits[event.id] = (held and last[held[0]]) or ("alone", held or event.id)
    return portraits


def _with_nameless(assignment: Mapping[str, Hashable], world: World) -> dict[str, Hashable]:
    return {**assignment, **alone(world)}


def alone(world: World) -> dict[str, Hashable]:
    """Return a portrait each for what the intake would reject: nobody is linked by it."""
    return {event: ("nameless", event) for event in world.nameless}
