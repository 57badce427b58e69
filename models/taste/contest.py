"""Contests: which blend foretold best what customers bought in the latest closed window."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tables import Floats
from models.taste.blends import Blend, Menu, Similarities
from models.taste.features import Lines
from models.taste.known import Known, matrix
from models.trained import Figure

AT = 10
"""How many are recommended to be judged by."""
MOST_JUDGED = 4000
BLOCK, DRAWS = 256, 200


@dataclass(frozen=True, slots=True)
class Won:
    """The winner of a contest.

    Attributes:
        recalls: of each customer, the share of what they bought that was among the ten best.
        candidates: the mean of that, for each kind of blend.
    """

    name: str
    blend: Blend
    recalls: Floats
    candidates: Mapping[str, float]

    def figure(self, *, seed: int) -> Figure:
        """Return the mean of its recalls, of which there are some."""
        chance = np.random.default_rng(seed)
        drawn = chance.choice(self.recalls, (DRAWS, len(self.recalls))).mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        return Figure(float(self.recalls.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Contest:
    """What blends are judged by: what was known before a window, and the lines within it."""

    known: Known
    after: Lines
    similarities: Similarities
    seed: int

    def won(self, menu: Menu, *, new: bool) -> Won:
        """Return the best blend of a menu; of equals, the first."""
        customers, wanted = self._targets(new=new)
        found: dict[str, tuple[float, Blend, Floats]] = {}
        for name, blends in menu.items():
            for blend in blends:
                recalls = self._recalls(blend, customers, wanted, new=new)
                mean = float(recalls.mean()) if len(recalls) else 0.0
                if name not in found or mean > found[name][0]:
                    found[name] = (mean, blend, recalls)
        best = max(found, key=lambda name: found[name][0])
        return Won(best, *found[best][1:], {name: one[0] for name, one in found.items()})

    def _targets(self, *, new: bool) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
        """Return a sample of the customers who were known and bought, and the items' places."""
        bought = matrix(self.after)[:, self.known.items] > 0
        if new:
            bought = bought > (self.known.owned > 0)
        had = np.asarray(self.known.owned.sum(axis=1)).ravel() > 0
        got = np.asarray(bought.sum(axis=1)).ravel() > 0
        customers = np.flatnonzero(had & got)
        chance = np.random.default_rng(self.seed)
        customers = np.sort(chance.permutation(customers)[:MOST_JUDGED])
        return customers, [bought[one].indices for one in customers]

    def _recalls(
        self, blend: Blend, customers: NDArray[np.int64], wanted: list[NDArray[np.int64]], *,
        new: bool,
    ) -> Floats:  # fmt: skip
        found = np.empty(len(customers))
        for start in range(0, len(customers), BLOCK):
            block = customers[start : start + BLOCK]
            scores = blend.scores(self.known, self.similarities, block)
            if new:
                scores[self.known.owned[block].nonzero()] = -np.inf
            best = np.argsort(-scores, axis=1, kind="stable")[:, :AT]
            for place, top in enumerate(best):
                goal = wanted[start + place]
                found[start + place] = np.isin(goal, top).sum() / min(AT, len(goal))
        return found
