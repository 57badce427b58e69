"""Exports: what they say is what scikit-learn says, one row or many, with holes and without."""

import json
import time

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models.calibration import Isotonic, Platt
from models.competition import Model
from models.recipes import Boosting, Logistic, PoissonBoosting, PoissonLine, Rule
from models.scoring import load_vectorised
from portrait.faults import Rejected
from portrait.learning.export import load

PLATT = Platt(-0.7, 0.3)
KNOTS = Isotonic((-2.0, 0.0, 0.5, 3.0), (0.05, 0.2, 0.6, 0.9))
RECIPES = (
    Rule(0), Logistic(0.01, 0), Logistic(1.0), Boosting(), Boosting(trees=30, leaves=31, least=5),
    PoissonLine(0.1), PoissonBoosting(),
)  # fmt: skip


def world(rows: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Return features with holes, one of them NaN everywhere and one constant, and outcomes."""
    chance = np.random.default_rng(5)
    x = chance.normal(size=(rows, 8))
    y = (x[:, 0] + x[:, 1] * x[:, 2] + chance.normal(size=rows) > 0).astype(np.float64)
    x[chance.random(x.shape) < 0.15] = np.nan
    x[:, 5], x[:, 6] = np.nan, 4.0
    return x, y


@pytest.mark.parametrize("calibration", [PLATT, KNOTS], ids=["platt", "isotonic"])
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: f"{one.name}")
def test_one_row_and_many_say_what_scikit_learn_says(recipe, calibration):
    x, y = world()
    model = Model(recipe, recipe.fit(x, y, seed=0), calibration)
    rows = np.vstack([x[:300], np.full((1, 8), np.nan), 1e6 * x[:50], np.zeros((1, 8))])
    expected = model.predict(rows)
    written = json.dumps({"format": 1, "features": [], "outputs": {"p": model.export()}})
    export = json.loads(written)

    one = load(export)
    assert np.abs([one(row)["p"] for row in rows.tolist()] - expected).max() <= 1e-9
    assert np.abs(load_vectorised(export)(rows)["p"] - expected).max() <= 1e-9


def test_a_row_on_a_threshold_goes_where_scikit_learn_sends_it():
    x, y = world()
    fit = Boosting().fit(x, y, seed=0)
    output = {**fit.export(), "calibration": {"form": "none"}}
    edges = [node for tree in output["trees"] for node in tree if isinstance(node, list)]
    rows = np.zeros((len(edges), 8))
    for row, (place, threshold, *_) in zip(rows, edges, strict=True):
        row[place] = threshold
    one = load({"format": 1, "features": [], "outputs": {"p": output}})

    assert np.abs([one(row)["p"] for row in rows.tolist()] - fit.raw(rows)).max() <= 1e-9


def test_one_row_costs_less_than_a_fiftieth_of_what_scikit_learn_takes():
    x, y = world()
    fit = Boosting().fit(x, y, seed=0)
    model = Model(Boosting(), fit, PLATT)
    one = load({"format": 1, "features": [], "outputs": {"p": model.export()}})
    row, matrix = x[0].tolist(), x[:1][:, fit.columns]
    assert isinstance(fit.model, HistGradientBoostingClassifier)

    ours = min(_seconds(lambda: one(row)) for _ in range(200))
    theirs = min(_seconds(lambda: fit.model.predict_proba(matrix)) for _ in range(50))

    assert theirs > 50 * ours, f"{1e6 * ours:.1f} us, scikit-learn {1e6 * theirs:.0f} us"


def _seconds(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "export",
    [
        {},
        {"format": 2, "outputs": {}},
        {"format": 1, "outputs": {"p": {"form": "pickle", "calibration": {"form": "none"}}}},
        {"format": 1, "outputs": {"p": {"form": "feature", "feature": 0, "missing": 0}}},
        {
            "format": 1,
            "outputs": {
                "p": {
                    "form": "trees", "baseline": 0, "trees": [[[0, 0.5, 0, 0, 1]]],
                    "calibration": {"form": "none"},
                }
            },
        },
    ],
    ids=["nothing", "later format", "unknown form", "no calibration", "circular tree"],
)  # fmt: skip
def test_what_is_no_export_is_refused(export):
    with pytest.raises(Rejected):
        load(export)
