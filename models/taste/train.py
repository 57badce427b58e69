"""Training of taste: what is bought next, blended by what won on the latest closed window."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.taste.blends import NEW, SELLS, repeat, similarities_of
from models.taste.contest import AT, Contest, Won
from models.taste.features import Lines
from models.taste.known import WINDOW, Known
from models.taste.ready import Ready
from models.taste.similarity import similarity
from models.trained import Challenger

LEAST_LINES, LEAST_REPEATERS = 1000, 25
"""Source: Amazon Personalize, which begins at 1,000 interactions and 25 users with two or more."""
GOLDEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedTaste(Challenger):
    """A challenger that learned from lines.

    Attributes:
        ready: what its export was written of.
        learned: whether there was enough to learn from; if not, it tells what sells.
        golden: what some customers own, of whom the export must say what `ready` says.
    """

    ready: Ready
    learned: bool
    golden: tuple[Mapping[str, float], ...]


def train(lines: Lines, today: int, *, seed: int) -> TrainedTaste:
    """Return the blends that foretold the last 30 days best, learned from all days before `today`.

    Where there is too little to learn from, what sells, and a reason that says so.
    """
    lines = lines.where(lines.day < today)
    cut = today - WINDOW
    before, after = Known.before(lines, cut), lines.where(lines.day >= cut)
    lack = shortage(lines)
    if not lack and not (len(after.item) and before.owned.nnz):
        lack = f"nothing was bought in the last {WINDOW} days, or before them"
    new, again = (SELLS, SELLS) if lack else (NEW, repeat(""))
    made = {name: similarity(before.owned, name) for name in similarities_of(new)}
    won = {"new": Contest(before, after, made, seed).won(new, new=True)}
    if not lack:
        again = repeat(won["new"].blend.similarity)
    for name in similarities_of(again) - made.keys():
        made[name] = similarity(before.owned, name)
    won["repeat"] = Contest(before, after, made, seed).won(again, new=False)
    return _handed_over(lines, today, before, made, won, lack, seed=seed)


def shortage(lines: Lines) -> str:
    """Return what there is too little of, as a sentence for people; nothing where it is enough."""
    items = len(np.unique(lines.item))
    if items <= AT:
        return f"{items} different items were bought; of {AT} or fewer, everybody is told all"
    if len(lines.item) < LEAST_LINES:
        return f"{len(lines.item)} items were bought; learning begins at {LEAST_LINES}"
    repeaters = int((np.bincount(lines.customer) > 1).sum())
    if repeaters < LEAST_REPEATERS:
        return f"{repeaters} customers bought twice; learning begins at {LEAST_REPEATERS}"
    return ""


def _handed_over(
    lines: Lines, today: int, before: Known, made: Mapping[str, Any], won: Mapping[str, Won],
    lack: str, *, seed: int,
) -> TrainedTaste:  # fmt: skip
    blends = {kind: one.blend for kind, one in won.items()}
    name = next((blend.similarity for blend in blends.values() if blend.similar), "")
    known = Known.before(lines, today)
    ready = Ready.of(lines, known, similarity(known.owned, name) if name else None, blends)
    return TrainedTaste(
        name="taste",
        outputs=("new", "repeat"),
        export=ready.export(),
        rehearsal=Ready.of(lines, before, made.get(name), blends).export(),
        estimator=ready,
        winner=won["new"].name,
        reason=f"What sells alone: {lack}." if lack else _reason(won),
        metrics={
            f"recall_{kind}": one.figure(seed=seed) for kind, one in won.items() if len(one.recalls)
        },
        candidates={kind: one.candidates for kind, one in won.items()},
        rows=len(lines.item),
        cuts=(today - WINDOW,),
        horizon=WINDOW,
        seed=seed,
        ready=ready,
        learned=not lack,
        golden=_golden(lines, seed=seed),
    )


def _golden(lines: Lines, *, seed: int) -> tuple[Mapping[str, float], ...]:
    """Return what some customers own, and two who own nothing that is known."""
    customers = np.unique(lines.customer)
    chosen = np.sort(np.random.default_rng(seed).permutation(customers)[:GOLDEN])
    return ({}, {"": 1.0}, *lines.baskets(chosen))


def _reason(won: Mapping[str, Won]) -> str:
    parts = (
        f"{kind} items go by {one.name}, which foretold {one.recalls.mean():.1%}"
        for kind, one in won.items()
        if len(one.recalls)
    )
    said = "; ".join(parts) or "nobody could be judged"
    return f"{said[0].upper()}{said[1:]} of what was bought in the last {WINDOW} days."
