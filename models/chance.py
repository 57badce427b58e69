"""Chances: the task of predicting a yes or no."""

from dataclasses import dataclass

from models import evaluation
from models.calibration import Calibration, Prior, calibrated
from models.recipes import Recipe, Rule
from models.tables import Floats

LEAST_ROWS, LEAST_OF_A_CLASS = 500, 100


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of an outcome that is 1 or 0.

    Attributes:
        rule: what the calibration of the one-line rule is held to be before any row.
    """

    rule: Prior
    patience: float = 2.0

    def calibrate(
        self, recipe: Recipe, scores: Floats, outcomes: Floats, *, seed: int
    ) -> Calibration:
        """Return a map to probabilities."""
        prior = self.rule if isinstance(recipe, Rule) else Prior()
        return calibrated(scores, outcomes, prior, seed=seed)

    def losses(self, outcomes: Floats, predictions: Floats) -> Floats:
        """Return the log loss of each row."""
        return evaluation.losses(outcomes, predictions)

    def order(self, outcomes: Floats, predictions: Floats) -> float:
        """Return the AUC."""
        return evaluation.auc(outcomes, predictions)

    def figures(self, outcomes: Floats, predictions: Floats) -> dict[str, float]:
        """Return AUC, log loss and calibration error."""
        return {
            "auc": evaluation.auc(outcomes, predictions),
            "log_loss": evaluation.log_loss(outcomes, predictions),
            "calibration_error": evaluation.calibration_error(outcomes, predictions),
        }

    def is_enough(self, outcomes: Floats) -> bool:
        """Tell whether there are 500 rows, and 100 of either class."""
        positive = float(outcomes.sum())
        least = min(positive, len(outcomes) - positive)
        return len(outcomes) >= LEAST_ROWS and least >= LEAST_OF_A_CLASS
