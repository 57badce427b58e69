"""Inspection: what a model goes by, and rows that its export is checked with."""

import numpy as np

from models.competition import Model, Task
from models.tables import Floats, Table

GOLDEN = 200
IMPORTANCE_ROWS = 5000


def importance(holdout: Table, model: Model, task: Task, *, seed: int) -> dict[str, float]:
    """Return by how much the loss grows when a feature is shuffled among the customers."""
    chance = np.random.default_rng(seed)
    kept = chance.permutation(len(holdout))[:IMPORTANCE_ROWS]
    rows, outcomes = holdout.rows[kept], holdout.outcomes[kept]
    least = float(task.losses(outcomes, model.predict(rows)).mean())
    found = {}
    for place, name in enumerate(holdout.names):
        shuffled = rows.copy()
        shuffled[:, place] = chance.permutation(rows[:, place])
        found[name] = float(task.losses(outcomes, model.predict(shuffled)).mean()) - least
    return found


def golden_rows(rows: Floats, *, seed: int) -> Floats:
    """Return rows to check an export with: as they are, with holes, and one of nothing at all."""
    chance = np.random.default_rng(seed)
    chosen = rows[chance.permutation(len(rows))[: GOLDEN // 2]]
    holed = np.where(chance.random(chosen.shape) < 0.2, np.nan, chosen)
    return np.vstack([chosen, holed, np.full((1, rows.shape[1]), np.nan)])
