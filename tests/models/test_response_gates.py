"""What the gates of response stop and let through, and that little data ends in the prior."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models.card import card, page
from models.gates import gates_of, judge
from models.response.balance import balanced
from models.response.features import QUARTER, quarter
from models.response.train import train
from models.tables import Table
from models.trained import Trained
from models.trial import Refusal
from tests.models.experiments import experiment, response_table
from tests.models.matrix import HONEST, Incumbent, Shop, incumbent, judged, shop
from tests.models.subjects import SUBJECTS
from tests.models.worlds import Reading, sample

RESPONSE = SUBJECTS["response"]


@cache
def opened() -> Shop:
    """Return a shop with a champion, the same for all tests."""
    return shop(0, customers=3800, model="response")


@cache
def small() -> Table:
    """Return the rows of a shop that has no model yet."""
    happened = experiment(3, 3600)
    return response_table(happened, sample(np.random.default_rng(3), happened, 0.9), Reading(600))


@cache
def first() -> Trained:
    """Return its first model."""
    return train(small(), seed=1)


@cache
def champion() -> Incumbent:
    """Return it as it acts."""
    return incumbent(RESPONSE, (small(), 600, {}), seed=1)


def gates(refusals: list[Refusal]) -> set[str]:
    """Return which gates refused, each of which the card can name."""
    found = {refusal.gate for refusal in refusals}
    assert found <= {gate.__name__ for gate in gates_of("response")}
    assert all(refusal.sentence.endswith((".", "?")) for refusal in refusals)
    return found


def test_an_honest_retraining_of_response_passes():
    assert judged(opened(), HONEST) == []


CAUGHT = {
    "outcomes shuffled": "effect",
    "nobody acted": "label_rate",
    "the arms swapped": "assigned",
    "the arms shuffled": "effect",
    "the best were contacted": "by_lot",
    "a feature that tells the arm": "by_lot",
    "those left alone lost": "rows",
    "a third of those left alone lost": "assigned",
    "only who opened it": "assigned",
    "the control group contacted after all": "effect",
    "a feature that tells the label": "leak",
    "label window not closed": "closed",
}


@pytest.mark.parametrize(("kind", "gate"), CAUGHT.items(), ids=CAUGHT)
def test_what_is_corrupted_is_refused_by_the_gate_that_is_there_for_it(kind, gate):
    assert gate in gates(judged(opened(), RESPONSE.corruptions[kind]))


def test_the_first_model_passes_without_a_champion_and_is_believed():
    assert judge(first(), None, small(), today=600) == []
    assert first().metrics["belief"].low > 0


def test_uplift_that_those_unseen_do_not_show_is_not_claimed():
    holdout = first().holdout
    drawn = np.random.default_rng(0).permutation(holdout.predictions[:, 1])
    unseen = np.column_stack([holdout.predictions[:, 0], drawn])
    claiming = replace(first(), holdout=replace(holdout, predictions=unseen))

    assert "claimed" in gates(judge(claiming, None, small()))
    assert "claimed" in gates(judge(replace(first(), holdout=None), None, small()))


def test_scores_that_are_no_chances_are_refused():
    outputs = dict(first().export["outputs"])
    outputs["response"] = {**outputs["uplift"], "offset": 2.0}
    wrong = replace(first(), export={**first().export, "outputs": outputs})
    assert {"scores", "golden"} <= gates(judge(wrong, None, small()))


@pytest.mark.parametrize("customers", [1, 3, 60, 300])
def test_too_little_ends_in_the_prior_which_is_promoted_and_said(customers):
    table = small().where(np.isin(small().customers, np.unique(small().customers)[:customers]))
    trained = train(table, seed=1)
    told = card(trained, table, version="v1")

    assert judge(trained, None, table, today=600) == []
    assert trained.winner == "prior"
    assert "learning begins at 500" in page(told)


def test_from_the_prior_to_a_model_is_no_leap_that_is_refused_and_back_is():
    few = small().where(small().customers % 4 == 0)
    prior = incumbent(RESPONSE, (few, 600, {}), seed=1)

    assert judge(first(), prior, small(), today=600) == []
    assert "rows" in gates(judge(train(few, seed=1), champion(), few, today=600))


def test_a_week_after_the_control_group_was_made_larger_nothing_is_refused():
    larger = replace(small(), chances=small().chances - 0.1)

    assert "assigned" in gates(judge(first(), None, larger, today=600))
    assert judge(first(), champion(), larger, today=600) == []


def test_campaigns_that_hold_out_different_shares_are_balanced_before_they_are_compared():
    """One campaign holds out half, of customers who all buy; another a tenth, of who never does."""
    chance = np.random.default_rng(0)
    chances = np.repeat([0.5, 0.9], 4000)
    arms = chance.random(8000) < chances
    outcomes = (chances == 0.5).astype(np.float64)
    table = Table(("f",), np.zeros((8000, 1)), outcomes, np.zeros(8000, np.int64),
                  np.arange(8000), contacted=arms, chances=chances)  # fmt: skip

    told = balanced(table, seed=0)

    assert outcomes[arms].mean() - outcomes[~arms].mean() < -0.4  # as if contact kept them off
    shares = [told.arms[told.chances == each].mean() for each in (0.5, 0.9)]
    assert shares[0] == pytest.approx(shares[1], abs=0.05)
    assert abs(train(table, seed=0).metrics["effect"].value) < 0.03
    assert (~told.arms).sum() == (~arms).sum()  # of those left alone, who are few, none is lost


def test_lots_of_one_arm_alone_tell_nothing():
    table = small().where(small().arms | (small().chances == small().chances.max()))
    assert set(balanced(table, seed=0).chances) == {small().chances.max()}


def test_quarters_end_with_the_last_day_whose_window_has_closed():
    days = range(1000 - 4 * QUARTER + 1, 1001)
    found = [quarter(day, 1000) for day in days]
    assert all(day <= end < day + QUARTER for day, end in zip(days, found, strict=True))
    assert set(found) == {1000 - QUARTER * back for back in range(4)}
    assert quarter(1001, 1000) > 1000


@cache
def told() -> dict[str, Any]:
    """Return the card of a second champion."""
    return card(first(), small(), version="v2", champion=champion(), today=600)


def test_the_page_says_what_contact_changed_and_for_whom():
    text = page(told())
    assert "of those left alone by lot [+" in text
    assert "is believed" in text
    assert {"Qini as numbers", "Uplift as numbers"} <= {
        part.partition("<")[0] for part in text.split("<summary>")
    }
    assert "nan" not in text


def test_the_qini_curve_ends_with_the_effect_on_all_and_tenths_fall():
    effects, effect = told()["effects"], told()["metrics"]["effect"]["value"]
    assert effects["curve"][0] == [0.0, 0.0]
    assert effects["curve"][-1] == [1.0, pytest.approx(effect)]
    values = [one["value"] for one in effects["tenths"]]
    assert np.mean(values[:3]) > effect > np.mean(values[-3:])


def test_where_nothing_is_told_apart_the_page_says_that_all_have_the_same_uplift():
    table = replace(small(), rows=np.full_like(small().rows, np.nan))
    trained = train(table, seed=1)
    assert "all have the same uplift" in page(card(trained, table, version="v1"))
