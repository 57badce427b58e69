"""Amounts: the task of predicting how much or how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.calibration import Calibration
from models.recipes import Recipe
from models.tables import Floats

TOP_SHARE = 0.1
LEAST_ROWS, LEAST_BUYERS = 500, 100
_LEAST = 1e-9
_LARGEST_LOG = 700.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What is expected: e to the power of the score, times what makes the sums agree."""

    scale: float

    def __call__(self, scores: Floats) -> Floats:
        return np.asarray(self.scale * np.exp(np.minimum(scores, _LARGEST_LOG)))

    def export(self) -> Mapping[str, Any]:
        return {"form": "exp", "scale": self.scale}


@dataclass(frozen=True, slots=True)
class Amount:
    """The expectation of an outcome that is never below 0.

    Attributes:
        prior: how many customers as the score says stand beside those that are there.
    """

    prior: float = 5.0

    def calibrate(
        self, recipe: Recipe, scores: Floats, outcomes: Floats, *, seed: int
    ) -> Calibration:
        """Return the scale by which the predictions sum up to the outcomes."""
        expected = np.exp(np.minimum(scores, _LARGEST_LOG))
        ballast = self.prior * float(expected.mean()) if len(expected) else 1.0
        if ballast == 0.0:
            return Scale(1.0)
        return Scale((float(outcomes.sum()) + ballast) / (float(expected.sum()) + ballast))

    def losses(self, outcomes: Floats, predictions: Floats) -> Floats:
        """Return the Poisson deviance of each row, in units of the mean outcome.

        Its least mean is that of the true expectation, however the outcomes are spread.
        """
        unit = float(outcomes.mean()) or 1.0
        y, mu = outcomes / unit, np.maximum(predictions / unit, _LEAST)
        return np.asarray(2 * (np.where(y > 0, y * np.log(np.maximum(y, _LEAST) / mu), 0) - y + mu))

    def order(self, outcomes: Floats, predictions: Floats) -> float:
        """Return 0: no order is asked for, what counts is how much."""
        return 0.0

    def figures(self, outcomes: Floats, predictions: Floats) -> dict[str, float]:
        """Return deviance, mean absolute error, bias, and what the predicted top tenth has."""
        return {
            "deviance": float(self.losses(outcomes, predictions).mean()),
            "mean_absolute_error": float(np.abs(outcomes - predictions).mean()),
            "bias": float(predictions.mean() / (outcomes.mean() or 1.0) - 1),
            "top_tenth": top_share(outcomes, predictions),
        }

    def is_enough(self, outcomes: Floats) -> bool:
        """Tell whether there are 500 rows and 100 of them above 0."""
        return len(outcomes) >= LEAST_ROWS and int((outcomes > 0).sum()) >= LEAST_BUYERS


def top_share(outcomes: Floats, predictions: Floats) -> float:
    """Return the share of all outcomes that those with the highest tenth of predictions have."""
    top = np.argsort(-predictions, kind="stable")[: round(len(outcomes) * TOP_SHARE)]
    return float(outcomes[top].sum() / (outcomes.sum() or 1.0))
