"""Known: what is known of customers and items before a day, as matrices."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.tables import Floats
from models.taste.features import Lines

WINDOW = 30
"""Days that recent popularity looks back, and that the next items are looked for in."""
MOST_ITEMS = 4000
"""Items that are learned about, those of the most customers: the work grows with their cube."""
POPULAR = 500
"""Items that sell best, which anybody may be told."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a day.

    Attributes:
        items: the numbers of the items that are learned about.
        owned: sparse (customers, items), 1 where bought.
        times: sparse, how often.
        popular: (items,) share of customers in the last 30 days, the most popular having 1; 0 for
            all but those that sell best.
    """

    items: NDArray[np.int64]
    owned: Any
    times: Any
    popular: Floats

    @classmethod
    def before(cls, lines: Lines, day: int) -> "Known":
        """Return what the lines before a day tell."""
        past = lines.where(lines.day < day)
        times = matrix(past)
        owned = (times > 0).astype(np.float64)
        buyers = np.asarray(owned.sum(axis=0)).ravel()
        items = np.sort(np.argsort(-buyers, kind="stable")[:MOST_ITEMS])
        items = items[buyers[items] > 0]
        recent = matrix(past.where(past.day >= day - WINDOW)) > 0
        sold = np.asarray(recent.sum(axis=0), dtype=np.float64).ravel()[items]
        return cls(items, owned[:, items], times[:, items], _best(sold))


def _best(sold: Floats) -> Floats:
    best = np.argsort(-sold, kind="stable")[:POPULAR]
    popular = np.zeros(len(sold))
    popular[best] = sold[best] / max(1.0, sold.max(initial=0.0))
    return popular


def matrix(lines: Lines) -> Any:
    """Return how often each customer bought each item, sparse."""
    shape = (lines.customers, len(lines.items))
    flat = sparse.coo_matrix((lines.times, (lines.customer, lines.item)), shape=shape)
    return flat.tocsr().astype(np.float64)
