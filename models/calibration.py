"""Calibration: from a score to a probability, fitted on rows that the score was not fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.isotonic import IsotonicRegression

from models.evaluation import losses
from models.tables import Floats

STEPS = 50
_LEAST_STEP = 1e-10


class Calibration(Protocol):
    """A map that never falls where the score rises, or never rises."""

    def __call__(self, scores: Floats) -> Floats:
        """Return the probabilities of scores."""

    def export(self) -> Mapping[str, Any]:
        """Return it as `portrait.learning.export` reads it."""


@dataclass(frozen=True, slots=True)
class Platt:
    """Log-odds as a line of the score.

    Source: Platt 1999, with a normal prior on the line, so that one class alone, or three rows,
    move it from there only as far as they can tell.
    """

    slope: float
    offset: float

    def __call__(self, scores: Floats) -> Floats:
        return logistic(self.slope * scores + self.offset)

    def export(self) -> Mapping[str, Any]:
        return {"form": "logistic", "slope": self.slope, "offset": self.offset}


@dataclass(frozen=True, slots=True)
class Isotonic:
    """Probabilities at knots of the score, straight between them, level beyond."""

    scores: tuple[float, ...]
    chances: tuple[float, ...]

    def __call__(self, scores: Floats) -> Floats:
        return np.interp(scores, self.scores, self.chances)

    def export(self) -> Mapping[str, Any]:
        return {"form": "knots", "at": list(self.scores), "values": list(self.chances)}


def logistic(x: Floats) -> Floats:
    """Return the probabilities of log-odds, without overflow."""
    small = np.exp(-np.abs(x))
    chances: Floats = np.where(x >= 0, 1, small) / (1 + small)
    return chances


@dataclass(frozen=True, slots=True)
class Prior:
    """What the line is held to be before any row, and how surely (standard deviations)."""

    slope: float = 1.0
    offset: float = 0.0
    slope_spread: float = 1.0
    offset_spread: float = 3.0


def platt(scores: Floats, outcomes: Floats, prior: Prior) -> Platt:
    """Return the most likely line, by Newton's method; no rows return the prior."""
    mean = np.array([prior.slope, prior.offset])
    precision = np.array([prior.slope_spread**-2, prior.offset_spread**-2])
    design = np.column_stack([scores, np.ones(len(scores))])

    def cost(line: Floats) -> float:
        odds = design @ line
        surprise = np.logaddexp(0, odds).sum() - outcomes @ odds
        return float(surprise + precision @ (line - mean) ** 2 / 2)

    line = mean.copy()
    for _ in range(STEPS):
        chance = logistic(design @ line)
        slope = design.T @ (outcomes - chance) - precision * (line - mean)
        weighed = design * (chance * (1 - chance))[:, None]
        step = np.linalg.solve(weighed.T @ design + np.diag(precision), slope)
        now, length = cost(line), 1.0
        while cost(line + length * step) > now and length > _LEAST_STEP:
            length /= 2
        line = line + length * step
        if np.abs(length * step).max() < _LEAST_STEP:
            break
    return Platt(float(line[0]), float(line[1]))


def isotonic(scores: Floats, outcomes: Floats, rising: bool) -> Isotonic:
    """Return the monotone map of least squares, kept off 0 and 1 by half a row."""
    fitted = IsotonicRegression(increasing=rising, out_of_bounds="clip").fit(scores, outcomes)
    least = 0.5 / (len(scores) + 1)
    chances = np.clip(fitted.y_thresholds_, least, 1 - least)
    return Isotonic(tuple(map(float, fitted.X_thresholds_)), tuple(map(float, chances)))


ISOTONIC_ROWS = 2000
"""Fewer rows make isotonic maps of steps that are noise. Source: Niculescu-Mizil & Caruana 2005."""


def calibrated(scores: Floats, outcomes: Floats, prior: Prior, *, seed: int) -> Calibration:
    """Return the better of both maps: isotonic only where it is so by more than chance.

    Each is judged on the half of the rows that it was not fitted on.
    """
    line = platt(scores, outcomes, prior)
    if len(scores) < ISOTONIC_ROWS or len(np.unique(outcomes)) < 2:
        return line
    half = np.random.default_rng(seed).permutation(len(scores)) % 2 == 0
    gain = np.empty(len(scores))
    for one in (half, ~half):
        straight = platt(scores[one], outcomes[one], prior)(scores[~one])
        bent = isotonic(scores[one], outcomes[one], line.slope > 0)(scores[~one])
        gain[~one] = losses(outcomes[~one], straight) - losses(outcomes[~one], bent)
    if gain.mean() > 2 * gain.std() / np.sqrt(len(gain)):
        return isotonic(scores, outcomes, line.slope > 0)
    return line
