"""Training of response: the chance to act if contacted and if not, and what contact changes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.calibration import Prior
from models.chance import Chance
from models.competition import Model
from models.effects import by_tenths, difference, gains, qini
from models.evaluation import calibration_table, figures
from models.inspection import golden_rows, importance
from models.response.arm import learned
from models.response.balance import balanced
from models.response.belief import belief, slope
from models.response.response import Response
from models.tables import Floats, Table
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
    contacted, alone = (learned(table, arm, task, seed=seed) for arm in (table.arms, ~table.arms))
    told, lacking = np.column_stack([contacted.unseen, alone.unseen]), _lacking(table, task)
    believed = 0.0 if lacking else belief(slope(table.outcomes, table.arms, told))
    response = _response(table, contacted.model, alone.model, believed)
    return _handed_over(table, task, response, told, lacking, seed=seed)


def _lacking(table: Table, task: Chance) -> str:
    """Return which arm has too little to learn from, as a sentence for people; nothing if none."""
    for name, arm in (("contacted", table.arms), ("left alone", ~table.arms)):
        outcomes = table.outcomes[arm]
        if not task.is_enough(outcomes):
            acted = int(outcomes.sum())
            return (
                f"{len(outcomes)} exposures of customers who were {name}, {acted} of whom acted; "
                "learning begins at 500, and 100 of either"
            )
    return ""


def _response(table: Table, contacted: Model, alone: Model, belief: float) -> Response:
    means = [
        float(model.predict(table.rows[arm if arm.any() else ...]).mean())
        for model, arm in ((contacted, table.arms), (alone, ~table.arms))
        if len(table)
    ]
    return Response(contacted, alone, belief, means[0] - means[1] if means else 0.0)


def _rehearsal(table: Table, task: Chance, response: Response, *, seed: int) -> Response:
    """Return the same without the latest quarter, on which later challengers are compared."""
    earlier = table.where(table.cuts < table.cuts.max(initial=0))
    contacted, alone = (
        learned(earlier, arm, task, menu=(recipe,), seed=seed).model
        for arm, recipe in zip((earlier.arms, ~earlier.arms), response.recipes, strict=True)
    )
    return _response(earlier, contacted, alone, response.belief)


def _handed_over(
    table: Table, task: Chance, response: Response, told: Floats, lacking: str, *, seed: int
) -> Trained:
    arms, golden = table.arms, golden_rows(table.rows, seed=seed)
    effect = difference(table.outcomes[arms], table.outcomes[~arms])
    metrics: dict[str, Figure] = {"effect": effect}
    holdout: Holdout | None = None
    calibration: tuple[tuple[float, float, int], ...] = ()
    weighed: Mapping[str, float] = {}
    if not lacking:
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
        extra={"effects": _effects(table, response, told) if not lacking else {}},
    )


def _effects(table: Table, response: Response, told: Floats) -> dict[str, Any]:
    """Return for whom contact changed how much, of customers whom the models had not seen."""
    arms, uplift = table.arms, told[:, 0] - told[:, 1]
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
