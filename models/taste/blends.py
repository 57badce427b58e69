"""Blends: own history, what goes together, and what sells, each with its weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from models.tables import Floats
from models.taste.known import Known

LEAST_POPULAR = 1e-3
"""So much of what sells is in every blend: whoever owns nothing is told that."""
SIMILARITY = "ease_300"
"""What repeats are blended with where new items need no similarity."""

Similarities = Mapping[str, Any]
Menu = Mapping[str, list["Blend"]]


@dataclass(frozen=True, slots=True)
class Blend:
    """How the parts are weighed; `similarity` names the matrix, "" for none."""

    own: float
    similarity: str
    similar: float
    popular: float

    def scores(self, known: Known, similarities: Similarities, customers: Any) -> Floats:
        """Return scores (customers, items)."""
        scores = np.tile(self.popular * known.popular, (len(customers), 1))
        if self.similar:
            owned = known.owned[customers]
            scores += self.similar * (owned @ similarities[self.similarity]).toarray()
        if self.own:
            scores += self.own * known.times[customers].toarray()
        return scores


SELLS: Menu = {"popularity": [Blend(0, "", 0, 1)]}
NEW: Menu = {
    **SELLS,
    "cosine": [Blend(0, "cosine", 1, weight) for weight in (LEAST_POPULAR, 0.5, 2.0)],
    "ease": [
        Blend(0, name, 1, weight)
        for name, weight in product(("ease_300", "ease_1000"), (LEAST_POPULAR, 0.05, 0.1, 0.2))
    ],
}


def repeat(similarity: str) -> Menu:
    """Return the blends of repeats, with what new items go by: one matrix is shipped."""
    name = similarity or SIMILARITY
    return {
        **SELLS,
        "own": [Blend(1, "", 0, LEAST_POPULAR), Blend(1, "", 0, 1)],
        f"own and {name.partition('_')[0]}": [
            Blend(1, name, weight, LEAST_POPULAR) for weight in (1.0, 3.0)
        ],
    }


def similarities_of(menu: Menu) -> set[str]:
    """Return the names of the matrices that blends ask for."""
    return {blend.similarity for blends in menu.values() for blend in blends if blend.similar}
