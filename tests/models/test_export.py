"""Exports: one row in plain Python, many in numpy and scikit-learn itself say the same."""

import warnings

import numpy as np
import pytest

from models.amounts import Scale
from models.calibration import Isotonic, Platt
from models.competition import Model
from models.recipes import Boosting, Logistic, PoissonBoosting, PoissonLine, Rule
from models.scoring import load_vectorised
from portrait.faults import Rejected
from portrait.learning.export import load
from tests.models.tables import NAMES, a_table, hostile_rows

TABLE = a_table(300)
FITS = {
    "rule": Rule(0), "logistic": Logistic(0.01, 0), "boosting": Boosting(trees=30),
    "bushy": Boosting(trees=5, leaves=31, least=5),
    "poisson": PoissonLine(0.1), "amounts": PoissonBoosting(Boosting(trees=30)),
}  # fmt: skip
CALIBRATIONS = {
    "logistic": Platt(-0.7, 0.2), "knots": Isotonic((-1.0, 0.0, 2.0), (0.9, 0.4, 0.1)),
    "exp": Scale(2.0, most=1e6),
    "endless": Scale(1e10, most=1e12), "falling": Scale(40.0, slope=-1.0, most=3650.0),
}  # fmt: skip


def exported(output) -> dict:
    return {"format": 1, "features": list(NAMES), "outputs": {"one": output}}


@pytest.fixture(scope="module", params=FITS)
def fit(request):
    recipe = FITS[request.param]
    return recipe, recipe.fit(TABLE.rows, TABLE.outcomes, seed=0)


@pytest.mark.parametrize("calibration", CALIBRATIONS.values(), ids=CALIBRATIONS)
def test_three_ways_to_score_agree_on_holes_infinities_and_extremes(fit, calibration):
    model = Model(*fit, calibration)
    rows = hostile_rows(len(NAMES), seed=3)
    if isinstance(model.recipe, Boosting | PoissonBoosting):  # scikit-learn's own means
        expected = model.predict(rows)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            expected = model.predict(rows)
    one, many = load(exported(model.export())), load_vectorised(exported(model.export()))

    assert np.isfinite(expected).all()
    plain = np.array([one(row.tolist())["one"] for row in rows])
    np.testing.assert_allclose(plain, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(many(rows)["one"], expected, rtol=1e-9, atol=1e-9)


def test_rows_at_the_very_thresholds_of_trees_go_the_same_way():
    fit = Boosting(trees=30).fit(TABLE.rows, TABLE.outcomes, seed=0)
    model = Model(Boosting(), fit, Platt(1.0, 0.0))
    export = exported(model.export())
    nodes = [n for tree in fit.export()["trees"] for n in tree if isinstance(n, list)]
    rows = np.repeat(TABLE.rows[:1], len(nodes), axis=0)
    for row, (place, threshold, *_) in zip(rows, nodes, strict=True):
        row[place] = threshold

    plain = [load(export)(row.tolist())["one"] for row in rows]
    np.testing.assert_allclose(plain, model.predict(rows), atol=1e-9)
    np.testing.assert_allclose(load_vectorised(export)(rows)["one"], plain, atol=1e-9)


@pytest.mark.parametrize("reads", [load, load_vectorised])
@pytest.mark.parametrize(
    "export",
    [
        {},
        {"format": 2, "outputs": {}},
        exported({"form": "forest", "calibration": {"form": "none"}}),
        exported({"form": "feature", "feature": 0, "missing": 0.0}),
        exported(
            {"form": "feature", "feature": 0, "missing": 0.0, "calibration": {"form": "odd"}}
        ),
        exported({"form": "linear", "offset": 0.0, "calibration": {"form": "none"}}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(reads, export):
    with pytest.raises(Rejected, match="unknown_model_format"):
        reads(export)
