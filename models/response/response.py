"""Response: a model of those who are contacted, one of those who are left alone, and the belief."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.competition import Model
from models.recipes import Recipe
from models.tables import Floats

PRIOR_RATE, PRIOR_ROWS = 0.02, 50.0
"""What a company is held to before anybody was let in: as if 50 had been, of whom 2 % acted."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The candidate that knows nothing of the customer: the rate of the arm.

    It is drawn to what both arms have together, which is drawn to the prior: an arm of few is taken
    to be like the other, and contact to change nothing, until they show otherwise.

    Attributes:
        rate: the share of both arms together who acted, drawn to the prior.
        mean: the same as it is.
    """

    rate: float
    mean: float
    name: str = "prior"

    @classmethod
    def of(cls, outcomes: Floats) -> "Constant":
        """Return the candidate of a company, from the outcomes of both arms."""
        acted, size = float(outcomes.sum()), len(outcomes)
        rate = (acted + PRIOR_RATE * PRIOR_ROWS) / (size + PRIOR_ROWS)
        return cls(rate, acted / size if size else PRIOR_RATE)

    def fit(self, rows: Floats, outcomes: Floats, *, seed: int) -> "ConstantFit":
        """Return the rate as log-odds."""
        away = float(outcomes.sum()) - self.mean * len(outcomes)
        rate = self.rate + away / (len(outcomes) + PRIOR_ROWS)
        return ConstantFit(float(np.log(rate / (1 - rate))))


@dataclass(frozen=True, slots=True)
class ConstantFit:
    """The same for everybody."""

    odds: float

    def raw(self, rows: Floats) -> Floats:
        return np.full(len(rows), self.odds)

    def export(self) -> Mapping[str, Any]:
        nothing: list[float] = []
        columns = dict.fromkeys(("features", "weights", "low", "high", "missing"), nothing)
        return {"form": "linear", **columns, "offset": self.odds}


@dataclass(frozen=True, slots=True)
class Response:
    """What contacting does: a model of each arm, and how far their difference is believed.

    Attributes:
        belief: 0 to 1: of what is told apart between customers, how much is taken; 0 gives
            everybody the mean effect.
        mean: the mean effect.
    """

    contacted: Model
    alone: Model
    belief: float
    mean: float

    @property
    def recipes(self) -> tuple[Recipe, Recipe]:
        """What the models of the arms are made by."""
        return self.contacted.recipe, self.alone.recipe

    def chances(self, rows: Floats) -> Floats:
        """Return the chances to act if contacted and if not, a column each, by the arms' models."""
        return np.column_stack([self.contacted.predict(rows), self.alone.predict(rows)])

    def said(self, chances: Floats) -> Floats:
        """Return what is made of such chances: to act if contacted, and uplift, a column each."""
        uplift = self.mean + self.belief * (chances[:, 0] - chances[:, 1] - self.mean)
        return np.column_stack([chances[:, 0], uplift])

    def predict(self, rows: Floats) -> Floats:
        """Return chance to act if contacted, and uplift, a column each."""
        return self.said(self.chances(rows))

    def export(self, names: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the model as data."""
        contacted, alone = self.contacted.export(), self.alone.export()
        uplift = {
            "form": "sum",
            "terms": [[self.belief, contacted], [-self.belief, alone]] if self.belief else [],
            "offset": (1 - self.belief) * self.mean,
            "calibration": {"form": "none"},
        }
        outputs = {"response": contacted, "uplift": uplift}
        return {"format": 1, "features": list(names), "outputs": outputs}
