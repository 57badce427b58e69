"""Training of churn: the chance that a customer buys nothing within the horizon."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.calibration import Platt, Prior, platt
from models.churn.features import RULE
from models.competition import Contest, Model, compete, fitted, is_enough
from models.evaluation import calibration_table, figures, log_loss
from models.recipes import Menu, Recipe, Rule, menu
from models.tables import Floats, Table
from models.trained import Trained

LEAST_CUSTOMERS, LEAST_DAYS = 500, 180
OUTPUT = "churn"
GOLDEN = 200

PRIOR_SLOPE, PRIOR_OFFSET = -0.8, -0.6
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
    lack = shortage(table, days)
    if lack:
        return _calibrated_rule(table, place, lack, seed=seed)
    contest = compete(table, menu(place), lambda one: _prior(one, table.horizon), seed=seed)
    recipe = contest.recipes[contest.winner]
    model = fitted(recipe, table, _prior(recipe, table.horizon), seed=seed)
    return _handed_over(table, contest, model, seed=seed)


def shortage(table: Table, days: int | None) -> str:
    """Return what there is too little of, as a sentence for people; nothing where it is enough."""
    customers = len(np.unique(table.customers))
    if customers < LEAST_CUSTOMERS:
        return f"{customers} customers have bought; learning begins at {LEAST_CUSTOMERS}"
    if days is not None and days < LEAST_DAYS:
        return f"purchases reach {days} days back; learning begins at {LEAST_DAYS}"
    latest = table.outcomes[table.cuts == table.cuts.max()]
    if not is_enough(table.outcomes) or len(np.unique(latest)) < 2:
        gone = int(table.outcomes.sum())
        stayed = len(table) - gone
        return f"{stayed} rows with a purchase and {gone} without; learning begins at 100 of either"
    return ""


def _prior(recipe: Recipe, horizon: int) -> Prior:
    if not isinstance(recipe, Rule):
        return Prior()
    offset = PRIOR_OFFSET + PRIOR_SLOPE * float(np.log(horizon))
    return Prior(PRIOR_SLOPE, offset, slope_spread=0.3, offset_spread=1.0)


def _handed_over(table: Table, contest: Contest, model: Model, *, seed: int) -> Trained:
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
        reason=_reason(contest),
        metrics=figures(holdout.outcomes, said, seed=seed),
        candidates=contest.figures(),
        calibration=calibration_table(holdout.outcomes, said),
        importance=importance(holdout, contest.models[contest.winner], seed=seed),
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
    line: Platt = platt(fit.raw(table.rows), table.outcomes, _prior(recipe, table.horizon))
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


def _reason(contest: Contest) -> str:
    told = ", ".join(f"{name} {one['log_loss']:.4f}" for name, one in contest.figures().items())
    name = contest.recipes[contest.winner].name
    how = "earlier windows" if contest.temporal else "other customers"
    return (
        f"{name} won on {len(contest.holdout)} customers of the latest closed window, trained on "
        f"{how}: the simplest that no other beats by more than chance (log loss: {told})."
    )


def importance(holdout: Table, model: Model, *, seed: int) -> dict[str, float]:
    """Return by how much the log loss grows when a feature is shuffled among the customers."""
    chance = np.random.default_rng(seed)
    kept = chance.permutation(len(holdout))[:IMPORTANCE_ROWS]
    rows, outcomes = holdout.rows[kept], holdout.outcomes[kept]
    least = log_loss(outcomes, model.predict(rows))
    found = {}
    for place, name in enumerate(holdout.names):
        shuffled = rows.copy()
        shuffled[:, place] = chance.permutation(rows[:, place])
        found[name] = log_loss(outcomes, model.predict(shuffled)) - least
    return found


IMPORTANCE_ROWS = 5000


def golden_rows(rows: Floats, *, seed: int) -> Floats:
    """Return rows to check an export with: as they are, with holes, and one of nothing at all."""
    chance = np.random.default_rng(seed)
    chosen = rows[chance.permutation(len(rows))[: GOLDEN // 2]]
    holed = np.where(chance.random(chosen.shape) < 0.2, np.nan, chosen)
    return np.vstack([chosen, holed, np.full((1, rows.shape[1]), np.nan)])
