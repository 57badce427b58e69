"""Belief: how much of what is said to be different between customers is, as contact goes."""

import numpy as np

from models.effects import Z95
from models.tables import Bools, Floats
from models.trained import Figure

LEAST_SURE = 2.0
"""Standard errors by which differences between customers must be told before they are believed."""
NOTHING = Figure(0.0, 0.0, 0.0)
TOLD_TWICE = 2.0
"""What two customers of different folds have in common by chance tells of the one what the other
did, and of the other what the one did: where nothing is to be told, that doubles the variance.
Source: 50 shops whose customers differ in nothing, where slope / error spread by 1.39, not by 1."""


def slope(outcomes: Floats, contacted: Bools, chances: Floats) -> Figure:
    """Return the slope of what contact did on what it was said to do, with its 95 % interval.

    It is told by customers that the models had not seen. What contact did to one of them is read
    off with both models and the inverse chance of the arm, which is right on average whatever the
    models say. 1 is all of it, 0 nothing; 0 too where nothing is said to differ.

    Args:
        chances: (rows, 2): to act if contacted and if not.

    Source: the doubly robust score, Kennedy 2023; best linear predictor, Chernozhukov et al. 2018.
    """
    arms = contacted.astype(np.float64)
    share = float(arms.mean()) if len(arms) else 0.0
    said = chances[:, 0] - chances[:, 1]
    centred = said - said.mean() if len(said) else said
    spread = float(centred @ centred)
    if spread < 1e-12 or not 0 < share < 1:
        return NOTHING
    done = said + arms * (outcomes - chances[:, 0]) / share
    done -= (1 - arms) * (outcomes - chances[:, 1]) / (1 - share)
    value = float(centred @ done) / spread
    left = done - done.mean() - value * centred
    error = float(np.sqrt(TOLD_TWICE * (centred**2 * left**2).sum())) / spread
    return Figure(value, value - Z95 * error, value + Z95 * error)


def belief(slope: Figure) -> float:
    """Return how much of the differences is taken, 0 to 1; 0 where they may be none."""
    error = (slope.high - slope.low) / (2 * Z95)
    return float(np.clip(slope.value, 0.0, 1.0)) if slope.value > LEAST_SURE * error else 0.0
