"""Gates: what a challenger that learned from rows must pass to act in place of the champion."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from models.churn import gates as churn
from models.response import gates as response
from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trained import Trained
from models.trial import Champion, Gate, Refusal, RowTrial, verdict
from models.value import gates as value
from portrait.learning.export import load

AGREEMENT = 1e-9
"""By how much the export may differ from the estimator. Source: issue 5, point 3."""


def judge(
    challenger: Trained,
    champion: Champion | None,
    table: Table,
    *,
    today: int | None = None,
    purchases: Mapping[int, int] | None = None,
    accepted: Collection[str] = (),
) -> list[Refusal]:
    """Return what speaks against the challenger; nothing where it may become the champion.

    Args:
        champion: the model that acts now; None where there is none yet.
        table: all that the challenger was trained on.
        today: the first day of which not everything is known (UTC, since 1970): no window may
            reach beyond it.
        purchases: how many purchases the sampled customers made on each day, the latest included.
        accepted: gates that a person has looked at and lets it pass for once, as after a change of
            the horizon, or an import.
    """
    trial = RowTrial(challenger, champion, today, purchases, table)
    return verdict(trial, gates_of(challenger.name), accepted)


def gates_of(name: str) -> Iterable[Gate]:
    """Return the gates of a model."""
    return (golden, *GATES.get(name, ()))


GATES: Mapping[str, tuple[Gate, ...]] = {
    "churn": churn.GATES,
    "value": value.GATES,
    "response": response.GATES,
}


def golden(trial: RowTrial) -> Iterator[Refusal]:
    """The export says what the estimator says, row by row and all at once; and both a number."""
    challenger = trial.challenger
    one = load(challenger.export)
    alone = np.array([[one(row)[name] for name in challenger.outputs] for row in challenger.golden])
    together = load_vectorised(challenger.export)(challenger.golden)
    for told in (alone, np.column_stack([together[name] for name in challenger.outputs])):
        gap = _gap(told, challenger.expected)
        if not gap <= AGREEMENT:
            yield Refusal(
                "golden", gap, AGREEMENT,
                f"The export differs from the estimator by up to {gap:.2g} on the golden set.",
            )  # fmt: skip
            return


def _gap(told: Floats, expected: Floats) -> float:
    """Return the largest difference, of amounts above 1 in shares of them; inf if not a number."""
    if told.shape != expected.shape or not np.isfinite(expected).all():
        return float("inf")
    gap = np.abs(told - expected) / np.maximum(1.0, np.abs(expected))
    return float(np.where(np.isfinite(gap), gap, np.inf).max(initial=0.0))
