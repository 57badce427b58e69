"""Gates of the lot: whether it alone decided who was contacted, and both arms are all there."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.competition import folds
from models.data_gates import LEAST_SHARE, RATE_MOVE
from models.drift import arms
from models.effects import Z95
from models.evaluation import auc
from models.recipes import Boosting
from models.trial import Refusal, RowTrial

FEW = 500
"""Rows of an arm below which shares of it say little."""


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
    if trial.challenger.holdout is None:
        return
    table = trial.challenger.holdout.table
    arm = table.arms
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


def effect(trial: RowTrial) -> Iterator[Refusal]:
    """Contact changes about as much as when the champion was trained."""
    known = trial.champion.card.get("metrics", {}).get("effect") if trial.champion else None
    found = trial.challenger.metrics.get("effect")
    told = [arm["rows"] for arm in arms(trial.table).values()]
    if (
        not known
        or None in known.values()
        or found is None
        or min(told, default=0) < FEW_TO_COMPARE
    ):
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


FEW_TO_COMPARE = 100
LEAST_SURE = 2.0
"""Standard errors, as if both were of different customers; most are the same ones."""
