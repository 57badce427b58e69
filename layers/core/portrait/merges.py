"""Merges: the steps by which the identifiers of one customer came together."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from portrait.evidence import ExternalId


class Step(NamedTuple):
    """Two groups of identifiers became one customer's: when, by which event, over which two.

    `at` is the receipt of the event (UTC ms), `message` its hash; `weaker` and `stronger` are the
    homes of the identifiers that it named together.
    """

    at: int
    message: bytes
    weaker: str
    stronger: str

    @property
    def id(self) -> str:
        """What the merge is called; the same whenever and wherever it is asked for."""
        told = f"{self.weaker}\0{self.stronger}".encode()
        return blake2b(told, digest_size=8, person=b"merge").hexdigest()


def steps(ids: Mapping[str, ExternalId]) -> list[Step]:
    """Return the merges that made one customer of these identifiers, in order of time.

    Later events that named two identifiers which belonged together already are no merges. This is
    the spanning tree of the earliest evidence (Kruskal's), so it does not depend on the order in
    which the events came.
    """
    seen_together = sorted(
        Step(link.first, link.message, home, target)
        for home, one in ids.items()
        for target, link in one.links.items()
        if link.count and target in ids
    )
    parent: dict[str, str] = {}

    def find(home: str) -> str:
        while (above := parent.setdefault(home, home)) != home:
            parent[home] = home = parent[above]
        return home

    found = []
    for step in seen_together:
        one, other = find(step.weaker), find(step.stronger)
        if one != other:
            parent[one] = other
            found.append(step)
    return found


def step_of(ids: Mapping[str, ExternalId], target: str) -> Step | None:
    """Return the merge of an id, or the one that tied an identifier (a home) to its customer.

    Of the customer's strongest identifier, to which the others were tied, it is the latest.
    """
    made = steps(ids)
    by_id = {step.id: step for step in made}
    if target in by_id:
        return by_id[target]
    if target not in ids or not made:
        return None
    root = min(ids)
    if target == root:
        return max(step for step in made if root in (step.weaker, step.stronger))
    return next(
        step
        for step in made
        if target in (step.weaker, step.stronger) and root not in side(made, step, target)
    )


def side(made: list[Step], undone: Step, home: str) -> frozenset[str]:
    """Return the identifiers that hang together with `home` without the merge `undone`."""
    neighbours: dict[str, list[str]] = {}
    for step in made:
        if step != undone:
            neighbours.setdefault(step.weaker, []).append(step.stronger)
            neighbours.setdefault(step.stronger, []).append(step.weaker)
    reached, waiting = {home}, [home]
    while waiting:
        for other in neighbours.get(waiting.pop(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return frozenset(reached)
