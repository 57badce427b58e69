"""Windows: for how long to predict, and the earlier cut-offs that training looks ahead from."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from models.tables import Floats

NUMBER, LEAST_STEP = 4, 30
"""Cut-offs of a training, and the days between them at least."""
HISTORY = 60
"""Days of purchases that a cut-off must have before it."""
SHORTEST, LONGEST = 30, 365
RHYTHM = 0.9
"""Share of the gaps between purchases that the horizon covers."""


def cut_offs(today: int, horizon: int, *, first: int, lookback: int = LONGEST) -> tuple[int, ...]:
    """Return the days to train at, ascending; the window of the last closes at `today`.

    The earliest of four closes as the last begins, so that candidates can be judged on a window
    that was all future to what they were fitted on.

    Args:
        today: the first day of which not everything is known.
        first: the day of the company's first purchase.
        lookback: how far behind today series still keep a whole lookback apart.
    """
    step = max(LEAST_STEP, -(-horizon // (NUMBER - 1)))
    latest = today - horizon
    cuts = (latest - step * number for number in range(NUMBER))
    return tuple(sorted(cut for cut in cuts if cut - first >= HISTORY and today - cut <= lookback))


def horizon_of(customers: Iterable[Sequence[int]], *, today: int) -> int:
    """Return in how many days nine of ten purchases follow the one before, 30 to 365.

    It is shorter where the company is so young that no two windows would fit into what is known.

    Args:
        customers: of each, the days of their purchases, ascending.
    """
    gaps: list[int] = []
    weights: list[float] = []
    first = today
    for days in customers:
        if days:
            first = min(first, days[0])
        if len(days) > 1:
            between = [later - earlier for earlier, later in pairwise(days)]
            gaps += between
            weights += [1 / len(between)] * len(between)  # the busiest do not speak for all
    longest = max(SHORTEST, min(LONGEST, (today - first - HISTORY) // 2))
    if not gaps:
        return min(90, longest)
    rhythm = quantile(np.array(gaps, dtype=np.float64), np.array(weights), RHYTHM)
    return int(np.clip(round(rhythm), SHORTEST, longest))


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the value below or at which a share of the weight is."""
    order = np.argsort(values, kind="stable")
    heap = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(heap, share * heap[-1])])
