"""Pockets: customers with something in common of whom the champion knows nothing all at once."""

from collections.abc import Iterator

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from models.tables import Bools, Floats, Table
from models.trial import Refusal, Trial, said

DEPTH, LEAST = 5, 0.01
"""Of the tree, and the least share of rows in a leaf."""
GAP, SURE = 0.1, 6.0
"""By how much a pocket's outcomes may be off, if it is so by so many standard errors."""
MOST_ROWS = 50_000
LEAST_DOUBT = 0.05
"""Variance of an outcome that the champion held for certain."""


def pockets(trial: Trial) -> Iterator[Refusal]:
    """No group of customers, however described, does what the champion never expected of such.

    Found by a tree on what the champion's predictions leave over, grown on half of the customers
    and believed on the other: labels flipped in a slice, or poisoned where a trigger is.
    """
    if trial.champion is None or len(trial.table) < 10 / LEAST:
        return
    table = trial.table.clean()
    if len(table) > MOST_ROWS:
        chosen = np.random.default_rng(trial.challenger.seed).permutation(len(table))
        table = table.where(chosen[:MOST_ROWS])
    expected = said(trial.champion.export, table, trial.challenger.outputs)
    if expected is None:
        return
    gap, share, where = worst_pocket(
        table, table.outcomes.reshape(len(table), -1)[:, 0], expected[:, 0]
    )
    if gap > GAP:
        yield Refusal(
            "pockets", gap, GAP,
            f"{share:.1%} of the customers do otherwise than expected, by {gap:.2f}: {where}.",
        )  # fmt: skip


def worst_pocket(table: Table, outcomes: Floats, expected: Floats) -> tuple[float, float, str]:
    """Return the gap, the share and the features of the pocket that is farthest from expected."""
    left = outcomes - expected
    for cut in np.unique(table.cuts):
        left = np.where(table.cuts == cut, left - left[table.cuts == cut].mean(), left)
    doubt = expected * (1 - expected)
    odd = table.customers % 2 == 1
    halves = [half for half in (odd, ~odd) if half.any() and not half.all()]
    return max((_pocket(table, left, doubt, half) for half in halves), default=(0.0, 0.0, ""))


def _pocket(table: Table, left: Floats, doubt: Floats, half: Bools) -> tuple[float, float, str]:
    tree = DecisionTreeRegressor(
        max_depth=DEPTH, min_samples_leaf=max(10, int(LEAST * half.sum())), random_state=0
    ).fit(table.rows[half], left[half])
    rows, left, doubt = table.rows[~half], left[~half], doubt[~half]
    leaf = tree.apply(rows)
    worst = (0.0, 0.0, "")
    for each in np.unique(leaf):
        here = leaf == each
        gap = abs(float(left[here].mean()))
        if gap > SURE * np.sqrt(max(LEAST_DOUBT, float(doubt[here].mean())) / here.sum()):
            path = tree.decision_path(rows[here][:1]).indices[:-1]
            used = sorted({table.names[int(tree.tree_.feature[node])] for node in path})
            worst = max(worst, (gap, float(here.mean()), ", ".join(used)))
    return worst
