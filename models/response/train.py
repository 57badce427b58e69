"""Training of response: the chance to act if contacted and if not, and what contact changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.calibration import Platt, Prior, logistic
from models.chance import Chance
from models.competition import Model, Task, fitted, folds
from models.effects import difference, qini
from models.evaluation import calibration_table, figures
from models.inspection import golden_rows, importance
from models.recipes import Boosting, Logistic, Recipe
from models.tables import Bools, Floats, Table
from models.trained import Figure, Holdout, Trained

OUTPUTS = ("response", "uplift")
PRIOR_RATE, PRIOR_ROWS = 0.02, 50.0
"""What an arm is held to before anybody was in it: as if 50 had been, of whom 2 % acted."""
LEAST_SURE = 2.0
"""Standard errors by which differences between customers must be told before they are believed."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The candidate that knows nothing of the customer: the rate of the arm, drawn to the prior."""

    name: str = "prior"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "ConstantFit":
        """Return the rate as log-odds."""
        rate = (outcomes.sum() + PRIOR_RATE * PRIOR_ROWS) / (len(outcomes) + PRIOR_ROWS)
        return ConstantFit(float(np.log(rate / (1 - rate))))


@dataclass(frozen=True, slots=True)
class ConstantFit:
    """The same for everybody."""

    odds: float

    def raw(self, rows: Floats) -> Floats:
        return np.full(len(rows), self.odds)

    def export(self) -> Mapping[str, Any]:
        nothing: list[float] = []
        columns = dict.fromkeys(("features", "weights", "low", "high", "missing"), nothing)
        return {"form": "linear", **columns, "offset": self.odds}


@dataclass(frozen=True, slots=True)
class Response:
    """What contacting does: a model of each arm, and how far their difference is believed.

    Attributes:
        belief: 0 to 1: of what is told apart between customers, how much is taken; 0 gives
            everybody the mean effect.
        mean: the mean effect.
    """

    contacted: Model
    alone: Model
    belief: float
    mean: float

    def difference(self, rows: Floats) -> Floats:
        """Return by how much the models of the arms differ."""
        return np.asarray(self.contacted.predict(rows) - self.alone.predict(rows))

    def predict(self, rows: Floats) -> Floats:
        """Return chance to act if contacted, and uplift, a column each."""
        uplift = self.mean + self.belief * (self.difference(rows) - self.mean)
        return np.column_stack([self.contacted.predict(rows), uplift])

    def export(self, names: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the model as data."""
        contacted, alone = self.contacted.export(), self.alone.export()
        uplift = {
            "form": "sum",
            "terms": [[self.belief, contacted], [-self.belief, alone]] if self.belief else [],
            "offset": (1 - self.belief) * self.mean,
            "calibration": {"form": "none"},
        }
        outputs = {"response": contacted, "uplift": uplift}
        return {"format": 1, "features": list(names), "outputs": outputs}


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
    if table.contacted is None:
        raise ValueError("a table of responses tells who was contacted")
    table = table.clean()
    task = Chance(Prior())
    told, lacking = np.empty((len(table), 2)), _lacking(table, task)
    parts = []
    if not lacking:
        for others, fold in folds(table, seed + 1):
            parts.append(_response(table.where(others), task, seed=seed))
            told[fold, 0] = parts[-1].contacted.predict(table.rows[fold])
            told[fold, 1] = parts[-1].alone.predict(table.rows[fold])
    response = _response(table, task, seed=seed)
    if not lacking:
        response = replace(response, belief=belief(table, told))
    return _handed_over(table, task, response, parts, told, lacking, seed=seed)


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


def _response(table: Table, task: Chance, *, seed: int) -> Response:
    arms = _arms(table)
    contacted, alone = (_model(table.where(arm), task, seed=seed) for arm in (arms, ~arms))
    means = [float(one.predict(table.where(arm).rows).mean()) if arm.any() else PRIOR_RATE
             for one, arm in ((contacted, arms), (alone, ~arms))]  # fmt: skip
    return Response(contacted, alone, 0.0, means[0] - means[1])


def _model(table: Table, task: Chance, *, seed: int) -> Model:
    """Return the model of one arm: the candidate of least loss on customers it had not seen."""
    prior = Constant()
    if not task.is_enough(table.outcomes):
        return Model(prior, prior.fit(table.rows, table.outcomes, seed=seed), Platt(1.0, 0.0))
    best: tuple[float, Recipe] | None = None
    for recipe in (Logistic(0.01), Boosting()):
        loss = _loss(table, recipe, task, seed=seed)
        if best is None or loss < best[0]:
            best = (loss, recipe)
    if best is None:
        raise AssertionError("no candidates")
    return fitted(best[1], table, task, seed=seed)


def _loss(table: Table, recipe: Recipe, task: Task, *, seed: int) -> float:
    total = 0.0
    for others, fold in folds(table, seed):
        fit = recipe.fit(table.rows[others], table.outcomes[others], seed=seed)
        total += float(task.losses(table.outcomes[fold], logistic(fit.raw(table.rows[fold]))).sum())
    return total / len(table)


def belief(table: Table, told: Floats) -> float:
    """Return how much of the differences between customers is real, 0 to 1; 0 where it may be none.

    It is the slope of what contact did on what it was said to do, by customers that the models had
    not seen. What it did to one of them is read off with both models and the inverse chance of
    the arm, which is right on average whatever the models say.

    Args:
        told: (rows, 2): chances if contacted and if not.

    Source: the doubly robust score, Kennedy 2023; best linear predictor, Chernozhukov et al. 2018.
    """
    arms = _arms(table).astype(np.float64)
    share = float(arms.mean())
    y, said = table.outcomes, told[:, 0] - told[:, 1]
    done = said + arms * (y - told[:, 0]) / share - (1 - arms) * (y - told[:, 1]) / (1 - share)
    centred = said - said.mean()
    spread = float(centred @ centred)
    if spread < 1e-12:
        return 0.0
    slope = float(centred @ done) / spread
    left = done - done.mean() - slope * centred
    error = float(np.sqrt((centred**2 * left**2).sum())) / spread
    return float(np.clip(slope, 0.0, 1.0)) if slope > LEAST_SURE * error else 0.0


def _handed_over(
    table: Table, task: Chance, response: Response, parts: list[Response], told: Floats,
    lacking: str, *, seed: int,
) -> Trained:  # fmt: skip
    arms, golden = _arms(table), golden_rows(table.rows, seed=seed)
    effect = difference(table.outcomes[arms], table.outcomes[~arms])
    metrics: dict[str, Figure] = {"effect": effect}
    holdout: Holdout | None = None
    calibration: tuple[tuple[float, float, int], ...] = ()
    weighed: Mapping[str, float] = {}
    if parts:
        own = np.where(arms, told[:, 0], told[:, 1])
        metrics |= figures(table.outcomes, own, seed=seed)
        metrics["qini"] = qini(table.outcomes, arms, told[:, 0] - told[:, 1], seed=seed)
        holdout = Holdout(table, np.column_stack([told[:, 0], told[:, 0] - told[:, 1]]))
        calibration = calibration_table(table.outcomes, own)
        weighed = importance(table.where(arms), response.contacted, task, seed=seed)
    rehearsal = replace(parts[0], belief=response.belief) if parts else response
    return Trained(
        name="response",
        outputs=OUTPUTS,
        features=table.names,
        export=response.export(table.names),
        rehearsal=rehearsal.export(table.names),
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
    )


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
