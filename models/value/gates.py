"""Gates of value: those of any amounts, and that who buys again is not expected to buy less."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from models import amounts
from models.amounts import Amount
from models.churn.gates import TIMING, often, recent
from models.data_gates import FEW, closed, copied, drift, horizon, rows
from models.drift import columns, means
from models.merit_gates import paired
from models.pockets import by_champion, pockets_gate, pure_gate
from models.score_gates import scores_gate
from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trial import Gate, Refusal, RowTrial
from models.value import features
from models.value.train import FARTHEST, OUTPUTS
from models.volume_gates import rewritten, volume
from portrait.learning.behaviour import Behaviour
from portrait.learning.learning import Learning

LEVEL = 1.6
"""By what factor orders and spend of the latest window may differ from the champion's."""
WORSE = 0.05
"""Share of the loss (Poisson deviance) by which the champion or the rule may be better."""
BIAS = 0.35
"""Source: Online Retail, from quarter to quarter within .2 of what was expected."""
BIAS_MOVE = 0.1


def level(trial: RowTrial) -> Iterator[Refusal]:
    """Customers ordered and spent about as much in the latest window as in the champion's."""
    before = trial.reference.get("outcomes", ())
    for name, now, then in zip(features.OUTCOMES[:2], means(trial.table), before, strict=False):
        ratio = (now + 1e-9) / (then + 1e-9)
        if len(trial.table) >= FEW and not 1 / LEVEL <= ratio <= LEVEL:
            yield Refusal(
                "level", ratio, LEVEL if ratio > 1 else 1 / LEVEL,
                f"Of {name} there were {ratio:.2f} times as many as when the champion was trained.",
            )  # fmt: skip


def duel(trial: RowTrial) -> Iterator[Refusal]:
    """On its own holdout, its loss is not clearly above the champion's."""
    holdout, rival = trial.challenger.holdout, trial.defended
    if holdout is None or rival is None:
        return
    pairs = zip(_columns(holdout.table.outcomes), _columns(holdout.predictions), strict=True)
    for number, (outcomes, said) in enumerate(pairs):
        champion = rival[:, number]
        gap, low, _ = paired(_deviance, outcomes, said, champion, seed=trial.challenger.seed)
        limit = WORSE * _deviance(outcomes, champion, np.ones(len(outcomes)))
        if gap > limit and low > 0:
            name = OUTPUTS[number]
            yield Refusal(
                "duel", gap, limit, f"{name}: its loss is {gap:.3f} above the champion's."
            )


def rule(trial: RowTrial) -> Iterator[Refusal]:
    """The one-line rule's loss is not clearly below its own."""
    told = trial.challenger.candidates
    if trial.challenger.winner in told and "rule" in told:
        own, simple = told[trial.challenger.winner]["deviance"], told["rule"]["deviance"]
        if own > simple * (1 + WORSE):
            yield Refusal(
                "rule",
                own,
                simple * (1 + WORSE),
                f"Its loss is {own:.3f}, the rule's {simple:.3f}.",
            )


def bias(trial: RowTrial) -> Iterator[Refusal]:
    """All that it says of the latest window sums up to about what came.

    A season that brings more or less than the one before is missed by the champion as well.
    """
    holdout, rival = trial.challenger.holdout, trial.defended
    if holdout is None:
        return
    pairs = zip(_columns(holdout.table.outcomes), _columns(holdout.predictions), strict=True)
    for number, (outcomes, said) in enumerate(pairs):
        off, limit = amounts.bias(outcomes, said), BIAS
        if rival is not None:
            limit = max(limit, abs(amounts.bias(outcomes, rival[:, number])) + BIAS_MOVE)
        if abs(off) > limit:
            name = OUTPUTS[number]
            yield Refusal("bias", off, limit, f"{name}: in all it says {off:+.0%} of what came.")


def sane(trial: RowTrial) -> Iterator[Refusal]:
    """Nothing is below 0, a year holds its quarter, and no next order is ten years away for all."""
    if not len(trial.table):
        return
    told = load_vectorised(trial.challenger.export)(trial.table.rows)
    least = min(float(values.min()) for values in told.values())
    if not least >= 0:
        yield Refusal("sane", least, 0.0, f"It says {least:.3g} of somebody.")
    for short, long in (("orders_90", "orders_365"), ("value_90", "value_365")):
        ratio = float(told[long].mean()) / max(1e-12, float(told[short].mean()))
        if ratio < 1:
            yield Refusal("sane", ratio, 1.0, f"{long} is {ratio:.2f} times {short} in the mean.")
    wait = float(np.median(told["next_order"]))
    if wait >= FARTHEST:
        yield Refusal("sane", wait, FARTHEST, "Half of the customers are never to order again.")


FALL = 0.25
"""Share by which orders to expect may fall, anywhere along a sweep, where they should rise."""


def sweeps(trial: RowTrial) -> Iterator[Refusal]:
    """A more recent last purchase never lowers the orders to expect, nor does buying once more."""
    for what, lines in (("a more recent purchase", recent()), ("every purchase made", often())):
        worst = max((_fall(trial, line) for line in lines), default=0.0)
        if worst > FALL:
            yield Refusal("sweeps", worst, FALL, f"Orders fall by {worst:.0%} with {what}.")


def _fall(trial: RowTrial, line: Sequence[Behaviour]) -> float:
    names = trial.table.names
    usual = np.nanmedian(np.vstack([trial.table.rows, np.zeros(len(names))]), axis=0)
    made = np.tile(usual, (len(line), 1))
    told = [name for name in TOLD if name in names]
    for number, one in enumerate(line):
        row = dict(zip(features.names(_NOBODY), features.row(one) or (), strict=True))
        made[number, [names.index(name) for name in told]] = [row[name] for name in told]
    orders = load_vectorised(trial.challenger.export)(made)["orders_90"]
    return float((1 - orders / np.maximum(np.maximum.accumulate(orders), 1e-12)).max())


_NOBODY = Learning()
TOLD = (*TIMING, *features._OWN)
"""What purchases alone make."""


def _expected(trial: RowTrial) -> tuple[Table, Floats] | None:
    """Return who of the customers bought within the horizon, and the chance that they would.

    Next orders are foretold by the rate at which as many buy within the horizon as did.
    """
    orders = columns(trial.table.outcomes)[:, features.OUTCOMES.index("orders")]
    table = replace(trial.table, outcomes=np.where(orders > 0, 1.0, orders)).clean()
    found = by_champion(trial, table, "next_order")
    if found is None:
        return None
    table, wait = found
    return table, -np.expm1(-table.horizon / np.maximum(wait, 1e-9))


def _columns(values: Floats) -> list[Floats]:
    return list(values.reshape(len(values), -1).T)


def _deviance(outcomes: Floats, predictions: Floats, weights: Floats) -> float:
    return float(np.average(Amount().losses(outcomes, predictions), weights=weights))


GATES: tuple[Gate, ...] = (
    rows, closed, volume, rewritten, horizon, level, drift, copied, duel, rule, bias,
    scores_gate(LEVEL), sane, pockets_gate(_expected), pure_gate(_expected), sweeps,
)  # fmt: skip
