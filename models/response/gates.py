"""Gates of response: those of the lot, and that no more is claimed than is known."""

from collections.abc import Callable, Iterator
from functools import wraps

import numpy as np

from models.data_gates import closed, copied, drift, horizon, leak
from models.drift import latest
from models.effects import Z95, ranking
from models.evaluation import auc, calibration_error, log_loss
from models.merit_gates import CALIBRATION, TOO_GOOD, WORSE, paired, worth
from models.response.belief import slope
from models.response.lot_gates import assigned, by_lot, effect, label_rate, rows
from models.score_gates import agreement_gate
from models.scoring import load_vectorised
from models.tables import Bools, Floats, Table
from models.trial import Gate, Refusal, RowTrial
from models.volume_gates import volume


def learned(gate: Gate) -> Gate:
    """Return the gate for models that tell customers apart; one rate for all needs none."""

    @wraps(gate)
    def only(trial: RowTrial) -> Iterator[Refusal]:
        if trial.challenger.holdout is not None:
            yield from gate(trial)

    return only


def both_learned(gate: Gate) -> Gate:
    """Return the gate for models that tell customers apart, beside champions that do."""

    @wraps(gate)
    def only(trial: RowTrial) -> Iterator[Refusal]:
        if trial.challenger.holdout is not None and trial.reference.get("learned"):
            yield from gate(trial)

    return only


def calibration(trial: RowTrial) -> Iterator[Refusal]:
    """In each arm, what it says comes true about as often (ECE)."""
    holdout = trial.challenger.holdout
    if holdout is None:
        return
    table, said = holdout.table, _own(holdout.table, holdout.predictions)
    for name, chosen in (("contacted", table.arms), ("left alone", ~table.arms)):
        error = calibration_error(table.outcomes[chosen], said[chosen])
        if error > CALIBRATION:
            yield Refusal(
                "calibration", error, CALIBRATION,
                f"What it says of those {name} is off by {error:.1%} in the mean (ECE).",
            )  # fmt: skip


QINI = 0.002
"""By how much less a ranking may gain a customer, if it is so by more than chance."""


def duel(trial: RowTrial) -> Iterator[Refusal]:
    """In the latest quarter, it foretells and ranks no worse than the champion, nor far better."""
    holdout, rival = trial.challenger.holdout, trial.defended
    if holdout is None or rival is None:
        return
    now = latest(holdout.table)
    table, said, rival = holdout.table.where(now), holdout.predictions[now], rival[now]
    few = min(table.arms.sum(), (~table.arms).sum()) < FEW_NOW
    if not few and len(np.unique(table.outcomes)) > 1:
        yield from _foretold(table, said, rival, seed=trial.challenger.seed)
        yield from _ranked(table, said[:, 1], rival[:, 1], seed=trial.challenger.seed)


def _foretold(table: Table, said: Floats, rival: Floats, *, seed: int) -> Iterator[Refusal]:
    own, other = _own(table, said), _own(table, rival)
    gap, low, _ = paired(log_loss, table.outcomes, own, other, seed=seed)
    if gap > WORSE["log_loss"] and low > 0:
        yield Refusal(
            "duel", gap, WORSE["log_loss"], f"Its log loss is {gap:.3f} above the champion's."
        )
    _, low, _ = paired(auc, table.outcomes, own, other, seed=seed)
    if low > TOO_GOOD and np.ptp(rival[:, 0]) > 0:
        yield Refusal(
            "duel", low, TOO_GOOD, f"Its AUC is at least {low:.3f} above the champion's: a leak?"
        )


def _ranked(table: Table, uplift: Floats, rival: Floats, *, seed: int) -> Iterator[Refusal]:
    if not np.ptp(uplift) and not np.ptp(rival):
        return
    gap, _, high = paired(_qini(table.arms), table.outcomes, uplift, rival, seed=seed)
    if -gap > QINI and high < 0:
        yield Refusal("duel", -gap, QINI, f"Its Qini is {-gap:.4f} below the champion's.")


FEW_NOW = 100
"""Customers of an arm, in the latest quarter, below which nobody is compared."""


def _qini(arm: Bools) -> Callable[[Floats, Floats, Floats], float]:
    return lambda outcomes, uplift, weights: ranking(outcomes, arm, uplift, weights).qini


def claimed(trial: RowTrial) -> Iterator[Refusal]:
    """Customers are only said to differ in what contact does where those unseen did."""
    if not len(trial.table):
        return
    uplift = load_vectorised(trial.challenger.export)(trial.table.rows)["uplift"]
    if not float(np.ptp(uplift)) > SAME:
        return
    holdout, sure = trial.challenger.holdout, 0.0
    if holdout is not None:
        said, table = holdout.predictions, holdout.table
        chances = np.column_stack([said[:, 0], said[:, 0] - said[:, 1]])
        found = slope(table.outcomes, table.arms, chances)
        sure = found.value / max(1e-12, (found.high - found.low) / (2 * Z95))
    if sure < 1.0:
        yield Refusal(
            "claimed", sure, 1.0,
            "It says that contact changes some customers more than others; those it had not seen "
            "do not show it.",
        )  # fmt: skip


SAME = 1e-9


def scores(trial: RowTrial) -> Iterator[Refusal]:
    """A response is from 0 to 1, an uplift from -1 to 1, and both are numbers for everybody."""
    told = load_vectorised(trial.challenger.export)(trial.table.rows)
    for name, least in (("response", 0.0), ("uplift", -1.0)):
        inside = (told[name] >= least) & (told[name] <= 1.0)
        if not inside.all():
            share = float(inside.mean())
            yield Refusal("scores", share, 1.0, f"{name} is out of bounds for {1 - share:.0%}.")


def _own(table: Table, said: Floats) -> Floats:
    """Return the chance that was said to be each customer's, in the arm that they were in.

    Of who was left alone it is what an uplift, drawn to the mean effect, leaves of a response, and
    that may be nothing, or less.
    """
    own = np.where(table.arms, said[:, 0], said[:, 0] - said[:, 1])
    return np.clip(own, DOUBT, 1 - DOUBT)


DISAGREEMENT = 0.15
"""An arm has fewer rows than a shop: of honest models a month apart, .105 was seen."""
DOUBT = 0.01
"""Nobody is held to be surer."""


GATES: tuple[Gate, ...] = (
    rows, closed, volume, horizon, assigned, label_rate, learned(drift), learned(copied),
    learned(leak), by_lot, learned(worth), calibration, duel, effect,
    claimed, scores, both_learned(agreement_gate(DISAGREEMENT)),
)  # fmt: skip
