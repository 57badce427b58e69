"""Figures: the same as scikit-learn's, or as the plain formula, also where predictions tie."""

import numpy as np
import pytest
from sklearn import metrics

from models import evaluation

SEEDS = range(5)


def drawn(seed: int, steps: int | None = None, number: int = 500):
    chance = np.random.default_rng(seed)
    said = chance.random(number)
    outcomes = (chance.random(number) < said**1.5).astype(float)
    return (
        outcomes,
        np.round(said * steps) / steps if steps else said,
        chance.integers(0, 4, number),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("steps", [None, 4])
def test_order_and_loss_are_scikit_learns_with_ties_and_weights(seed, steps):
    y, said, weights = drawn(seed, steps)

    assert evaluation.auc(y, said) == pytest.approx(metrics.roc_auc_score(y, said), abs=1e-12)
    assert evaluation.auc(y, said, weights.astype(float)) == pytest.approx(
        metrics.roc_auc_score(y, said, sample_weight=weights), abs=1e-12
    )
    assert evaluation.average_precision(y, said) == pytest.approx(
        metrics.average_precision_score(y, said), abs=1e-12
    )
    inside = np.clip(said, 0.01, 0.99)
    assert evaluation.log_loss(y, inside, weights.astype(float)) == pytest.approx(
        metrics.log_loss(y, inside, sample_weight=weights), abs=1e-12
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_error_is_that_of_ten_bins_of_equal_mass(seed):
    y, said, _ = drawn(seed)
    bins = np.array_split(np.argsort(said, kind="stable"), 10)
    plain = sum(abs(y[one].mean() - said[one].mean()) * len(one) for one in bins) / len(y)

    assert evaluation.calibration_error(y, said) == pytest.approx(plain, abs=1e-12)


def test_a_row_that_weighs_two_is_two_rows_to_every_figure():
    y, said, weights = drawn(7)
    twice = np.repeat(np.arange(len(y)), weights)
    for measure in (evaluation.auc, evaluation.log_loss):
        weighed = measure(y, said, weights.astype(float))
        assert weighed == pytest.approx(measure(y[twice], said[twice]), abs=1e-12)


def test_one_class_has_no_order_and_certain_mistakes_a_finite_loss():
    assert np.isnan(evaluation.auc(np.ones(5), np.linspace(0, 1, 5)))
    assert np.isnan(evaluation.average_precision(np.zeros(5), np.linspace(0, 1, 5)))
    assert np.isfinite(evaluation.log_loss(np.array([0.0, 1.0]), np.array([1.0, 0.0])))
