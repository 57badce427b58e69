"""Amounts: the task of predicting how much or how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.calibration import Calibration
from models.evaluation import Measure
from models.recipes import Recipe, Rule
from models.tables import Floats

TOP_SHARE = 0.1
LEAST_ROWS, LEAST_BUYERS = 500, 100
_LEAST = 1e-9
_LARGEST_LOG = 700.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What is expected: e to the power of the score, times what makes the sums agree.

    Attributes:
        slope: of the score; -1 for what is the less the higher the score.
        most: what nothing is said beyond.
    """

    scale: float
    slope: float = 1.0
    most: float = 1e12

    def __call__(self, scores: Floats) -> Floats:
        power = np.exp(np.minimum(self.slope * scores, _LARGEST_LOG))
        with np.errstate(over="ignore"):  # beyond every number is beyond the most
            return np.asarray(np.minimum(self.scale * power, self.most))

    def export(self) -> Mapping[str, Any]:
        return {"form": "exp", "scale": self.scale, "slope": self.slope, "most": self.most}


@dataclass(frozen=True, slots=True)
class Amount:
    """The expectation of an outcome that is never below 0.

    Attributes:
        rule: what e to the power of the rule is to be multiplied with before any row was seen.
        prior: how many customers as the score says stand beside those that are there.
    """

    rule: float = 1.0
    prior: float = 5.0
    patience: float = 0.0  # there is no order to keep: the least loss wins

    def calibrate(
        self, recipe: Recipe, scores: Floats, outcomes: Floats, *, seed: int
    ) -> Calibration:
        """Return the scale by which the predictions sum up to the outcomes."""
        unit = self.rule if isinstance(recipe, Rule) else 1.0
        expected = unit * np.exp(np.minimum(scores, _LARGEST_LOG))
        ballast = self.prior * float(expected.mean()) if len(expected) else 1.0
        if ballast == 0.0:
            return Scale(unit)
        return Scale(unit * (float(outcomes.sum()) + ballast) / (float(expected.sum()) + ballast))

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
            "mean_absolute_error": mean_absolute_error(outcomes, predictions),
            "bias": bias(outcomes, predictions),
            "top_tenth": top_share(outcomes, predictions),
        }

    def is_enough(self, outcomes: Floats) -> bool:
        """Tell whether there are 500 rows and 100 of them above 0."""
        return len(outcomes) >= LEAST_ROWS and int((outcomes > 0).sum()) >= LEAST_BUYERS


def mean_absolute_error(
    outcomes: Floats, predictions: Floats, weights: Floats | None = None
) -> float:
    """Return by how much predictions are off, in the mean."""
    return float(np.average(np.abs(outcomes - predictions), weights=weights))


def bias(outcomes: Floats, predictions: Floats, weights: Floats | None = None) -> float:
    """Return by what share of all outcomes the predictions sum up to too much."""
    actual = float(np.average(outcomes, weights=weights))
    return float(np.average(predictions, weights=weights)) / (actual or 1.0) - 1


def top_share(outcomes: Floats, predictions: Floats, weights: Floats | None = None) -> float:
    """Return the share of all outcomes that those with the highest tenth of predictions have."""
    mass = np.ones(len(outcomes)) if weights is None else weights
    order = np.argsort(-predictions, kind="stable")
    top = order[: np.searchsorted(np.cumsum(mass[order]), round(mass.sum() * TOP_SHARE)) + 1]
    return float((mass * outcomes)[top].sum() / ((mass * outcomes).sum() or 1.0))


MEASURES: Mapping[str, Measure] = {
    "mean_absolute_error": mean_absolute_error, "bias": bias, "top_tenth": top_share
}  # fmt: skip
