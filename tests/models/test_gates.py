"""What the gates of churn stop, what they let through, and that nothing makes them crash."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.churn.train import train
from models.gates import gates_of, judge
from models.tables import Table
from models.trained import Trained
from models.trial import Refusal
from tests.models.matrix import HONEST, Shop, judged, shop
from tests.models.subjects import SUBJECTS
from tests.models.worlds import LEARNING, Reading, churn, churn_table, sample, world


@cache
def opened() -> Shop:
    """Return a shop with a champion, the same for all tests."""
    return shop(2, customers=2000)


@cache
def small() -> Table:
    """Return the rows of a shop that has no model yet."""
    happened = world(3, 1500)
    return churn_table(happened, sample(np.random.default_rng(3), happened, 0.9), Reading(600))


@cache
def first() -> Trained:
    """Return its first model."""
    return train(small(), seed=1)


def gates(refusals: list[Refusal]) -> set[str]:
    """Return which gates refused, each of which the card can name."""
    found = {refusal.gate for refusal in refusals}
    assert found <= {gate.__name__ for gate in gates_of("churn")}
    assert all(refusal.sentence.endswith((".", "?")) for refusal in refusals)
    return found


def test_an_honest_retraining_passes():
    assert judged(opened(), HONEST) == []


CAUGHT = {
    "labels shuffled": "worth",
    "a feature that tells the label": "leak",
    "features two weeks too late": "pure",
    "5 % poisoned with a trigger": "pockets",
    "amounts in cents": "drift",
    "a third of customers twice": "copied",
    "purchases renamed": "volume",
    "a twentieth of the sample": "rows",
}


@pytest.mark.parametrize(("kind", "gate"), CAUGHT.items(), ids=CAUGHT)
def test_what_is_corrupted_is_refused_by_the_gate_that_is_there_for_it(kind, gate):
    assert gate in gates(judged(opened(), SUBJECTS["churn"].corruptions[kind]))


def test_the_first_model_of_a_company_passes_without_a_champion():
    assert judge(first(), None, small(), today=600) == []


def test_a_window_that_is_still_open_is_refused():
    assert gates(judge(first(), None, small(), today=590)) == {"closed"}


def test_what_a_person_accepted_is_let_through():
    assert judge(first(), None, small(), today=590, accepted=("closed",)) == []


def test_an_export_that_is_not_the_model_is_refused():
    wrong = replace(first(), expected=first().expected + 1e-6)
    assert "golden" in gates(judge(wrong, None, small()))


def test_a_model_that_takes_buyers_for_leavers_is_refused():
    output = dict(first().export["outputs"]["churn"])
    output["calibration"] = {"form": "logistic", "slope": -1.0, "offset": 0.0}
    turned = replace(first(), export={**first().export, "outputs": {"churn": output}})
    assert {"sweeps", "golden"} <= gates(judge(turned, None, small()))


def named(**columns: float) -> Table:
    """Return the rows with columns set to one value."""
    rows = small().rows.copy()
    for name, value in columns.items():
        rows[:, small().names.index(name)] = value
    return replace(small(), rows=rows)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_a_feature_that_nobody_has_ends_in_a_model(value):
    table = named(services_90=value, breadth=value)
    assert judge(train(table, seed=1), None, table) == []


def test_nothing_known_of_anybody_is_refused_not_crashed_on():
    table = replace(small(), rows=np.full_like(small().rows, np.nan))
    assert "scores" in gates(judge(train(table, seed=1), None, table))


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_outcome_for_everybody_is_refused(outcome):
    table = replace(small(), outcomes=np.full(len(small()), outcome))
    assert "label_rate" in gates(judge(train(table, seed=1), None, table))


def test_three_customers_get_the_rule_and_a_reason():
    table = small().where(np.isin(small().customers, np.unique(small().customers)[:3]))
    trained = train(table, seed=1)
    assert trained.winner == "rule"
    assert "3 customers" in trained.reason
    assert judge(trained, None, table) == []


def test_no_customers_but_a_champion_is_refused():
    table = small().where(np.zeros(len(small()), dtype=bool))
    rule = train(small().where(np.arange(3)), seed=1)
    assert "rows" in gates(judge(rule, opened().champion, table))


def test_a_champion_of_other_features_is_still_compared():
    channel = churn.names(replace(LEARNING, engagement={"email": ("e",), "push": ("p",)}))
    wider = np.hstack([small().rows, np.full((len(small()), 3), np.nan)])
    table = replace(small(), names=channel, rows=wider)
    assert gates(judge(train(table, seed=1), opened().champion, table))
