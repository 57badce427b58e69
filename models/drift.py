"""Drift: how far rows have come from those that a champion was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.evaluation import auc
from models.scoring import load_vectorised
from models.tables import Bools, Floats, Table
from models.trained import Trained

BINS = 10

Profile = Mapping[str, Any]
"""How values are spread: `edges` of bins, `shares` in them, and last the share that is unknown."""


def profile(values: Floats) -> dict[str, Any]:
    """Return how values are spread over bins of about equal mass."""
    known = values[np.isfinite(values)]
    quantiles = np.quantile(known, np.arange(1, BINS) / BINS) if len(known) else np.empty(0)
    edges = np.unique(quantiles)
    return {
        "edges": edges.tolist(),
        "shares": (_counts(values, edges) / max(1, len(values))).tolist(),
    }


def _counts(values: Floats, edges: Floats) -> Floats:
    known = values[np.isfinite(values)]
    place = np.searchsorted(edges, known, side="left")
    counts = np.bincount(place, minlength=len(edges) + 1)
    return np.append(counts, len(values) - len(known)).astype(np.float64)


def psi(reference: Profile, values: Floats, *, customers: int, before: int) -> float:
    """Return the population stability index of values, less what chance alone gives it.

    It is the sum over bins of (new share - old share) times the logarithm of their ratio; of two
    samples of the same spread it is (bins - 1) (1/n + 1/m) in the mean.

    Args:
        customers: how many values are independent; rows of one customer are not.
        before: the same of the reference.

    Source: Siddiqi 2006, Credit Risk Scorecards; Yurdakul 2018 for its distribution.
    """
    counts = _counts(values, np.asarray(reference["edges"], dtype=np.float64))
    return moved(reference["shares"], counts, customers=customers, before=before)


def moved(shares: Sequence[float], counts: Floats, *, customers: int, before: int) -> float:
    """Return the same of bins that are not of numbers: how they were shared, and counts now."""
    known = np.asarray(shares, dtype=np.float64)
    old = _smooth(known * before)
    new = _smooth(counts / max(1.0, counts.sum()) * customers)
    bins = int(((counts > 0) | (known > 0)).sum())
    noise = (bins - 1) * (1 / max(1, customers) + 1 / max(1, before))
    return float(((new - old) * np.log(new / old)).sum()) - noise


def _smooth(counts: Floats) -> Floats:
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def copies(table: Table) -> float:
    """Return the share of the latest rows that another customer has too, digit by digit."""
    now = table.rows[latest(table)]
    if not len(now):
        return 0.0
    whole = np.ascontiguousarray(np.nan_to_num(now, nan=-1e9))
    keys = whole.view(np.dtype((np.void, whole.itemsize * whole.shape[1]))).ravel()
    _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
    return float((times[place.ravel()] > 1).mean())


def latest(table: Table) -> Bools:
    """Return which rows are of the latest cut-off."""
    chosen: Bools = table.cuts == table.cuts.max(initial=0)
    return chosen


def columns(outcomes: Floats) -> Floats:
    """Return outcomes as a column each, of no rows too."""
    return outcomes[:, None] if outcomes.ndim == 1 else outcomes


def means(table: Table) -> list[float]:
    """Return the mean of each outcome in the latest window, where it is known."""
    outcomes = columns(table.outcomes)[latest(table)]
    known = np.isfinite(outcomes)
    sums = np.where(known, outcomes, 0.0).sum(axis=0)
    return [float(each) for each in sums / np.maximum(1, known.sum(axis=0))]


def reference(trained: Trained, table: Table) -> dict[str, Any]:
    """Return what later challengers are compared with, as what JSON can hold."""
    table = finite(table)
    scores = load_vectorised(trained.export)(table.rows)
    return {
        "rows": len(table),
        "customers": len(np.unique(table.customers)),
        "windows": len(np.unique(table.cuts)),
        "horizon": table.horizon,
        "learned": trained.holdout is not None,
        "copies": copies(table),
        "outcomes": means(table),
        "features": {name: profile(table.rows[:, n]) for n, name in enumerate(table.names)},
        "alone": alone(table),
        "scores": {
            name: {**profile(values), "mean": float(values.mean()) if len(values) else 0.0}
            for name, values in scores.items()
        },
        "arms": arms(table),
    }


def arms(table: Table) -> dict[str, dict[str, float]]:
    """Return how many rows each arm has, and which share of them acted; nothing of no arms."""
    if table.contacted is None:
        return {}
    named = {"contacted": table.contacted, "left alone": ~table.contacted}
    acted = {name: table.outcomes[arm] for name, arm in named.items()}
    return {
        name: {"rows": len(each), "rate": float(each.mean()) if len(each) else 0.0}
        for name, each in acted.items()
    }


def finite(table: Table) -> Table:
    """Return the table with what is not a finite number unknown."""
    return replace(table, rows=np.where(np.isfinite(table.rows), table.rows, np.nan))


def alone(table: Table) -> dict[str, float]:
    """Return how well each feature alone tells who has the first outcome (AUC, .5 to 1)."""
    now = table.where(latest(table))
    outcomes = (columns(now.outcomes)[:, :1] > 0).astype(np.float64).ravel()
    found = {}
    for place, name in enumerate(table.names):
        values = now.rows[:, place]
        unknown = np.isnan(values)
        best = max(_either(outcomes, np.where(unknown, side, values)) for side in (-np.inf, np.inf))
        found[name] = max(best, _either(outcomes, unknown.astype(np.float64)))
    return found


def _either(outcomes: Floats, values: Floats) -> float:
    area = auc(outcomes, values) if len(outcomes) else 0.5
    return 0.5 if np.isnan(area) else max(area, 1 - area)
