"""Recipes: the candidates of a competition, from the simplest to the most supple."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from models.tables import Floats

Columns = NDArray[np.int64]


class Fit(Protocol):
    """A fitted recipe."""

    def raw(self, rows: Floats) -> Floats:
        """Return scores, not calibrated: log-odds or what goes with them."""

    def export(self) -> Mapping[str, Any]:
        """Return it as a form of `portrait.learning.export`."""


class Recipe(Protocol):
    """How to fit one candidate."""

    @property
    def name(self) -> str:
        """`rule`, `logistic` or `boosting`."""

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> Fit:
        """Fit to rows of features (NaN: unknown) and outcomes 0 and 1, both of which are there."""


def telling(rows: Floats) -> Columns:
    """Return the columns that say anything: known somewhere, and not the same wherever known.

    A column that is NaN everywhere is an attribute that this company does not use, and breaks
    HistGradientBoosting.
    """
    known = np.isfinite(rows)
    least = np.where(known, rows, np.inf).min(axis=0, initial=np.inf)
    most = np.where(known, rows, -np.inf).max(axis=0, initial=-np.inf)
    return np.flatnonzero((least < most) | (known.any(axis=0) & ~known.all(axis=0)))


@dataclass(frozen=True, slots=True)
class Rule:
    """The one-line rule: one feature as it is; `missing` stands in where it is not known."""

    feature: int
    name: str = "rule"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "RuleFit":
        """Learn nothing but what stands in for NaN: the median."""
        known = rows[np.isfinite(rows[:, self.feature]), self.feature]
        return RuleFit(self.feature, float(np.median(known)) if len(known) else 0.0)


@dataclass(frozen=True, slots=True)
class RuleFit:
    """A rule that knows what to say of nothing."""

    feature: int
    missing: float

    def raw(self, rows: Floats) -> Floats:
        value = rows[:, self.feature]
        return np.where(np.isnan(value), self.missing, value)

    def export(self) -> Mapping[str, Any]:
        return {"form": "feature", "feature": self.feature, "missing": self.missing}


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression that starts from the rule and is held to little beside it.

    Attributes:
        strength: scikit-learn's C; less holds the coefficients closer to 0.
        rule: the column of the rule, `TRUST` times as free as the others; -1 for none.
    """

    strength: float
    rule: int = -1
    name: str = "logistic"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "LogisticFit":
        scaling = Scaling.of(rows, self.rule)
        model = LogisticRegression(C=self.strength, max_iter=5000, random_state=seed)
        return LogisticFit(scaling, model.fit(scaling(rows), outcomes))


TRUST = 10.0
TAIL = 0.005
"""Share of a feature's values at either end that are taken for the last one inside."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Columns made alike: ends cut off, unknown as the median and a flag, mean 0, spread 1."""

    columns: Columns
    low: Floats
    high: Floats
    median: Floats
    flagged: Columns
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Floats, rule: int) -> Self:
        columns = telling(rows)
        known = rows[:, columns]
        low, median, high = np.nanquantile(known, (TAIL, 0.5, 1 - TAIL), axis=0)
        flagged = np.flatnonzero(np.isnan(known).any(axis=0))
        scaling = cls(
            columns, low, high, median, flagged, np.zeros(len(columns) + len(flagged)),
            np.ones(len(columns) + len(flagged)),
        )  # fmt: skip
        plain = scaling(rows)
        spread = plain.std(axis=0)
        spread[spread == 0] = 1.0
        spread[: len(columns)][columns == rule] /= TRUST
        return cls(columns, low, high, median, flagged, plain.mean(axis=0), spread)

    def __call__(self, rows: Floats) -> Floats:
        chosen = rows[:, self.columns]
        unknown = np.isnan(chosen)
        plain = np.where(unknown, self.median, np.clip(chosen, self.low, self.high))
        plain = np.hstack([plain, unknown[:, self.flagged].astype(np.float64)])
        return np.asarray((plain - self.mean) / self.spread)


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """A fitted logistic regression."""

    scaling: Scaling
    model: Any

    def raw(self, rows: Floats) -> Floats:
        return np.asarray(self.model.decision_function(self.scaling(rows)))

    def export(self) -> Mapping[str, Any]:
        return linear(self.scaling, self.model.coef_[0], float(self.model.intercept_[0]))


def linear(scaling: Scaling, coefficients: Floats, intercept: float) -> Mapping[str, Any]:
    """Return a line over scaled columns as one over the features themselves."""
    slopes = coefficients / scaling.spread
    weights, flags = np.split(slopes, [len(scaling.columns)])
    missing = weights * scaling.median
    missing[scaling.flagged] += flags
    return {
        "form": "linear",
        "features": scaling.columns.tolist(),
        "weights": weights.tolist(),
        "low": scaling.low.tolist(),
        "high": scaling.high.tolist(),
        "missing": missing.tolist(),
        "offset": intercept - float(slopes @ scaling.mean),
    }


