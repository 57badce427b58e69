"""Training of response: the chance to act if contacted and if not, and what contact changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.calibration import Platt, Prior, logistic
from models.chance import Chance
from models.competition import Model, Task, fitted, folds
from models.effects import by_tenths, difference, gains, qini
from models.evaluation import calibration_table, figures
from models.inspection import golden_rows, importance
from models.recipes import Boosting, Logistic, Recipe, telling
from models.response.balance import balanced
from models.response.belief import belief, slope
from models.response.response import PRIOR_RATE, Constant, Response
from models.tables import Bools, Floats, Table
from models.trained import Figure, Holdout, Trained

OUTPUTS = ("response", "uplift")


def train(table: Table, *, seed: int) -> Trained:
    """Return the chances of both arms and the uplift between them.

    Each arm has a model of its own, so that arms may be of any size. Where an arm has fewer than
    500 rows or 100 of either outcome, its rate stands for everybody in it, drawn to a prior; where
    differences between customers cannot be told from chance, everybody has the mean effect.

    Args:
        table: outcomes 1 (acted) or 0; `contacted` tells the arms.

    Raises:
        ValueError: the table does not tell the arms.
    """
    table = balanced(table.clean(), seed=seed)
    task = Chance(Prior())
    lacking = _lacking(table, task)
    response = _response(table, task, _recipes(table, task, seed=seed), seed=seed)
    told = None if lacking else _unseen(table, task, response.recipes, seed=seed)
    if told is not None:
        response = replace(response, belief=belief(slope(table.outcomes, _arms(table), told)))
    return _handed_over(table, task, response, told, lacking, seed=seed)


def _arms(table: Table) -> Bools:
    if table.contacted is None:
        raise ValueError("a table of responses tells who was contacted")
    return table.contacted


def _lacking(table: Table, task: Chance) -> str:
    """Return which arm has too little to learn from, as a sentence for people; nothing if none."""
    for name, arm in (("contacted", _arms(table)), ("left alone", ~_arms(table))):
        outcomes = table.outcomes[arm]
        if not task.is_enough(outcomes):
            acted = int(outcomes.sum())
            return (
                f"{len(outcomes)} exposures of customers who were {name}, {acted} of whom acted; "
                "learning begins at 500, and 100 of either"
            )
    return ""


def _recipes(table: Table, task: Chance, *, seed: int) -> tuple[Recipe, Recipe]:
    """Return the recipe of each arm: that of least loss on customers it had not seen."""
    arms = _arms(table)
    contacted, alone = (_recipe(table.where(arm), task, seed=seed) for arm in (arms, ~arms))
    return contacted, alone


def _recipe(table: Table, task: Chance, *, seed: int) -> Recipe:
    if not task.is_enough(table.outcomes) or not len(telling(table.rows)):
        return Constant()
    menu: tuple[Recipe, ...] = (Logistic(0.01), Boosting())
    return min(menu, key=lambda one: _loss(table, one, task, seed=seed))


def _loss(table: Table, recipe: Recipe, task: Task, *, seed: int) -> float:
    total = 0.0
    for others, fold in folds(table, seed):
        fit = recipe.fit(table.rows[others], table.outcomes[others], seed=seed)
        total += float(task.losses(table.outcomes[fold], logistic(fit.raw(table.rows[fold]))).sum())
    return total / len(table)


def _response(table: Table, task: Chance, recipes: tuple[Recipe, Recipe], *, seed: int) -> Response:
    arms = _arms(table)
    pairs = [(table.where(arm), recipe) for arm, recipe in zip((arms, ~arms), recipes, strict=True)]
    contacted, alone = (_model(rows, recipe, task, seed=seed) for rows, recipe in pairs)
    means = [float(one.predict(rows.rows).mean()) if len(rows) else PRIOR_RATE
             for one, (rows, _) in zip((contacted, alone), pairs, strict=True)]  # fmt: skip
    return Response(contacted, alone, 0.0, means[0] - means[1])


def _model(table: Table, recipe: Recipe, task: Chance, *, seed: int) -> Model:
    """Return the model of one arm; its rate, where there is too little for the recipe."""
    if isinstance(recipe, Constant) or not task.is_enough(table.outcomes):
        prior = Constant()
        return Model(prior, prior.fit(table.rows, table.outcomes, seed=seed), Platt(1.0, 0.0))
    return fitted(recipe, table, task, seed=seed)


def _unseen(table: Table, task: Chance, recipes: tuple[Recipe, Recipe], *, seed: int) -> Floats:
    """Return chances if contacted and if not, by models that had not seen the customer."""
    told = np.empty((len(table), 2))
    for others, fold in folds(table, seed + 1):
        told[fold] = _response(table.where(others), task, recipes, seed=seed).chances(
            table.rows[fold]
        )
    return told


def _rehearsal(table: Table, task: Chance, response: Response, *, seed: int) -> Response:
    """Return the same without the latest quarter, on which later challengers are compared."""
    earlier = table.where(table.cuts < table.cuts.max(initial=0))
    return replace(_response(earlier, task, response.recipes, seed=seed), belief=response.belief)


def _handed_over(
    table: Table, task: Chance, response: Response, told: Floats | None, lacking: str, *, seed: int
) -> Trained:
    arms, golden = _arms(table), golden_rows(table.rows, seed=seed)
    effect = difference(table.outcomes[arms], table.outcomes[~arms])
    metrics: dict[str, Figure] = {"effect": effect}
    holdout: Holdout | None = None
    calibration: tuple[tuple[float, float, int], ...] = ()
    weighed: Mapping[str, float] = {}
    if told is not None:
        own, uplift = np.where(arms, told[:, 0], told[:, 1]), told[:, 0] - told[:, 1]
        metrics |= figures(table.outcomes, own, seed=seed)
        metrics["qini"] = qini(table.outcomes, arms, uplift, seed=seed)
        metrics["belief"] = slope(table.outcomes, arms, told)
        holdout = Holdout(table, response.said(told))
        calibration = calibration_table(table.outcomes, own)
        weighed = importance(table.where(arms), response.contacted, task, seed=seed)
    return Trained(
        name="response",
        outputs=OUTPUTS,
        features=table.names,
        export=response.export(table.names),
        rehearsal=_rehearsal(table, task, response, seed=seed).export(table.names),
        estimator=response,
        winner=response.contacted.recipe.name,
        reason=_reason(response, effect, lacking),
        metrics=metrics,
        candidates={},
        calibration=calibration,
        importance=weighed,
        holdout=holdout,
        golden=golden,
        expected=response.predict(golden),
        rows=len(table),
        cuts=tuple(map(int, np.unique(table.cuts))),
        horizon=table.horizon,
        seed=seed,
        extra={"effects": _effects(table, response, told)},
    )


def _effects(table: Table, response: Response, told: Floats | None) -> dict[str, Any]:
    """Return for whom contact changed how much, of customers whom the models had not seen."""
    if told is None:
        return {}
    arms, uplift = _arms(table), told[:, 0] - told[:, 1]
    shares = np.arange(STEPS + 1) / STEPS
    curve = np.interp(shares, *gains(table.outcomes, arms, uplift))
    tenths = by_tenths(table.outcomes, arms, uplift)
    return {
        "belief": response.belief,
        "curve": list(zip(shares.tolist(), curve.tolist(), strict=True)),
        "tenths": [one._asdict() for one in tenths],
    }


STEPS = 20


def _reason(response: Response, effect: Figure, lacking: str) -> str:
    said = f"contact changed {effect.value:+.4f} [{effect.low:+.4f}, {effect.high:+.4f}]"
    if lacking:
        return f"Rates drawn to a prior: {lacking}; {said}."
    if not response.belief:
        return f"Everybody has the mean effect: differences may be chance; {said}."
    return (
        f"{response.contacted.recipe.name} if contacted, {response.alone.recipe.name} if not; "
        f"{response.belief:.2f} of their difference is believed; {said}."
    )
