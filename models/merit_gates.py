"""Gates of merit: whether a challenger is any better than what stands in its place."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from models.evaluation import Measure, auc, calibration_error, log_loss
from models.tables import Floats
from models.trial import Refusal, RowTrial

RESAMPLES = 300
CONFIDENCE = 0.99


def paired(
    measure: Measure, outcomes: Floats, one: Floats, other: Floats, *, seed: int
) -> tuple[float, float, float]:
    """Return by how much `one` measures more than `other` on the same rows, and its 98 % interval.

    Source: Efron & Tibshirani 1993, the paired bootstrap over customers.
    """
    size = len(outcomes)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=RESAMPLES)
    gaps = [measure(outcomes, one, w) - measure(outcomes, other, w) for w in drawn.astype(float)]
    even = np.ones(size)
    low, high = np.nanquantile(gaps, (1 - CONFIDENCE, CONFIDENCE))
    return measure(outcomes, one, even) - measure(outcomes, other, even), float(low), float(high)


WORSE: Mapping[str, float] = {"auc": 0.03, "log_loss": 0.03}
"""By how much the challenger may be worse, if it is so by more than chance."""
TOO_GOOD = 0.04
"""By how much its AUC may surely surpass the champion's on the same customers, fitted by the same
recipes on data a week older: more is a leak."""


def duel(trial: RowTrial) -> Iterator[Refusal]:
    """On its own holdout, the challenger is not clearly worse than the champion, nor far better."""
    holdout, rival = trial.challenger.holdout, trial.defended
    if holdout is None or rival is None or not _both(holdout.table.outcomes):
        return
    outcomes, said = holdout.table.outcomes, holdout.predictions
    seed = trial.challenger.seed
    gap, low, high = paired(auc, outcomes, said, rival[:, 0], seed=seed)
    if -gap > WORSE["auc"] and high < 0:
        yield Refusal("duel", -gap, WORSE["auc"], f"Its AUC is {-gap:.3f} below the champion's.")
    if low > TOO_GOOD:
        yield Refusal(
            "duel",
            low,
            TOO_GOOD,
            f"Its AUC is at least {low:.3f} above the champion's: a leak?",
        )
    gap, low, _ = paired(log_loss, outcomes, said, rival[:, 0], seed=seed)
    if gap > WORSE["log_loss"] and low > 0:
        yield Refusal(
            "duel", gap, WORSE["log_loss"],
            f"Its log loss is {gap:.3f} above the champion's.",
        )  # fmt: skip


def _both(outcomes: Floats) -> bool:
    return len(np.unique(outcomes)) > 1


LEAST_AUC = 0.55
FALL, LEAP = 0.05, 0.045
"""By how much less, or more, than the champion's its AUC may be, each on its own day."""


def worth(trial: RowTrial) -> Iterator[Refusal]:
    """It tells customers apart, and about as well as the champion did on its own day."""
    figure = trial.challenger.metrics.get("auc")
    if figure is None:
        return
    if not figure.value >= LEAST_AUC:
        yield Refusal("worth", figure.value, LEAST_AUC, f"Its AUC is {figure.value:.3f}.")
    known: Mapping[str, float] | None
    known = trial.champion.card.get("metrics", {}).get("auc") if trial.champion else None
    if known and figure.value < known["value"] - FALL and figure.high < known["low"] + FALL / 2:
        yield Refusal(
            "worth", figure.value, known["value"] - FALL,
            f"Its AUC is {figure.value:.3f}; the champion's was {known['value']:.3f}.",
        )  # fmt: skip
    if known and figure.value > known["value"] + LEAP and figure.low > known["value"]:
        yield Refusal(
            "worth", figure.value, known["value"] + LEAP,
            f"Its AUC is {figure.value:.3f}; the champion's was {known['value']:.3f}: does it "
            "see what comes after?",
        )  # fmt: skip


def rule_gate(place: Callable[[RowTrial], int]) -> Callable[[RowTrial], Iterator[Refusal]]:
    """Return the gate that the one-line rule may not be clearly better at ordering or loss."""

    def rule(trial: RowTrial) -> Iterator[Refusal]:
        """The one-line rule is not clearly better, neither at putting in order nor by its loss."""
        holdout = trial.challenger.holdout
        if holdout is None or not _both(holdout.table.outcomes):
            return
        simple = -holdout.table.rows[:, place(trial)]
        simple = np.where(np.isnan(simple), 0.0, simple)
        gap, _, high = paired(
            auc, holdout.table.outcomes, holdout.predictions, simple, seed=trial.challenger.seed
        )
        if -gap > WORSE["auc"] and high < 0:
            yield Refusal(
                "rule", -gap, WORSE["auc"], f"Its AUC is {-gap:.3f} below the one-line rule's."
            )
        told = trial.challenger.candidates
        gap = told[trial.challenger.winner]["log_loss"] - told["rule"]["log_loss"]
        if gap > WORSE["log_loss"]:
            yield Refusal(
                "rule", gap, WORSE["log_loss"], f"Its log loss is {gap:.3f} above the rule's."
            )

    return rule


CALIBRATION, CALIBRATION_MOVE = 0.15, 0.06


def calibration(trial: RowTrial) -> Iterator[Refusal]:
    """What it says comes true about as often (ECE), and not less so than what the champion says."""
    holdout = trial.challenger.holdout
    if holdout is None:
        return
    error = calibration_error(holdout.table.outcomes, holdout.predictions)
    limit = CALIBRATION
    if trial.defended is not None:
        rival = calibration_error(holdout.table.outcomes, trial.defended[:, 0])
        limit = min(limit, rival + CALIBRATION_MOVE)
    if error > limit:
        yield Refusal(
            "calibration", error, limit, f"What it says is off by {error:.1%} in the mean (ECE)."
        )
