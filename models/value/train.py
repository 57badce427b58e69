"""Training of value: orders and spend to expect in 90 days and in a year, and the next order."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.amounts import MEASURES, Amount, Scale
from models.competition import Contest, Model, compete, fitted
from models.evaluation import figures
from models.inspection import golden_rows, importance
from models.recipes import Rule, amount_menu, telling
from models.tables import Floats, Table
from models.trained import Figure, Holdout, Trained
from models.value.features import ORDERS_RULE, OUTCOMES, SPEND_RULE, YEAR

LEAST_CUSTOMERS, LEAST_DAYS = 500, 180
SHORT = {"orders_90": ("orders", ORDERS_RULE), "value_90": ("spend", SPEND_RULE)}
LONG = {"orders_365": ("orders", ORDERS_RULE), "value_365": ("spend", SPEND_RULE)}
OUTPUTS = (*SHORT, *LONG, "next_order")
FARTHEST = 3650.0
"""Days beyond which no next order is foretold."""
STAYING = 0.7
"""What a rate comes true of, before any row was seen. Source: CDNOW and Online Retail."""


def train(table: Table, *, seed: int, days: int | None = None) -> Trained:
    """Return the best calibrated of rule, Poisson regression and boosting for each output.

    Args:
        table: outcomes as `features.OUTCOMES` names them; `horizon` is that of the 90 days.
        days: how far back the company's purchases reach; None where it is known to be enough.
    """
    lack = shortage(table, days)
    near = _of(table, "orders", table.horizon)
    models: dict[str, Model] = {}
    rehearsals: dict[str, Model] = {}
    contests: dict[str, Contest] = {}
    for output, (what, rule) in SHORT.items():
        part, place = _of(table, what, table.horizon), table.names.index(rule)
        task = Amount(rule=STAYING * table.horizon)
        if lack:
            models[output] = rehearsals[output] = _rule(part, place, task, seed=seed)
            continue
        contest = contests[output] = compete(part, amount_menu(place), task, seed=seed)
        models[output] = fitted(contest.recipes[contest.winner], part, task, seed=seed)
        rehearsals[output] = contest.models[contest.winner]
    for kept in (models, rehearsals):
        kept["next_order"] = _waiting(kept["orders_90"], near, table)
    for output, (what, rule) in LONG.items():
        short = output.replace("365", "90")
        far = _of(table, f"{what}_365", YEAR)
        if not lack and Amount().is_enough(far.outcomes):
            task = Amount(rule=STAYING * YEAR)
            contest = compete(far, amount_menu(table.names.index(rule)), task, seed=seed)
            models[output] = fitted(contest.recipes[contest.winner], far, task, seed=seed)
            rehearsals[output] = contest.models[contest.winner]
        else:
            growth = _growth(table, what)
            for kept in (models, rehearsals):
                kept[output] = _stretched(kept[short], growth)
    return _handed_over(table, lack, models, rehearsals, contests, seed=seed)


def shortage(table: Table, days: int | None) -> str:
    """Return what there is too little of, as a sentence for people; nothing where it is enough."""
    customers = len(np.unique(table.customers))
    if customers < LEAST_CUSTOMERS:
        return f"{customers} customers have bought; learning begins at {LEAST_CUSTOMERS}"
    if days is not None and days < LEAST_DAYS:
        return f"purchases reach {days} days back; learning begins at {LEAST_DAYS}"
    if not len(telling(table.rows)):
        return f"nothing that tells {customers} customers apart is known of them"
    bought = _of(table, "orders", table.horizon).outcomes
    if not Amount().is_enough(bought):
        return f"{int((bought > 0).sum())} rows with a purchase; learning begins at 100"
    return ""


def _of(table: Table, what: str, horizon: int) -> Table:
    """Return the table with one outcome alone, where it is known."""
    outcomes = table.outcomes.reshape(len(table), len(OUTCOMES))[:, OUTCOMES.index(what)]
    return replace(table, outcomes=outcomes, horizon=horizon).clean()


def _rule(table: Table, place: int, task: Amount, *, seed: int) -> Model:
    recipe = Rule(place)
    fit = recipe.fit(table.rows, table.outcomes, seed=seed)
    scale = task.calibrate(recipe, fit.raw(table.rows), table.outcomes, seed=seed)
    return Model(recipe, fit, scale)


def _waiting(orders: Model, near: Table, table: Table) -> Model:
    """Return the days to the next order, if orders came at random at the expected rate.

    Orders come in clumps; so the rate is slowed until as many buy within the horizon as did.
    """
    scale = orders.calibration
    if not isinstance(scale, Scale):
        raise TypeError("orders are calibrated by a scale")
    share = float((near.outcomes > 0).mean()) if len(near) else 0.5
    rates = scale(orders.fit.raw(near.rows)) if len(near) else np.ones(1)
    slow, fast = 0.01, 100.0
    for _ in range(60):
        middle = (slow * fast) ** 0.5
        slow, fast = (middle, fast) if -np.expm1(-middle * rates).mean() < share else (slow, middle)
    wait = table.horizon / (scale.scale * (slow * fast) ** 0.5)
    return Model(orders.recipe, orders.fit, Scale(wait, slope=-1.0, most=FARTHEST))


def _growth(table: Table, what: str) -> float:
    """Return how much more a year brings than the horizon, as customers fall away.

    Totals are taken to grow with a power of the days, read off the two halves of the horizon.
    """
    half = float(_of(table, f"{what}_half", table.horizon).outcomes.sum())
    whole = float(_of(table, what, table.horizon).outcomes.sum())
    days = table.horizon // 2 / table.horizon
    power = np.log(half / whole) / np.log(days) if 0 < half < whole else 1.0
    return float((YEAR / table.horizon) ** np.clip(power, 0.5, 1.0))


def _stretched(model: Model, growth: float) -> Model:
    scale = model.calibration
    if not isinstance(scale, Scale):
        raise TypeError("amounts are calibrated by a scale")
    return Model(model.recipe, model.fit, Scale(scale.scale * growth))


def export(table: Table, models: Mapping[str, Model]) -> Mapping[str, Any]:
    """Return the models as data."""
    outputs = {name: models[name].export() for name in OUTPUTS}
    return {"format": 1, "features": list(table.names), "outputs": outputs}


def _handed_over(
    table: Table, lack: str, models: Mapping[str, Model], rehearsals: Mapping[str, Model],
    contests: Mapping[str, Contest], *, seed: int,
) -> Trained:  # fmt: skip
    golden = golden_rows(table.rows, seed=seed)
    reason, metrics, holdout = f"The calibrated rule alone: {lack}.", {}, None
    task = Amount()
    if contests:
        reason = " ".join(f"{name}: {one.reason(task)}" for name, one in contests.items())
        metrics = _metrics(contests, seed=seed)
        holdout = _holdout(contests)
    value = contests.get("value_90")
    return Trained(
        name="value",
        outputs=OUTPUTS,
        features=table.names,
        export=export(table, models),
        rehearsal=export(table, rehearsals),
        estimator=dict(models),
        winner=models["value_90"].recipe.name,
        reason=reason,
        metrics=metrics,
        candidates=value.figures(task) if value else {},
        calibration=_deciles(value) if value else (),
        importance=(
            importance(value.holdout, value.models[value.winner], task, seed=seed) if value else {}
        ),
        holdout=holdout,
        golden=golden,
        expected=np.column_stack([models[name].predict(golden) for name in OUTPUTS]),
        rows=len(table),
        cuts=tuple(map(int, np.unique(table.cuts))),
        horizon=table.horizon,
        seed=seed,
    )  # fmt: skip


def _metrics(contests: Mapping[str, Contest], *, seed: int) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for name, one in contests.items():
        judged = one.judged
        told = figures(judged.table.outcomes, judged.predictions, seed=seed, measures=MEASURES)
        found |= {f"{name}.{what}": figure for what, figure in told.items()}
    return found


def _holdout(contests: Mapping[str, Contest]) -> Holdout:
    """Return outcomes and predictions of the outputs in 90 days, a column each."""
    judged = [contests[name].judged for name in SHORT]
    outcomes: Floats = np.column_stack([one.table.outcomes for one in judged])
    said: Floats = np.column_stack([one.predictions for one in judged])
    return Holdout(replace(judged[0].table, outcomes=outcomes), said)


def _deciles(contest: Contest) -> tuple[tuple[float, float, int], ...]:
    outcomes, said = contest.holdout.outcomes, contest.judged.predictions
    parts = np.array_split(np.argsort(said, kind="stable"), 10)
    return tuple(
        (float(said[part].mean()), float(outcomes[part].mean()), len(part)) for part in parts
    )
