"""Pockets: customers with something in common who do what the champion does not expect of them.

They are found by a tree on what the champion's predictions leave over, grown on half of the
customers and believed on the other: labels flipped in a slice, or poisoned where a trigger is.
"""

from collections.abc import Callable, Iterator

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from models.tables import Bools, Floats, Table
from models.trial import Gate, Refusal, RowTrial, said

DEPTH, LEAST = 5, 0.01
"""Of the tree, and the least share of rows in a leaf."""
GAP, SURE = 0.2, 6.0
"""By how much a pocket's outcomes may be off, if it is so by so many standard errors."""
FEW, MOST_ROWS = 1000, 50_000
LEAST_DOUBT = 0.05
"""Variance of an outcome that the champion held for certain."""


Expected = Callable[[RowTrial], tuple[Table, Floats] | None]
"""From a trial to rows with an outcome of 1 or 0 each, and the chance that the champion gave it."""


def pockets_gate(expected: Expected) -> Gate:
    """Return the gate of groups that do otherwise than the champion expects."""

    def pockets(trial: RowTrial) -> Iterator[Refusal]:
        """No group of customers, however described, does what was never expected of such."""
        found = expected(trial)
        if found is None:
            return
        table, chances = found
        gap, share, where = worst_pocket(table, table.outcomes, chances)
        if gap > GAP:
            yield Refusal(
                "pockets", gap, GAP,
                f"{share:.1%} of the customers do otherwise than expected, by {gap:.2f}: {where}.",
            )  # fmt: skip

    return pockets


def pure_gate(expected: Expected) -> Gate:
    """Return the gate of groups that have no exception where the champion expects some."""

    def pure(trial: RowTrial) -> Iterator[Refusal]:
        """No group of customers all do the same, of whom it is expected that some do not."""
        found = expected(trial)
        if found is None:
            return
        table, chances = found
        worst = max((_exceptions(table, chances, half) for half in halves(table)), default=0.0)
        if worst > EXCEPTIONS:
            yield Refusal(
                "pure", worst, EXCEPTIONS,
                f"{worst:.0f} exceptions were expected in a group that has none: what comes after "
                "the cut-off is among the features.",
            )  # fmt: skip

    return pure


EXCEPTIONS = 12.0
"""Exceptions that are expected where none is: chance has it once in 160,000 times."""


def _exceptions(table: Table, expected: Floats, half: Bools) -> float:
    tree = DecisionTreeRegressor(max_depth=3, min_samples_leaf=20, random_state=0)
    tree.fit(table.rows[half], table.outcomes[half])
    leaf, outcomes = tree.apply(table.rows), table.outcomes
    worst = 0.0
    for each in np.unique(leaf):
        here = leaf == each
        if len(np.unique(outcomes[here])) == 1:
            other = expected[here & ~half] if outcomes[here][0] == 0 else 1 - expected[here & ~half]
            worst = max(worst, float(other.sum()))
    return worst


def by_champion(trial: RowTrial, table: Table, output: str) -> tuple[Table, Floats] | None:
    """Return rows of the table, and what the champion says of them; None where there is none."""
    if trial.champion is None or len(table) < FEW:
        return None
    if len(table) > MOST_ROWS:
        chosen = np.random.default_rng(trial.challenger.seed).permutation(len(table))
        table = table.where(chosen[:MOST_ROWS])
    expected = said(trial.champion.export, table, (output,))
    return None if expected is None else (table, expected[:, 0])


def worst_pocket(table: Table, outcomes: Floats, expected: Floats) -> tuple[float, float, str]:
    """Return the gap, the share and the features of the pocket that is farthest from expected."""
    left = outcomes - expected
    for cut in np.unique(table.cuts):
        left = np.where(table.cuts == cut, left - left[table.cuts == cut].mean(), left)
    found = [_pocket(table, left, expected, half) for half in halves(table)]
    return max(found, default=(0.0, 0.0, ""))


def halves(table: Table) -> tuple[Bools, ...]:
    """Return masks of each half of the customers; none where there is but one."""
    names, place = np.unique(table.customers, return_inverse=True)
    one = (np.random.default_rng(0).permutation(len(names)) % 2 == 0)[place]
    return (one, ~one) if len(names) > 1 else ()


def _pocket(table: Table, left: Floats, expected: Floats, half: Bools) -> tuple[float, float, str]:
    tree = DecisionTreeRegressor(
        max_depth=DEPTH, min_samples_leaf=max(10, int(LEAST * half.sum())), random_state=0
    ).fit(table.rows[half], left[half])
    rows, left, expected = table.rows[~half], left[~half], expected[~half]
    leaf = tree.apply(rows)
    worst = (0.0, 0.0, "")
    for each in np.unique(leaf):
        here = leaf == each
        gap, chance = abs(float(left[here].mean())), float(expected[here].mean())
        between = chance + float(left[here].mean()) / 2  # if half of what is left over were chance
        doubt = max(chance * (1 - chance), between * (1 - between), LEAST_DOUBT)
        if gap > SURE * np.sqrt(doubt / here.sum()):
            path = tree.decision_path(rows[here][:1]).indices[:-1]
            used = sorted({table.names[int(tree.tree_.feature[node])] for node in path})
            worst = max(worst, (gap, float(here.mean()), ", ".join(used)))
    return worst
