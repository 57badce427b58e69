"""Training: never a crash, never worse than the rule, and whoever has too little is told so."""

from dataclasses import replace

import numpy as np
import pytest

from models.churn.train import train
from models.evaluation import log_loss
from models.scoring import load_vectorised
from tests.models.tables import a_table, hostile_rows


def with_column(table, place, values):
    rows = table.rows.copy()
    rows[:, place] = values
    return replace(table, rows=rows)


def with_outlier(table):
    rows = table.rows.copy()
    rows[0] = 1e300
    return replace(table, rows=rows)


TABLE = a_table()
SCANT = {
    "three customers": TABLE.where(TABLE.customers < 3),
    "nobody leaves": replace(TABLE, outcomes=np.zeros(len(TABLE))),
    "everybody leaves": replace(TABLE, outcomes=np.ones(len(TABLE))),
    "one row": TABLE.where(np.array([0])),
    "the rule known of nobody": with_column(TABLE, 0, np.nan).where(TABLE.customers < 3),
    "infinite values": with_column(TABLE, 0, np.inf).where(TABLE.customers < 3),
    "few leave": replace(TABLE, outcomes=(np.arange(len(TABLE)) % 50 == 0).astype(float)),
}
ENOUGH = {
    "nothing odd": TABLE,
    "a feature known of nobody": with_column(TABLE, 3, np.nan),
    "a feature always the same": with_column(TABLE, 3, 1.0),
    "infinite values": with_column(TABLE, 3, np.where(TABLE.rows[:, 1] > 0, np.inf, -np.inf)),
    "a huge outlier": with_outlier(TABLE),
    "every row twice": TABLE.where(np.repeat(np.arange(len(TABLE)), 2)),
}


def said_of(export, width):
    said = load_vectorised(export)(hostile_rows(width, seed=9))["churn"]
    return bool(np.isfinite(said).all() and (said >= 0).all() and (said <= 1).all())


@pytest.mark.parametrize("table", SCANT.values(), ids=SCANT)
def test_too_little_to_learn_from_ends_in_the_calibrated_rule_and_says_so(table):
    trained = train(table, seed=0, rule="pace")

    assert trained.winner == "rule"
    assert trained.reason.startswith("The calibrated rule alone: ")
    assert "learning begins at" in trained.reason
    assert said_of(trained.export, len(trained.features))


def test_a_young_company_gets_the_rule_and_is_told_the_days():
    reason = train(TABLE, seed=0, days=179, rule="pace").reason
    assert "purchases reach 179 days back; learning begins at 180" in reason


@pytest.fixture(scope="module", params=ENOUGH)
def odd(request):
    return train(ENOUGH[request.param], seed=0, rule="pace")


def test_odd_tables_are_learned_from_and_chances_stay_chances(odd):
    assert "won on" in odd.reason
    assert said_of(odd.export, len(odd.features))
    assert said_of(odd.rehearsal, len(odd.features))


def test_what_ships_does_not_lose_more_than_the_rule_on_the_holdout(odd):
    shipped = log_loss(odd.holdout.table.outcomes, odd.holdout.predictions)
    assert shipped <= odd.candidates["rule"]["log_loss"] + 1e-12


def test_what_is_exported_is_what_was_trained(odd):
    said = load_vectorised(odd.export)(odd.golden)["churn"]
    np.testing.assert_allclose(said, odd.expected[:, 0], atol=1e-9)


def test_the_same_seed_trains_the_same_model():
    few = a_table(500)
    first, again = (train(few, seed=4, rule="pace").export for _ in range(2))
    assert first == again
