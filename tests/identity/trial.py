"""One hostile world, resolved by the product and its peers, and judged."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from tests.identity.blame import Mistake, mistakes
from tests.identity.hidden import hidden_sharers
from tests.identity.peers import naive, oracle, segment
from tests.identity.play import play
from tests.identity.quality import Quality, ceiling, quality, tellable
from tests.identity.world import World
from tests.identity.worlds import PEOPLE, world

LATE_MS = 86_400_000
"""Some events arrive up to a day after they happened."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a resolver reached in a world; `wrong` and `of_ceiling` in per cent."""

    precision: float
    wrong: float
    sharing: float
    of_ceiling: float
    largest: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A world's figures by resolver: `told` over sightings that can be told, `overall` over all."""

    seed: int
    sightings: int
    per_person: float
    tellable: float
    alike: int
    recall_ceiling: float
    pace: float
    wall_pace: float
    refused: Mapping[str, int]
    told: Mapping[str, Figures]
    overall: Mapping[str, Figures]
    mistakes: tuple[Mistake, ...]


def trial(seed: int, people: int = PEOPLE, batch: int = 1) -> Trial:
    """Return what became of the world of a seed."""
    scene = world(seed, people, late_ms=LATE_MS)
    played = play(scene, batch=batch)
    everything = set(scene.truth)
    alike = hidden_sharers(scene)
    known = {e for e in tellable(scene.truth, scene.tokens) if scene.truth[e] not in alike}
    best = ceiling(scene.truth, scene.truth, scene.tokens)
    assignments: dict[str, Mapping[str, Hashable]] = {
        "portrait": played.assignment,
        "Segment's rules": segment(scene),
        "naive union-find": naive(scene),
        "oracle": oracle(scene),
    }
    return Trial(
        seed=seed,
        sightings=len(everything),
        per_person=len(everything) / people,
        tellable=len(known) / len(everything),
        alike=len(alike),
        recall_ceiling=quality(_of(best, known), scene.truth).recall,
        pace=played.pace(),
        wall_pace=played.wall_pace(),
        refused=played.refused,
        told=_judged(assignments, best, known, scene),
        overall=_judged(assignments, best, everything, scene),
        mistakes=tuple(mistakes(_of(played.assignment, known), scene)),
    )


def _judged(
    assignments: Mapping[str, Mapping[str, Hashable]],
    best: Mapping[str, Hashable],
    events: set[str],
    scene: World,
) -> dict[str, Figures]:
    top = quality(_of(best, events), scene.truth).recall
    return {
        name: _figures(quality(_of(each, events), scene.truth), top)
        for name, each in assignments.items()
    }


def _figures(reached: Quality, top: float) -> Figures:
    return Figures(
        precision=reached.precision,
        wrong=100 * reached.wrong / reached.people,
        sharing=100 * reached.sharing / reached.people,
        of_ceiling=100 * reached.recall / top,
        largest=reached.largest,
    )


def _of(assignment: Mapping[str, Hashable], events: set[str]) -> dict[str, Hashable]:
    return {event: portrait for event, portrait in assignment.items() if event in events}