@dataclass(frozen=True, slots=True)
class Boosting:
    """Gradient boosting of small trees with much regularisation."""

    trees: int = 80
    leaves: int = 6
    least: int = 60
    ridge: float = 10.0
    rate: float = 0.05
    name: str = "boosting"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "BoostingFit":
        columns = telling(rows)
        model = HistGradientBoostingClassifier(**self.settings(seed))
        return BoostingFit(columns, model.fit(rows[:, columns], outcomes))

    def settings(self, seed: int) -> dict[str, Any]:
        """Return scikit-learn's names of it all."""
        return {
            "max_iter": self.trees, "max_leaf_nodes": self.leaves, "min_samples_leaf": self.least,
            "l2_regularization": self.ridge, "learning_rate": self.rate, "early_stopping": False,
            "random_state": seed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoostingFit:
    """Fitted trees."""

    columns: Columns
    model: Any

    def raw(self, rows: Floats) -> Floats:
        return np.asarray(self.model.decision_function(rows[:, self.columns]))

    def export(self) -> Mapping[str, Any]:
        return trees(self.columns, self.model)


def trees(columns: Sequence[int] | Columns, model: Any) -> Mapping[str, Any]:
    """Return the trees of a HistGradientBoosting model, whose nodes have no public name.

    A node is [feature, threshold, left, right, whether unknown goes left], a leaf its value;
    `left` and `right` are places in the tree.
    """
    grown = [predictor.nodes for (predictor,) in model._predictors]
    return {
        "form": "trees",
        "baseline": float(np.ravel(model._baseline_prediction)[0]),
        "trees": [[_node(node, columns) for node in nodes] for nodes in grown],
    }


def _node(node: Any, columns: Sequence[int] | Columns) -> list[float | int] | float:
    if node["is_leaf"]:
        return float(node["value"])
    return [
        int(columns[int(node["feature_idx"])]), float(node["num_threshold"]),
        int(node["left"]), int(node["right"]), int(node["missing_go_to_left"]),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PoissonLine:
    """Poisson regression of amounts or counts, with a logarithmic link.

    Attributes:
        ridge: scikit-learn's alpha, of outcomes whose mean is 1.
    """

    ridge: float
    name: str = "poisson"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "PoissonLineFit":
        scaling = Scaling.of(rows, -1)
        unit = float(outcomes.mean()) or 1.0
        model = PoissonRegressor(alpha=self.ridge, solver="newton-cholesky", max_iter=200)
        return PoissonLineFit(
            scaling, model.fit(scaling(rows), outcomes / unit), float(np.log(unit))
        )


@dataclass(frozen=True, slots=True)
class PoissonLineFit:
    """A fitted Poisson regression; scores are logarithms of what is expected."""

    scaling: Scaling
    model: Any
    unit: float

    def raw(self, rows: Floats) -> Floats:
        return np.asarray(self.scaling(rows) @ self.model.coef_ + self.model.intercept_ + self.unit)

    def export(self) -> Mapping[str, Any]:
        return linear(self.scaling, self.model.coef_, float(self.model.intercept_) + self.unit)


@dataclass(frozen=True, slots=True)
class PoissonBoosting:
    """Gradient boosting of amounts or counts, with a logarithmic link."""

    shape: Boosting = field(default_factory=Boosting)
    name: str = "boosting"

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "PoissonBoostingFit":
        columns = telling(rows)
        model = HistGradientBoostingRegressor(loss="poisson", **self.shape.settings(seed))
        return PoissonBoostingFit(columns, model.fit(rows[:, columns], outcomes))


@dataclass(frozen=True, slots=True)
class PoissonBoostingFit:
    """Fitted trees; scores are logarithms of what is expected."""

    columns: Columns
    model: Any

    def raw(self, rows: Floats) -> Floats:
        return np.asarray(np.log(self.model.predict(rows[:, self.columns])))

    def export(self) -> Mapping[str, Any]:
        return trees(self.columns, self.model)


def chance_menu(rule: int) -> tuple[Recipe, ...]:
    """Return what competes for a yes or no, with the column of the one-line rule."""
    lines = [Logistic(strength, rule) for strength in (0.0003, 0.001, 0.003, 0.01)]
    return (Rule(rule), *lines, Boosting(), Boosting(trees=200, leaves=4))


def amount_menu(rule: int) -> tuple[Recipe, ...]:
    """Return what competes for an amount, with the column of the rule: its logarithm."""
    return (Rule(rule), PoissonLine(0.1), PoissonLine(0.02), PoissonBoosting())
