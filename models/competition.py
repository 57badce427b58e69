"""Competition: candidates on the latest closed window; the best calibrated of them is shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from models.recipes import Fit, Recipe
from models.tables import Bools, Floats, Table
from models.trained import Holdout

FOLDS = 5


class Task(Protocol):
    """What is predicted: how scores become predictions, and how those are judged."""

    @property
    def patience(self) -> float:
        """Standard errors by which a simpler candidate's loss may be more, and it still wins."""

    def calibrate(
        self, recipe: Recipe, scores: Floats, outcomes: Floats, *, seed: int
    ) -> Calibration:
        """Return the map from scores, of rows that were not fitted on, to predictions."""

    def losses(self, outcomes: Floats, predictions: Floats) -> Floats:
        """Return what each row's prediction costs; the least mean is the best calibrated."""

    def order(self, outcomes: Floats, predictions: Floats) -> float:
        """Return how well customers are put in order; more is better."""

    def figures(self, outcomes: Floats, predictions: Floats) -> dict[str, float]:
        """Return what is told of a candidate."""

    def is_enough(self, outcomes: Floats) -> bool:
        """Tell whether rows can be learned from."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted recipe and the map from its scores to probabilities."""

    recipe: Recipe
    fit: Fit
    calibration: Calibration

    def predict(self, rows: Floats) -> Floats:
        """Return predictions of the outcome, by scikit-learn's own means."""
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

    def figures(self, task: Task) -> dict[str, dict[str, float]]:
        """Return the figures of the best of each kind of candidate, and of the rule."""
        found: dict[str, tuple[float, dict[str, float]]] = {}
        for recipe, said in zip(self.recipes, self.predictions, strict=True):
            loss = float(task.losses(self.holdout.outcomes, said).mean())
            if recipe.name not in found or loss < found[recipe.name][0]:
                found[recipe.name] = (loss, task.figures(self.holdout.outcomes, said))
        return {name: one for name, (_, one) in found.items()}

    def reason(self, task: Task) -> str:
        """Say in one sentence who won, over whom and how."""
        told = "; ".join(
            f"{name}: " + ", ".join(f"{what} {value:.4f}" for what, value in one.items())
            for name, one in self.figures(task).items()
        )
        how = "earlier windows" if self.temporal else "other customers"
        return (
            f"{self.recipes[self.winner].name} won on {len(self.holdout)} customers of the latest "
            f"closed window, trained on {how}: the simplest that no other beats by more than "
            f"chance ({told})."
        )


def fitted(recipe: Recipe, table: Table, task: Task, *, seed: int) -> Model:
    """Fit a recipe to all rows, and its calibration to scores of customers it had not seen."""
    scores = np.empty(len(table))
    for others, fold in folds(table, seed):
        part = recipe.fit(table.rows[others], table.outcomes[others], seed=seed)
        scores[fold] = part.raw(table.rows[fold])
    fit = recipe.fit(table.rows, table.outcomes, seed=seed)
    return Model(recipe, fit, task.calibrate(recipe, scores, table.outcomes, seed=seed))


def folds(table: Table, seed: int) -> list[tuple[Bools, Bools]]:
    """Return masks of all but a fold, and of the fold: no customer is in both.

    Customers with and without the outcome (in any window) are dealt out evenly.
    """
    names, place = np.unique(table.customers, return_inverse=True)
    ever = np.zeros(len(names), dtype=bool)
    np.logical_or.at(ever, place, table.outcomes > 0)
    dealt = np.random.default_rng(seed).permutation(len(names))
    turn = np.empty(len(names), dtype=np.int64)
    turn[dealt[np.argsort(ever[dealt], kind="stable")]] = np.arange(len(names)) % FOLDS
    fold = turn[place]
    return [(fold != each, fold == each) for each in range(FOLDS)]


def closed_before_latest(table: Table) -> tuple[Bools, Bools]:
    """Return the rows whose window had closed at the latest cut-off, and those of the latest."""
    latest = table.cuts == table.cuts.max()
    return table.cuts + table.horizon <= table.cuts.max(), latest


def compete(table: Table, recipes: Sequence[Recipe], task: Task, *, seed: int) -> Contest:
    """Let the candidates predict the latest closed window, and pick the winner.

    They are fitted on earlier windows that had closed by then. Where those are too few, they are
    fitted on other customers instead, a fold at a time.

    Args:
        recipes: the one-line rule, then others, the simplest first.
    """
    earlier, latest = closed_before_latest(table)
    holdout = table.where(latest)
    temporal = task.is_enough(table.outcomes[earlier])
    predictions, models = [], []
    for recipe in recipes:
        if temporal:
            model = fitted(recipe, table.where(earlier), task, seed=seed)
            said = model.predict(holdout.rows)
        else:
            model, said = _by_folds(recipe, table, latest, task, seed=seed)
        predictions.append(said)
        models.append(model)
    winner = best(task, holdout.outcomes, predictions)
    return Contest(holdout, tuple(recipes), tuple(predictions), tuple(models), winner, temporal)


def _by_folds(
    recipe: Recipe, table: Table, latest: Bools, task: Task, *, seed: int
) -> tuple[Model, Floats]:
    said = np.empty(len(table))
    parts = []
    for others, fold in folds(table, seed + 1):
        parts.append(fitted(recipe, table.where(others), task, seed=seed))
        said[fold] = parts[-1].predict(table.rows[fold])
    return parts[0], said[latest]


def best(task: Task, outcomes: Floats, predictions: Sequence[Floats]) -> int:
    """Return the place of the simplest candidate that nobody beats by more than chance.

    The first is the rule: whoever orders customers worse than it is out. Of the others, loss is
    what counts: the simplest within the task's patience of the least, as paired over rows, wins;
    never one whose own loss is above the rule's.

    Source: the one-standard-error rule, Hastie, Tibshirani & Friedman, Elements, 7.10.
    """
    floor = task.order(outcomes, predictions[0])
    able = [n for n, said in enumerate(predictions) if not n or task.order(outcomes, said) >= floor]
    loss = {n: task.losses(outcomes, predictions[n]) for n in able}
    least = min(able, key=lambda n: float(loss[n].mean()))
    for n in able:
        worse: NDArray[np.float64] = loss[n] - loss[least]
        is_close = worse.mean() <= task.patience * worse.std() / np.sqrt(len(worse))
        if is_close and loss[n].mean() <= loss[0].mean():
            return n
    return least
