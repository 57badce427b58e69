"""Gates of response: that the arms were drawn by lot, and that no more is claimed than is known."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

import numpy as np

from models.competition import folds
from models.data_gates import LEAST_SHARE, RATE_MOVE, closed, copied, drift, horizon, leak
from models.drift import arms, latest
from models.effects import Z95, ranking
from models.evaluation import auc, calibration_error, log_loss
from models.merit_gates import CALIBRATION, WORSE, paired, worth
from models.recipes import Boosting
from models.response.belief import slope
from models.score_gates import agreement
from models.scoring import load_vectorised
from models.tables import Bools, Floats, Table
from models.trial import Gate, Refusal, RowTrial
from models.volume_gates import volume

FEW = 500
"""Rows of an arm below which shares of it say little."""


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


def rows(trial: RowTrial) -> Iterator[Refusal]:
    """Neither arm is much smaller than the champion's was, nor is less learned than then."""
    before = trial.reference
    for name, arm in before.get("arms", {}).items():
        share = arms(trial.table)[name]["rows"] / max(1, arm["rows"])
        if arm["rows"] >= FEW and share < LEAST_SHARE:
            yield Refusal(
                "rows", share, LEAST_SHARE,
                f"Of those {name} there are {share:.2f} times the exposures the champion had.",
            )  # fmt: skip
    if before.get("learned") and trial.challenger.holdout is None:
        yield Refusal("rows", len(trial.table), before["rows"], trial.challenger.reason)


SURE = 4.0
"""Standard errors; chance alone is as far off once in 16,000 times."""


def assigned(trial: RowTrial) -> Iterator[Refusal]:
    """As many were contacted as by the lot, or as when the champion was trained.

    A campaign whose control group was made larger has entries by both lots for a year: they change
    from week to week, but not by much.

    Source: Fabijan et al. 2019, Diagnosing Sample Ratio Mismatch in Online Controlled Experiments.
    """
    table = trial.table
    if table.contacted is None or table.chances is None or not len(table):
        return
    share, lot = float(table.contacted.mean()), float(table.chances.mean())
    limits = [SURE * np.sqrt(lot * (1 - lot) / trial.customers)]
    gaps = [abs(share - lot)]
    known = [arm["rows"] for arm in trial.reference.get("arms", {}).values()]
    if known and all(known):
        then = known[0] / sum(known)
        doubt = 1 / trial.customers + 1 / trial.reference["customers"]
        gaps.append(abs(share - then))
        limits.append(SURE * np.sqrt(then * (1 - then) * doubt))
    if all(gap > limit for gap, limit in zip(gaps, limits, strict=True)):
        yield Refusal(
            "assigned", gaps[0], float(limits[0]),
            f"{share:.1%} were in the contacted arm; the lot gives it {lot:.1%}.",
        )  # fmt: skip


def label_rate(trial: RowTrial) -> Iterator[Refusal]:
    """Some act and some do not, in each arm about as often as when the champion was trained."""
    before = trial.reference.get("arms", {})
    for name, arm in arms(trial.table).items():
        size, rate = arm["rows"], arm["rate"]
        if size < FEW:
            continue
        if rate in (0.0, 1.0):
            yield Refusal("label_rate", rate, 1 - rate, f"Of those {name} {rate:.0%} acted.")
        elif name in before and before[name]["rows"] >= FEW:
            then = float(np.clip(before[name]["rate"], 0.5 / size, 1 - 0.5 / size))
            moved = abs(float(np.log(rate / (1 - rate)) - np.log(then / (1 - then))))
            doubt = 1 / (size * rate * (1 - rate)) + 1 / (before[name]["rows"] * then * (1 - then))
            if moved > max(RATE_MOVE, SURE * float(np.sqrt(doubt))):
                yield Refusal(
                    "label_rate", moved, RATE_MOVE,
                    f"Of those {name} {rate:.1%} acted; {then:.1%} had when the champion was "
                    "trained.",
                )  # fmt: skip


TOLD = 0.02
"""By how much features may tell the arm: who was merged is held out a little more often, since ever
held out stays held out."""


def by_lot(trial: RowTrial) -> Iterator[Refusal]:
    """Features do not tell who was contacted: of arms drawn by lot, nothing does."""
    table = _judged(trial)
    arm = _contacted(table)
    told = np.empty(len(table))
    drawn = replace(table, outcomes=arm.astype(np.float64))
    for others, fold in folds(drawn, trial.challenger.seed):
        fit = Boosting().fit(table.rows[others], drawn.outcomes[others], seed=0)
        told[fold] = fit.raw(table.rows[fold])
    area = auc(drawn.outcomes, told)
    limit = 0.5 + TOLD + SURE * float(np.sqrt(1 / (12 * min(arm.sum(), (~arm).sum()))))
    if area > limit:
        yield Refusal(
            "by_lot", area, limit, f"Features tell who was contacted: AUC {area:.3f}; no lot fell."
        )


