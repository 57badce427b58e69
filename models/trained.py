"""Trained: what a training hands to whoever judges and publishes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from models.tables import Floats, Table


class Figure(NamedTuple):
    """A measured figure with its 95 % interval (bootstrap over customers)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Holdout:
    """The rows that a model was judged on, and what it said of them before it had seen them.

    Attributes:
        table: the rows of the latest closed window (or of every fold, where there is one window).
        predictions: (rows,) or (rows, outputs), of the model as `rehearsal` is, honestly made.
    """

    table: Table
    predictions: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenger:
    """A trained model, not yet judged, whatever it learned from.

    Attributes:
        name: `churn`, `value`, `taste` or `response`.
        outputs: what `export` says, as it is called: `churn`; `value_90` …
        export: says it without scikit-learn.
        rehearsal: the export of the same recipe, fitted without the latest window: champions are
            compared by it with challengers, on a window that neither has seen.
        estimator: what joblib keeps; None for a rule.
        winner: which candidate was shipped: `rule`, `logistic`, `boosting` …
        reason: one sentence: why that one, or why only the rule.
        metrics: figures of the winner on the holdout, by name.
        candidates: figures of every candidate on the same holdout, by candidate and name.
        rows: how much it learned from.
    """

    name: str
    outputs: tuple[str, ...]
    export: Mapping[str, Any]
    rehearsal: Mapping[str, Any]
    estimator: Any
    winner: str
    reason: str
    metrics: Mapping[str, Figure]
    candidates: Mapping[str, Mapping[str, float]]
    rows: int
    cuts: tuple[int, ...]
    horizon: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained(Challenger):
    """A challenger that learned from the rows of a table, and says something of each.

    Attributes:
        features: of a row; `outputs` are what is said of it, in order
            (`portrait.learning.export`).
        calibration: rows of (mean prediction, observed share, rows), by deciles of the prediction.
        importance: how much worse the winner gets on the holdout without each feature.
        golden: rows (n, features) that the export and the estimator must agree on.
        expected: what the estimator says of them.
        extra: what the card tells of this kind of model alone, as what JSON can hold.
    """

    features: tuple[str, ...]
    calibration: tuple[tuple[float, float, int], ...]
    importance: Mapping[str, float]
    holdout: Holdout | None
    golden: Floats
    expected: Floats
    extra: Mapping[str, Any] = field(default_factory=dict)
