"""Response: what contact changes, for arms of any size, with little to go by, and on a real one."""

from dataclasses import replace
from statistics import fmean, variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import logistic
from models.effects import Trial, difference, is_significant, policy_difference, qini, ranking
from models.response.response import Constant
from models.response.train import train
from models.scoring import load_vectorised
from models.tables import Table
from portrait.learning.export import load
from tests.bench_models import responses
from tests.bench_models.shops import DATA

NAMES = ("persuadable", "eager", "unused")


def world(customers: int, *, share: float, seed: int = 1, lift: float = 0.25) -> Table:
    """Return customers of whom contact moves some, and of whom others act anyway."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(customers, 3))
    rows[:, 2] = np.nan
    contacted = chance.random(customers) < share
    eager = 0.1 + 0.3 * (rows[:, 1] > 0)
    moved = lift * (rows[:, 0] > 0.5) * contacted
    acted = (chance.random(customers) < eager + moved).astype(np.float64)
    days, numbers = np.zeros(customers, np.int64), np.arange(customers)
    return Table(NAMES, rows, acted, days, numbers, contacted=contacted, horizon=14)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.15])
def test_uplift_ranks_customers_it_has_not_seen_with_arms_of_any_size(share):
    trained = train(world(12_000, share=share), seed=0)
    other = world(12_000, share=share, seed=2)

    uplift = load_vectorised(trained.export)(other.rows)["uplift"]
    found = qini(other.outcomes, other.contacted, uplift, seed=0)

    assert found.low > 0
    assert trained.metrics["qini"].low > 0
    assert np.corrcoef(uplift, other.rows[:, 0] > 0.5)[0, 1] > 0.6


def test_an_export_says_what_the_estimator_says():
    trained = train(world(4000, share=0.8), seed=0)
    alone, many = load(trained.export), load_vectorised(trained.export)(trained.golden)

    for place, name in enumerate(trained.outputs):
        one = [alone(row)[name] for row in trained.golden.tolist()]
        assert np.abs(one - trained.expected[:, place]).max() <= 1e-9
        assert np.abs(many[name] - trained.expected[:, place]).max() <= 1e-9
    assert np.isnan(trained.golden).any()


def test_where_contact_moves_everybody_alike_everybody_has_the_mean_effect():
    table = world(5000, share=0.7, lift=0.0)
    trained = train(table, seed=0)
    uplift = load_vectorised(trained.export)(table.rows)["uplift"]

    assert len(set(uplift)) == 1
    assert "may be chance" in trained.reason


@pytest.mark.parametrize("customers", [0, 3, 200])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_with_little_to_go_by_rates_are_drawn_to_the_prior_and_it_is_said(customers, share):
    trained = train(world(customers, share=share), seed=0)
    said = load(trained.export)([0.0, 0.0, float("nan")])

    assert 0 < said["response"] < 0.6
    assert -0.6 < said["uplift"] < 0.6
    assert "drawn to a prior" in trained.reason


@pytest.mark.parametrize(("left", "most"), [(0, 1e-9), (1, 0.02), (40, 0.01)])
@pytest.mark.parametrize("whom", [True, False], ids=["left alone", "contacted"])
def test_an_arm_of_few_is_taken_to_be_like_the_other_until_it_shows_otherwise(left, most, whom):
    table = replace(world(60 + left, share=1.0), outcomes=np.arange(60 + left) % 2.0)
    table = replace(table, contacted=(np.arange(60 + left) < 60) == whom)
    said = load(train(table, seed=0).export)([0.0, 0.0, float("nan")])

    assert said["response"] > 0.2
    assert abs(said["uplift"]) < most


counts = st.tuples(st.integers(0, 3000), st.floats(0, 1)).map(lambda one: (one[0], one[0] * one[1]))


@given(counts, counts)
def test_the_rate_of_an_arm_is_a_chance_between_what_both_have_and_its_own(arm, other):
    (size, acted), (rest, more) = ((number, int(some)) for number, some in (arm, other))
    own = np.arange(size) < acted
    both = np.concatenate([own, np.arange(rest) < more]).astype(np.float64)
    constant = Constant.of(both)

    rate = logistic(constant.fit(np.empty((size, 0)), own.astype(np.float64), seed=0).raw([0]))[0]

    assert 0 < rate < 1
    if size:
        assert (rate >= constant.rate - 1e-9) == (own.mean() >= both.mean() - 1e-9)
        assert abs(rate - own.mean()) <= 60 / (size + 50) + 1e-9


def test_a_table_without_arms_is_refused():
    with pytest.raises(ValueError, match="who was contacted"):
        train(Table(NAMES, np.zeros((1, 3)), np.zeros(1), np.zeros(1), np.zeros(1)), seed=0)


def test_random_uplift_does_not_rank_and_ties_tell_nothing():
    table = world(4000, share=0.8)
    drawn = np.random.default_rng(3).random(4000)

    assert not is_significant(qini(table.outcomes, table.contacted, drawn, seed=0))
    assert ranking(table.outcomes, table.contacted, np.ones(4000)).qini == pytest.approx(0)


def test_a_policy_beside_itself_is_worth_nothing():
    arms = np.array([0.0, 1.0, 1.0, 0.0])
    trial = Trial(np.array([1.0, 0.0, 1.0, 0.0]), arms, {0: 0.5, 1: 0.5})

    assert policy_difference(trial, arms, arms) == (0, 0, 0)


def test_an_arm_of_nobody_has_no_interval():
    assert np.isnan(difference(np.ones(3), np.ones(0))).all()


@pytest.fixture
def experiment():
    if not (DATA / "hillstrom").is_dir():
        pytest.skip(f"the Hillstrom data is not here: {DATA / 'hillstrom'}")
    return responses.hillstrom()


def test_the_six_differences_of_a_real_experiment_are_those_of_plain_arithmetic(experiment):
    _, _, arms, outcomes = experiment
    for (mail, name), found in responses.differences().items():
        arm = responses.MEN if mail == "men's" else responses.WOMEN
        mailed, left = (outcomes[name][arms == each].tolist() for each in (arm, responses.NONE))
        value = fmean(mailed) - fmean(left)
        error = (variance(mailed) / len(mailed) + variance(left) / len(left)) ** 0.5
        plain = (value, value - 1.959963984540054 * error, value + 1.959963984540054 * error)
        assert found == pytest.approx(plain, abs=1e-9)
    assert tuple(round(x, 5) for x in responses.differences()["men's", "visit"]) == (
        0.07659, 0.06995, 0.08323,
    )  # fmt: skip
