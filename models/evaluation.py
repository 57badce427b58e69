"""Evaluation: how good predictions are, with intervals from a bootstrap over customers."""

from collections.abc import Callable, Mapping

import numpy as np

from models.tables import Floats
from models.trained import Figure

Measure = Callable[[Floats, Floats, Floats], float]
"""From outcomes, predictions and weights of rows to a figure."""

BINS = 10
RESAMPLES = 200
_LEAST = 1e-15


def auc(outcomes: Floats, predictions: Floats, weights: Floats | None = None) -> float:
    """Return the share of pairs of either class that are in order; ties count half.

    NaN where there is one class only.
    """
    _, place = np.unique(predictions, return_inverse=True)
    mass = np.ones(len(outcomes)) if weights is None else weights
    positive = np.bincount(place, mass * outcomes)
    negative = np.bincount(place, mass * (1 - outcomes))
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / pairs)


def average_precision(outcomes: Floats, predictions: Floats) -> float:
    """Return the mean precision over the positives, from the surest down; ties go together."""
    _, place = np.unique(-predictions, return_inverse=True)
    positive, number = np.bincount(place, outcomes), np.bincount(place)
    total = positive.sum()
    if total == 0:
        return float("nan")
    return float((np.cumsum(positive) / np.cumsum(number) * positive).sum() / total)


def losses(outcomes: Floats, predictions: Floats) -> Floats:
    """Return minus the logarithm of what each row's outcome was given."""
    p = np.clip(predictions, _LEAST, 1 - _LEAST)
    return np.asarray(-(outcomes * np.log(p) + (1 - outcomes) * np.log1p(-p)))


def log_loss(outcomes: Floats, predictions: Floats, weights: Floats | None = None) -> float:
    """Return the mean of `losses`."""
    return float(np.average(losses(outcomes, predictions), weights=weights))


def calibration_error(
    outcomes: Floats, predictions: Floats, weights: Floats | None = None
) -> float:
    """Return by how much predictions miss what was observed, over 10 bins of equal mass (ECE)."""
    mass = np.ones(len(outcomes)) if weights is None else weights
    order = np.argsort(predictions, kind="stable")
    mass, gap = mass[order], (mass * (outcomes - predictions))[order]
    ends = np.searchsorted(np.cumsum(mass), mass.sum() * np.arange(1, BINS) / BINS, side="left")
    bins = np.zeros(len(mass), dtype=np.int64)
    np.add.at(bins, ends[ends + 1 < len(mass)] + 1, 1)
    return float(np.abs(np.bincount(np.cumsum(bins), gap)).sum() / mass.sum())


def calibration_table(
    outcomes: Floats, predictions: Floats
) -> tuple[tuple[float, float, int], ...]:
    """Return (mean prediction, share observed, rows) of each of the 10 bins."""
    order = np.argsort(predictions, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(
        (float(predictions[part].mean()), float(outcomes[part].mean()), len(part)) for part in parts
    )


MEASURES: Mapping[str, Measure] = {
    "auc": auc, "log_loss": log_loss, "calibration_error": calibration_error
}  # fmt: skip


def figures(
    outcomes: Floats,
    predictions: Floats,
    *,
    seed: int,
    measures: Mapping[str, Measure] = MEASURES,
) -> dict[str, Figure]:
    """Return every measure with its 95 % percentile interval; rows are resampled by weights."""
    weights = np.random.default_rng(seed).multinomial(
        len(outcomes), np.full(len(outcomes), 1 / len(outcomes)), size=RESAMPLES
    )
    found = {}
    for name, measure in measures.items():
        value = measure(outcomes, predictions, np.ones(len(outcomes)))
        drawn = [measure(outcomes, predictions, one.astype(np.float64)) for one in weights]
        low, high = np.nanquantile(drawn, (0.025, 0.975)) if np.isfinite(value) else (value, value)
        found[name] = Figure(value, float(low), float(high))
    return found
