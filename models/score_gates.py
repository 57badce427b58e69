"""Gates of the scores: what a challenger would say of customers, beside what the champion says."""

from collections.abc import Iterator

import numpy as np

from models.drift import psi
from models.scoring import load_vectorised
from models.tables import Floats
from models.trial import Gate, Refusal, RowTrial, said

DRIFT = 1.0
"""Far above what is a major change of a feature: levels move with the season, and bins of scores
are narrow."""
FEW = 100


def scores_gate(mean: float) -> Gate:
    """Return the gate of how scores are spread.

    Args:
        mean: by what factor theirs may differ from the champion's.
    """

    def scores(trial: RowTrial) -> Iterator[Refusal]:
        """Scores are numbers, differ, and are spread about as the champion's are."""
        if len(trial.table) < FEW:
            return
        for name, values in load_vectorised(trial.challenger.export)(trial.table.rows).items():
            share = float(np.isfinite(values).mean())
            if share < 1.0:
                yield Refusal("scores", share, 1.0, f"{name} is no number for {1 - share:.0%}.")
            else:
                yield from _spread(trial, name, values, mean)

    return scores


def _spread(trial: RowTrial, name: str, values: Floats, most: float) -> Iterator[Refusal]:
    if float(np.ptp(values)) <= 1e-9 * max(1.0, float(np.abs(values).max())):
        yield Refusal("scores", 0.0, 1e-9, f"{name} is the same for everybody.")
    known = trial.reference.get("scores", {}).get(name)
    if known is None:
        return
    before = trial.reference["customers"]
    moved = psi(known, values, customers=trial.customers, before=before)
    if moved > DRIFT:
        yield Refusal("scores", moved, DRIFT, f"{name} has drifted: PSI {moved:.2f}.")
    ratio = float(values.mean()) / (known["mean"] or 1.0)
    if not 1 / most <= ratio <= most:
        yield Refusal(
            "scores", ratio, most if ratio > 1 else 1 / most,
            f"{name} is {ratio:.2f} times as high in the mean as the champion's was.",
        )  # fmt: skip


def agreement_gate(most: float) -> Gate:
    """Return the gate of how far what is said may be from what the champion says.

    Args:
        most: of the first output, in the mean of the customers.
    """

    def agreement(trial: RowTrial) -> Iterator[Refusal]:
        """Of the same customers it says about what the champion says, in the mean difference."""
        if trial.champion is None or len(trial.table) < FEW:
            return
        rival = said(trial.champion.export, trial.table, trial.challenger.outputs)
        own = said(trial.challenger.export, trial.table, trial.challenger.outputs)
        if rival is None or own is None or rival.shape != own.shape:
            return
        gap = float(np.abs(rival - own)[:, 0].mean())
        if gap > most:
            yield Refusal(
                "agreement", gap, most, f"It says {gap:.2f} more or less than the champion."
            )

    return agreement