def calibration(trial: RowTrial) -> Iterator[Refusal]:
    """In each arm, what it says comes true about as often (ECE)."""
    table = _judged(trial)
    arm, said = _contacted(table), _own(table, trial.challenger.holdout.predictions)  # type: ignore[union-attr]
    for name, chosen in (("contacted", arm), ("left alone", ~arm)):
        error = calibration_error(table.outcomes[chosen], said[chosen])
        if error > CALIBRATION:
            yield Refusal(
                "calibration", error, CALIBRATION,
                f"What it says of those {name} is off by {error:.1%} in the mean (ECE).",
            )  # fmt: skip


LEAP = 0.04
"""As `merit_gates.TOO_GOOD`."""
QINI = 0.002
"""By how much less a ranking may gain a customer, if it is so by more than chance."""


def duel(trial: RowTrial) -> Iterator[Refusal]:
    """In the latest quarter, it foretells and ranks no worse than the champion, nor far better."""
    holdout, rival = trial.challenger.holdout, trial.defended
    if holdout is None or rival is None:
        return
    now = latest(holdout.table)
    table, said, rival = holdout.table.where(now), holdout.predictions[now], rival[now]
    arm, seed = _contacted(table), trial.challenger.seed
    if min(arm.sum(), (~arm).sum()) < FEW_NOW or len(np.unique(table.outcomes)) < 2:
        return
    own, other = _own(table, said), _own(table, rival)
    gap, low, _ = paired(log_loss, table.outcomes, own, other, seed=seed)
    if gap > WORSE["log_loss"] and low > 0:
        yield Refusal(
            "duel", gap, WORSE["log_loss"], f"Its log loss is {gap:.3f} above the champion's."
        )
    _, low, _ = paired(auc, table.outcomes, own, other, seed=seed)
    if low > LEAP and np.ptp(rival[:, 0]) > 0:
        yield Refusal(
            "duel", low, LEAP, f"Its AUC is at least {low:.3f} above the champion's: a leak?"
        )
    if np.ptp(said[:, 1]) or np.ptp(rival[:, 1]):
        gap, _, high = paired(_qini(arm), table.outcomes, said[:, 1], rival[:, 1], seed=seed)
        if -gap > QINI and high < 0:
            yield Refusal("duel", -gap, QINI, f"Its Qini is {-gap:.4f} below the champion's.")


FEW_NOW = 100


def _qini(arm: Bools) -> Callable[[Floats, Floats, Floats], float]:
    return lambda outcomes, uplift, weights: ranking(outcomes, arm, uplift, weights).qini


def effect(trial: RowTrial) -> Iterator[Refusal]:
    """Contact changes about as much as when the champion was trained."""
    known = trial.champion.card.get("metrics", {}).get("effect") if trial.champion else None
    found = trial.challenger.metrics.get("effect")
    if not known or None in known.values() or found is None or not np.isfinite(found.low):
        return
    widths = (found.high - found.low, known["high"] - known["low"])
    limit = LEAST_SURE * float(np.hypot(*widths)) / (2 * Z95)
    moved = abs(found.value - known["value"])
    if moved > limit:
        yield Refusal(
            "effect", moved, limit,
            f"Contact changes {found.value:+.3f}; when the champion was trained it changed "
            f"{known['value']:+.3f}.",
        )  # fmt: skip


LEAST_SURE = 2.0
"""Standard errors, as if both were of different customers; most are the same ones."""


def claimed(trial: RowTrial) -> Iterator[Refusal]:
    """Customers are only said to differ in what contact does where those unseen did."""
    if not len(trial.table):
        return
    uplift = load_vectorised(trial.challenger.export)(trial.table.rows)["uplift"]
    if not float(np.ptp(uplift)) > SAME:
        return
    holdout, worth = trial.challenger.holdout, 0.0
    if holdout is not None:
        said, table = holdout.predictions, holdout.table
        chances = np.column_stack([said[:, 0], said[:, 0] - said[:, 1]])
        found = slope(table.outcomes, _contacted(table), chances)
        worth = found.value / max(1e-12, (found.high - found.low) / (2 * Z95))
    if worth < 1.0:
        yield Refusal(
            "claimed", worth, 1.0,
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


def _judged(trial: RowTrial) -> Table:
    if trial.challenger.holdout is None:
        raise AssertionError("only asked of models that were judged on customers unseen")
    return trial.challenger.holdout.table


def _contacted(table: Table) -> Bools:
    if table.contacted is None:
        raise ValueError("a table of responses tells who was contacted")
    return table.contacted


def _own(table: Table, said: Floats) -> Floats:
    """Return the chance that was said to be each customer's, in the arm that they were in."""
    own = np.where(_contacted(table), said[:, 0], said[:, 0] - said[:, 1])
    return np.clip(own, 0.0, 1.0)


GATES: tuple[Gate, ...] = (
    rows, closed, volume, horizon, assigned, label_rate, learned(drift), learned(copied),
    learned(leak), learned(by_lot), learned(worth), learned(calibration), duel, effect,
    claimed, scores, both_learned(agreement),
)  # fmt: skip
