"""Competition: candidates on the latest closed window; the best calibrated of them is shipped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration, Prior, calibrated
from models.evaluation import auc, calibration_error, log_loss, losses
from models.recipes import Fit, Menu, Recipe
from models.tables import Bools, Floats, Table
from models.trained import Holdout

FOLDS = 5
LEAST_ROWS, LEAST_OF_A_CLASS = 500, 100
CHANCE = 2.0
"""Standard errors within which two losses are not told apart."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted recipe and the map from its scores to probabilities."""

    recipe: Recipe
    fit: Fit
    calibration: Calibration

    def predict(self, rows: Floats) -> Floats:
        """Return the probability of the outcome, by scikit-learn's own means."""
        return self.calibration(self.fit.raw(rows))

    def export(self) -> Mapping[str, Any]:
        """Return it as one output of an export."""
        return {**self.fit.export(), "calibration": self.calibration.export()}


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of a competition.

    Attributes:
        predictions: of each candidate on the holdout, before it had seen it.
        models: of each candidate, fitted without the holdout (or without a fifth of it).
        winner: place of the winner in both.
        temporal: whether it was fitted on earlier windows alone, else on other customers.
    """

    holdout: Table
    recipes: tuple[Recipe, ...]
    predictions: tuple[Floats, ...]
    models: tuple[Model, ...]
    winner: int
    temporal: bool

    @property
    def judged(self) -> Holdout:
        """What the winner was judged on."""
        return Holdout(self.holdout, self.predictions[self.winner])

    def figures(self) -> dict[str, dict[str, float]]:
        """Return the figures of the best of each kind of candidate, and of the rule."""
        found: dict[str, dict[str, float]] = {}
        for recipe, said in zip(self.recipes, self.predictions, strict=True):
            one = {
                "auc": auc(self.holdout.outcomes, said),
                "log_loss": log_loss(self.holdout.outcomes, said),
                "calibration_error": calibration_error(self.holdout.outcomes, said),
            }
            known = found.get(recipe.name)
            if known is None or one["log_loss"] < known["log_loss"]:
                found[recipe.name] = one
        return found


def fitted(recipe: Recipe, table: Table, prior: Prior, *, seed: int) -> Model:
    """Fit a recipe to all rows, and its calibration to scores of customers it had not seen."""
    scores = np.empty(len(table))
    for others, fold in folds(table, seed):
        part = recipe.fit(table.rows[others], table.outcomes[others], seed=seed)
        scores[fold] = part.raw(table.rows[fold])
    fit = recipe.fit(table.rows, table.outcomes, seed=seed)
    return Model(recipe, fit, calibrated(scores, table.outcomes, prior, seed=seed))


def folds(table: Table, seed: int) -> list[tuple[Bools, Bools]]:
    """Return masks of all but a fold, and of the fold: no customer is in both.

    Customers with and without the outcome (in any window) are dealt out evenly.
    """
    names, place = np.unique(table.customers, return_inverse=True)
    ever = np.zeros(len(names))
    np.maximum.at(ever, place, np.nan_to_num(table.outcomes, nan=0.0))
    dealt = np.random.default_rng(seed).permutation(len(names))
    turn = np.empty(len(names), dtype=np.int64)
    turn[dealt[np.argsort(ever[dealt], kind="stable")]] = np.arange(len(names)) % FOLDS
    fold = turn[place]
    return [(fold != each, fold == each) for each in range(FOLDS)]


def closed_before_latest(table: Table) -> tuple[Bools, Bools]:
    """Return the rows whose window had closed at the latest cut-off, and those of the latest."""
    latest = table.cuts == table.cuts.max()
    return table.cuts + table.horizon <= table.cuts.max(), latest


def is_enough(outcomes: Floats) -> bool:
    """Tell whether rows can be learned from: 500 of them, and 100 of either class."""
    positive = float(outcomes.sum())
    least = min(positive, len(outcomes) - positive)
    return len(outcomes) >= LEAST_ROWS and least >= LEAST_OF_A_CLASS


def compete(table: Table, menu: Menu, prior_of: Callable[[Recipe], Prior], *, seed: int) -> Contest:
    """Let the candidates predict the latest closed window, and pick the winner.

    They are fitted on earlier windows that had closed by then. Where those are too few, they are
    fitted on other customers instead, a fold at a time.
    """
    earlier, latest = closed_before_latest(table)
    holdout = table.where(latest)
    temporal = is_enough(table.outcomes[earlier])
    predictions, models = [], []
    for recipe in menu.recipes:
        prior = prior_of(recipe)
        if temporal:
            model = fitted(recipe, table.where(earlier), prior, seed=seed)
            predictions.append(model.predict(holdout.rows))
        else:
            model, said = _by_folds(recipe, table, latest, prior, seed=seed)
            predictions.append(said)
        models.append(model)
    winner = best(holdout.outcomes, predictions)
    return Contest(holdout, menu.recipes, tuple(predictions), tuple(models), winner, temporal)


def _by_folds(
    recipe: Recipe, table: Table, latest: Bools, prior: Prior, *, seed: int
) -> tuple[Model, Floats]:
    said = np.empty(len(table))
    parts = []
    for others, fold in folds(table, seed + 1):
        parts.append(fitted(recipe, table.where(others), prior, seed=seed))
        said[fold] = parts[-1].predict(table.rows[fold])
    return parts[0], said[latest]


def best(outcomes: Floats, predictions: Sequence[Floats]) -> int:
    """Return the place of the simplest candidate that nobody beats by more than chance.

    The first is the rule: whoever orders customers worse than it is out. Of the others, loss is
    what counts: the simplest within two standard errors of the least, as paired over rows, wins.

    Source: the one-standard-error rule, Hastie, Tibshirani & Friedman, Elements, 7.10.
    """
    floor = auc(outcomes, predictions[0])
    able = [n for n, said in enumerate(predictions) if n == 0 or auc(outcomes, said) >= floor]
    loss = {n: losses(outcomes, predictions[n]) for n in able}
    least = min(able, key=lambda n: float(loss[n].mean()))
    for n in able:
        worse: NDArray[np.float64] = loss[n] - loss[least]
        if worse.mean() <= CHANCE * worse.std() / np.sqrt(len(worse)):
            return n
    return least
