"""What the gates of value stop, and that honest retrainings pass."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.card import card, page
from models.gates import judge
from models.tables import Table
from models.trial import Refusal
from models.value import gates
from models.value.train import train
from tests.models.matrix import HONEST, Incumbent, Shop, judged
from tests.models.matrix import shop as opened
from tests.models.subjects import SUBJECTS
from tests.models.worlds import Reading, World, purchases, sample, value_table, world

TODAY = 600


@cache
def shop() -> World:
    """Return a shop, the same for all tests."""
    return world(1, 2000)


def made(happened: World, today: int) -> tuple[Table, dict[int, int]]:
    """Return what a retraining of value on that day has before it."""
    who = sample(np.random.default_rng(today), happened, 0.7)
    return value_table(happened, who, Reading(today)), purchases(happened, who, today)


@cache
def champion() -> Incumbent:
    """Return the model that acts."""
    table, bought = made(shop(), TODAY)
    trained = train(table, seed=0)
    told = card(trained, table, version="v1", today=TODAY, purchases=bought)
    return Incumbent("v1", trained.export, trained.rehearsal, told)


def said(table: Table, bought: dict[int, int] | None = None) -> list[Refusal]:
    """Return what is said a week later against a model of those rows."""
    return judge(train(table, seed=1), champion(), table, today=TODAY + 7, purchases=bought)


def test_an_honest_retraining_of_value_passes():
    assert said(*made(shop(), TODAY + 7)) == []


def test_amounts_in_cents_are_refused():
    def cents(log):
        return replace(log, amounts=log.amounts * 100)

    refusals = said(*made(shop().bought(cents), TODAY + 7))
    assert {"level", "drift"} <= {refusal.gate for refusal in refusals}


def test_outcomes_of_other_customers_are_refused():
    table, bought = made(shop(), TODAY + 7)
    mixed = np.random.default_rng(0).permutation(table.outcomes)
    assert said(replace(table, outcomes=mixed), bought)


def test_purchases_that_stopped_coming_are_refused():
    def stopped(log):
        return log.where(log.days < TODAY - 14)

    refusals = said(*made(shop().bought(stopped), TODAY + 7))
    assert "volume" in {refusal.gate for refusal in refusals}


CAUGHT = {
    "features two weeks too late": "pure",
    "5 % poisoned with a trigger": "pockets",
    "spend of the outcomes in cents": "level",
    "a third of customers twice": "copied",
}


@cache
def seasonal() -> Shop:
    """Return a shop that sells much less from one quarter to the next, and has a champion."""
    return opened(4, 3000, "value")


@pytest.mark.parametrize(("kind", "gate"), CAUGHT.items(), ids=CAUGHT)
def test_what_is_corrupted_is_refused_by_the_gate_that_is_there_for_it(kind, gate):
    refusals = judged(seasonal(), SUBJECTS["value"].corruptions[kind])
    assert gate in {refusal.gate for refusal in refusals}


def test_a_season_that_the_champion_misses_as_well_is_no_reason_to_refuse(monkeypatch):
    assert judged(seasonal(), HONEST) == []

    monkeypatch.setattr(gates, "BIAS_MOVE", -1.0)  # as if the champion had foreseen it
    assert {refusal.gate for refusal in judged(seasonal(), HONEST)} == {"bias"}


@pytest.mark.parametrize("customers", [3, 0], ids=["three customers", "nobody can be told apart"])
def test_too_little_ends_in_the_rule(customers):
    table, _ = made(shop(), TODAY)
    if customers:
        table = table.where(np.isin(table.customers, np.unique(table.customers)[:customers]))
    else:
        table = replace(table, rows=np.full_like(table.rows, np.nan))
    trained = train(table, seed=0)
    assert trained.winner == "rule"
    assert "refused" not in page(card(trained, table, version="v1"))


def test_the_page_of_value_speaks_of_what_was_spent():
    assert "of all that was spent" in page(champion().card)
