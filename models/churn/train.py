"""Training of churn: the chance that a customer buys nothing within the horizon."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.calibration import Prior, platt
from models.chance import Chance
from models.churn.features import RULE
from models.competition import Contest, Model, compete, fitted
from models.evaluation import calibration_table, figures
from models.inspection import golden_rows, importance
from models.recipes import Rule, chance_menu, telling
from models.tables import Table
from models.trained import Trained

LEAST_CUSTOMERS, LEAST_DAYS = 500, 180
OUTPUT = "churn"

PRIOR_SLOPE, PRIOR_OFFSET = -0.6, 1.2
"""Log-odds of churn by the rule: slope, and offset where the rule foresees one purchase within the
horizon. Source: CDNOW and Online Retail, 30, 91 and 273 days."""


def train(table: Table, *, seed: int, days: int | None = None, rule: str = RULE) -> Trained:
    """Return the best calibrated of rule, logistic regression and boosting, trained on all rows.

    Where there is too little to learn from, the rule alone, calibrated as far as the rows can, and
    a reason that says so.

    Args:
        table: outcomes 1 (bought nothing) or 0; rows of several cut-offs, stacked.
        days: how far back the company's purchases reach; None where it is known to be enough.
        rule: the feature that the one-line rule goes by; less of it is more churn.
    """
    table = table.clean()
    place = table.names.index(rule)
    task = Chance(_prior(table.horizon))
    lack = shortage(table, task, days)
    if lack:
        return _calibrated_rule(table, place, lack, seed=seed)
    contest = compete(table, chance_menu(place), task, seed=seed)
    model = fitted(contest.recipes[contest.winner], table, task, seed=seed)
    return _handed_over(table, contest, model, task, seed=seed)


def shortage(table: Table, task: Chance, days: int | None) -> str:
    """Return what there is too little of, as a sentence for people; nothing where it is enough."""
    customers = len(np.unique(table.customers))
    if customers < LEAST_CUSTOMERS:
        return f"{customers} customers have bought; learning begins at {LEAST_CUSTOMERS}"
    if days is not None and days < LEAST_DAYS:
        return f"purchases reach {days} days back; learning begins at {LEAST_DAYS}"
    if not len(telling(table.rows)):
        return f"nothing that tells {customers} customers apart is known of them"
    latest = table.outcomes[table.cuts == table.cuts.max()]
    if not task.is_enough(table.outcomes) or len(np.unique(latest)) < 2:
        gone = int(table.outcomes.sum())
        stayed = len(table) - gone
        return f"{stayed} rows with a purchase and {gone} without; learning begins at 100 of either"
    return ""


def _prior(horizon: int) -> Prior:
    """Return what the rule means for churn in general: it is a logarithm of purchases per day."""
    offset = PRIOR_OFFSET + PRIOR_SLOPE * float(np.log(horizon))
    return Prior(PRIOR_SLOPE, offset, slope_spread=0.2, offset_spread=0.7)


def _handed_over(
    table: Table, contest: Contest, model: Model, task: Chance, *, seed: int
) -> Trained:
    holdout, said = contest.holdout, contest.predictions[contest.winner]
    golden = golden_rows(holdout.rows, seed=seed)
    return Trained(
        name="churn",
        outputs=(OUTPUT,),
        features=table.names,
        export=export(table, model),
        rehearsal=export(table, contest.models[contest.winner]),
        estimator=model,
        winner=model.recipe.name,
        reason=contest.reason(task),
        metrics=figures(holdout.outcomes, said, seed=seed),
        candidates=contest.figures(task),
        calibration=calibration_table(holdout.outcomes, said),
        importance=importance(holdout, contest.models[contest.winner], task, seed=seed),
        holdout=contest.judged,
        golden=golden,
        expected=model.predict(golden)[:, None],
        rows=len(table),
        cuts=tuple(map(int, np.unique(table.cuts))),
        horizon=table.horizon,
        seed=seed,
    )


def _calibrated_rule(table: Table, place: int, lack: str, *, seed: int) -> Trained:
    recipe = Rule(place)
    fit = recipe.fit(table.rows, table.outcomes, seed=seed)
    line = platt(fit.raw(table.rows), table.outcomes, _prior(table.horizon))
    model = Model(recipe, fit, line)
    golden = golden_rows(table.rows, seed=seed)
    return Trained(
        name="churn",
        outputs=(OUTPUT,),
        features=table.names,
        export=export(table, model),
        rehearsal=export(table, model),
        estimator=model,
        winner=recipe.name,
        reason=f"The calibrated rule alone: {lack}.",
        metrics={},
        candidates={},
        calibration=(),
        importance={},
        holdout=None,
        golden=golden,
        expected=model.predict(golden)[:, None],
        rows=len(table),
        cuts=tuple(map(int, np.unique(table.cuts))),
        horizon=table.horizon,
        seed=seed,
    )


def export(table: Table, model: Model) -> Mapping[str, Any]:
    """Return the model as data."""
    return {"format": 1, "features": list(table.names), "outputs": {OUTPUT: model.export()}}
