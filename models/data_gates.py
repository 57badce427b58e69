"""Gates of the data: whether there is as much of it, of the same kind, as the champion had."""

from collections.abc import Iterator, Mapping

import numpy as np

from models.drift import alone, copies, finite, means, psi
from models.trial import Refusal, RowTrial

LEAST_SHARE, MOST_SHARE = 0.6, 1.6
"""Of the champion's customers: samples are of the same size, companies do not grow by half within
a week."""
HORIZON = 1.25
DRIFT = 0.25
"""Source: Siddiqi 2006: below .1 no change, from .25 a major one."""
COPIES = 0.1


def as_many(share: float) -> Iterator[Refusal]:
    """Speak against a sample that has more or fewer customers, as a share of the champion's."""
    if not LEAST_SHARE <= share <= MOST_SHARE:
        limit = LEAST_SHARE if share < LEAST_SHARE else MOST_SHARE
        yield Refusal(
            "rows", share, limit, f"There are {share:.2f} times the customers the champion had."
        )


def rows(trial: RowTrial) -> Iterator[Refusal]:
    """There are about as many customers and windows as the champion had."""
    before = trial.reference
    if not before:
        return
    yield from as_many(trial.customers / max(1, before["customers"]))
    windows = len(np.unique(trial.table.cuts))
    if windows < before["windows"] - 1:
        yield Refusal(
            "rows", windows, before["windows"] - 1,
            f"{windows} windows have closed; the champion had {before['windows']}.",
        )  # fmt: skip
    if before["learned"] and trial.challenger.holdout is None:
        yield Refusal("rows", len(trial.table), before["rows"], trial.challenger.reason)


def closed(trial: RowTrial) -> Iterator[Refusal]:
    """No window reaches beyond what is known."""
    if trial.today is not None and len(trial.table):
        ends = int(trial.table.cuts.max()) + trial.table.horizon
        if ends > trial.today:
            yield Refusal(
                "closed", ends, trial.today,
                f"The latest window closes {ends - trial.today} days after the last that is known.",
            )  # fmt: skip


def horizon(trial: RowTrial) -> Iterator[Refusal]:
    """The horizon, which is the company's rhythm, is about what it was."""
    before = trial.reference.get("horizon", trial.table.horizon)
    ratio = trial.table.horizon / before
    if not 1 / HORIZON <= ratio <= HORIZON:
        yield Refusal(
            "horizon", trial.table.horizon, before * (HORIZON if ratio > 1 else 1 / HORIZON),
            f"The horizon is {trial.table.horizon} days; the champion's is {before}.",
        )  # fmt: skip


def drift(trial: RowTrial) -> Iterator[Refusal]:
    """No feature is spread otherwise than it was; the unknown count as a value."""
    before = trial.reference
    known: Mapping[str, Mapping[str, list[float]]] = before.get("features", {})
    table = finite(trial.table)
    for place, name in enumerate(table.names):
        if name not in known:
            continue
        moved = psi(
            known[name], table.rows[:, place], customers=trial.customers, before=before["customers"]
        )
        if moved > DRIFT:
            yield Refusal("drift", moved, DRIFT, f"{name} has drifted: PSI {moved:.2f}.")


def copied(trial: RowTrial) -> Iterator[Refusal]:
    """Hardly more customers are another's double than there were."""
    limit = min(0.9, trial.reference.get("copies", 0.4) + COPIES)
    share = copies(trial.table)
    if share > limit and len(trial.table) >= FEW:
        yield Refusal(
            "copied", share, limit, f"{share:.0%} of the rows are another customer's too."
        )


FEW = 100
"""Rows below which shares say little."""
RATE_LEAST, RATE_MOST = 0.01, 0.99
RATE_MOVE = 0.4
"""By how much log-odds of the outcome may move: at a half, ten points."""


def label_rate(trial: RowTrial) -> Iterator[Refusal]:
    """The outcome is about as frequent in the latest window as it was in the champion's."""
    if len(trial.table) < FEW:
        return
    (rate, *_) = means(trial.table)
    if not RATE_LEAST <= rate <= RATE_MOST:
        limit = RATE_LEAST if rate < RATE_LEAST else RATE_MOST
        yield Refusal("label_rate", rate, limit, f"{rate:.1%} of the customers have the outcome.")
        return
    if "outcomes" in trial.reference:
        before = float(np.clip(trial.reference["outcomes"][0], RATE_LEAST, RATE_MOST))
        moved = abs(float(np.log(rate / (1 - rate)) - np.log(before / (1 - before))))
        if moved > RATE_MOVE:
            yield Refusal(
                "label_rate", moved, RATE_MOVE,
                f"{rate:.1%} have the outcome; {before:.1%} had when the champion was trained.",
            )  # fmt: skip


ALONE, ALONE_MOVE = 0.95, 0.1


def leak(trial: RowTrial) -> Iterator[Refusal]:
    """No feature alone tells the outcome, nor does it much better than it did."""
    if len(trial.table) < FEW:
        return
    before = trial.reference.get("alone", {})
    for name, area in alone(finite(trial.table)).items():
        limit = min(ALONE, before.get(name, 1.0) + ALONE_MOVE)
        if area > limit:
            yield Refusal("leak", area, limit, f"{name} alone tells the outcome: AUC {area:.3f}.")
