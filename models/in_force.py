"""In force: a verified version of a model, made ready to score a page of customers at once."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from models.rows import ROWS
from models.scoring import load_vectorised
from portrait.learning.learning import Learning
from portrait.learning.registry import Model
from portrait.learning.scoring import InForce


def in_force(name: str, model: Model, learning: Learning) -> InForce:
    """Return the model as it scores.

    Features are told by their names: what the document asked for when the model was trained and
    does not any more is not known, and what it asks for since then waits for the next training.

    Raises:
        Rejected: `unknown_model_format`.
    """
    rows, score = ROWS[name], load_vectorised(model.export)
    places = {each: place for place, each in enumerate(rows.names(learning))}
    columns = [places.get(each, -1) for each in model.export["features"]]

    def scored(behaviours: Sequence[list[float]]) -> Mapping[str, Iterable[float]]:
        table = np.full((len(behaviours), len(places) + 1), np.nan)
        table[:, :-1] = behaviours
        return {name: said.tolist() for name, said in score(table[:, columns]).items()}

    return InForce(model.version, tuple(model.export["outputs"]), rows.row, scored)
