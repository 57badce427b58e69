"""An arm: a model of how customers act in it, and what it would have said of each one unseen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.calibration import Platt, logistic
from models.chance import Chance
from models.competition import Model, folds
from models.recipes import Boosting, Logistic, Recipe, telling
from models.response.response import Constant
from models.tables import Bools, Floats, Table

MENU: tuple[Recipe, ...] = (Logistic(0.01), Boosting())
"""What competes; the least loss on customers not seen wins."""


class Arm(NamedTuple):
    """What was learned from one arm.

    Attributes:
        model: of all its rows.
        unseen: the chance of every customer of either arm, by a model that had not seen them.
    """

    model: Model
    unseen: Floats


def learned(
    table: Table, arm: Bools, task: Chance, *, menu: Sequence[Recipe] = MENU, seed: int
) -> Arm:
    """Return what is learned from an arm; its rate stands for everybody, where it is too small."""
    rows, outcomes = table.rows[arm], table.outcomes[arm]
    if not task.is_enough(outcomes) or not len(telling(rows)):
        prior = Constant.of(table.outcomes)
        model = Model(prior, prior.fit(rows, outcomes, seed=seed), Platt(1.0, 0.0))
        return Arm(model, model.predict(table.rows))
    scored = [(recipe, _scores(table, arm, recipe, seed=seed)) for recipe in menu]
    losses = [float(task.losses(outcomes, logistic(scores[arm])).mean()) for _, scores in scored]
    recipe, scores = scored[int(np.argmin(losses))]
    calibration = task.calibrate(recipe, scores[arm], outcomes, seed=seed)
    model = Model(recipe, recipe.fit(rows, outcomes, seed=seed), calibration)
    return Arm(model, _calibrated(table, arm, task, recipe, scores, seed=seed))


def _scores(table: Table, arm: Bools, recipe: Recipe, *, seed: int) -> Floats:
    """Return the scores of everybody, by models of the arm that had not seen the customer."""
    scores = np.empty(len(table))
    for others, fold in folds(table, seed):
        known = others & arm
        fit = recipe.fit(table.rows[known], table.outcomes[known], seed=seed)
        scores[fold] = fit.raw(table.rows[fold])
    return scores


def _calibrated(
    table: Table, arm: Bools, task: Chance, recipe: Recipe, scores: Floats, *, seed: int
) -> Floats:
    """Return the chances that scores stand for, by maps that had not seen the customer either."""
    chances = np.empty(len(table))
    for others, fold in folds(table, seed):
        known = others & arm
        line = task.calibrate(recipe, scores[known], table.outcomes[known], seed=seed)
        chances[fold] = line(scores[fold])
    return chances
