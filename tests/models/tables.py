"""Tables of a small shop: enough to learn from, and made within milliseconds."""

import numpy as np

from models.tables import Floats, Table

NAMES = ("pace", "recency", "spent", "noise")
HORIZON = 30
CUTS = (100, 130, 160, 190)


def chances(rows: Floats) -> Floats:
    """Return how likely each row is to churn."""
    return np.asarray(1 / (1 + np.exp(rows[:, 0] - np.where(rows[:, 1] > 1, 1.5, -0.5))))


def a_table(customers: int = 600, seed: int = 1) -> Table:
    """Return four windows of a shop where pace tells much, recency some, and noise nothing."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(customers * len(CUTS), len(NAMES)))
    outcomes = (chance.random(len(rows)) < chances(rows)).astype(np.float64)
    rows[chance.random(rows.shape) < 0.05] = np.nan
    rows[:, 0] = np.nan_to_num(rows[:, 0])
    cuts = np.repeat(np.array(CUTS), customers)
    return Table(NAMES, rows, outcomes, cuts, np.tile(np.arange(customers), 4), horizon=HORIZON)


def hostile_rows(width: int, seed: int, number: int = 120) -> Floats:
    """Return random rows with holes, infinities and extremes, zeros of both signs among them."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(number, width)) * 3
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 5e-324, 0.0, -0.0, 1e9])
    return np.where(chance.random(rows.shape) < 0.3, chance.choice(odd, rows.shape), rows)
