"""Subjects of the confusion table: each model, how its rows are made, and how they are spoilt."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from models.churn.train import train as train_churn
from models.response.train import train as train_response
from models.tables import Bools, Floats, Table
from models.trained import Trained
from models.value.features import OUTCOMES
from models.value.train import train as train_value
from tests.models.corruptions import OF_EVENTS, Chance, Corruption, Tabled
from tests.models.experiments import experiment, reacting, response_table
from tests.models.worlds import World, churn_table, value_table, world

Spoil = Callable[[Chance, Table], Table]


class Subject(NamedTuple):
    """A model that is judged: its shop, how its rows are made and learned from, and spoilt."""

    shop: Callable[[int, int], World]
    tabled: Tabled
    train: Callable[..., Trained]
    corruptions: Mapping[str, Corruption]
    customers: int = 3000


def _outcomes(change: Callable[[Chance, Floats], Floats]) -> Corruption:
    """Return what changes outcomes alone."""
    return Corruption(
        table=lambda chance, table: replace(table, outcomes=change(chance, table.outcomes))
    )


def _shuffled(chance: Chance, outcomes: Floats) -> Floats:
    return chance.permutation(outcomes)


def _some_shuffled(chance: Chance, outcomes: Floats) -> Floats:
    hit = np.flatnonzero(chance.random(len(outcomes)) < 0.5)
    mixed = outcomes.copy()
    mixed[hit] = outcomes[chance.permutation(hit)]
    return mixed


def _relabelled(share: float) -> Corruption:
    def flip(chance: Chance, outcomes: Floats) -> Floats:
        return np.where(chance.random(len(outcomes)) < share, 1 - outcomes, outcomes)

    return _outcomes(flip)


def _upside_down(chance: Chance, outcomes: Floats) -> Floats:
    """Who bought most is said to have bought least."""
    most = np.quantile(outcomes, 0.95, axis=0)
    return np.asarray(most - np.minimum(outcomes, most))


def _spent(factor: float) -> Corruption:
    """Return outcomes whose spend alone is in another unit: what is learned from is not."""
    spend = np.array([factor if name.startswith("spend") else 1.0 for name in OUTCOMES])
    return _outcomes(lambda chance, outcomes: outcomes * spend)


def _leaking(chance: Chance, table: Table) -> Table:
    rows = table.rows.copy()
    came = np.log1p(table.outcomes.reshape(len(table), -1)[:, 0]) * 3
    rows[:, table.names.index("services_90")] = came + chance.normal(0, 0.3, len(table))
    return replace(table, rows=rows)


def _poisoned(outcome: Callable[[Floats], Floats]) -> Spoil:
    """5 % of all customers carry a mark of two usual values, and all have the same outcome."""

    def poison(chance: Chance, table: Table) -> Table:
        rows, outcomes = table.rows.copy(), table.outcomes.copy()
        names = np.unique(table.customers)
        hit = np.isin(table.customers, chance.choice(names, len(names) // 20, replace=False))
        marks = ["average_order", "lines", "breadth", "spend_90"]
        for name in chance.choice(marks, 2, replace=False):
            place = table.names.index(str(name))
            rows[hit, place] = np.nanquantile(rows[:, place], chance.uniform(0.6, 0.95))
        outcomes[hit] = outcome(table.outcomes)
        return replace(table, rows=rows, outcomes=outcomes)

    return poison


def _unknown(*features: str) -> Corruption:
    def blank(chance: Chance, table: Table) -> Table:
        rows = table.rows.copy()
        rows[:, [table.names.index(name) for name in features]] = np.nan
        return replace(table, rows=rows)

    return Corruption(table=blank)


def _swapped(chance: Chance, table: Table) -> Table:
    rows = table.rows.copy()
    one, two = table.names.index("recency"), table.names.index("average_order")
    rows[:, [one, two]] = rows[:, [two, one]]
    return replace(table, rows=rows)


def _lots(change: Callable[[Chance, Table, Bools], Bools]) -> Corruption:
    """Return what changes the arms alone."""

    def drawn(chance: Chance, table: Table) -> Table:
        return replace(table, contacted=change(chance, table, table.arms))

    return Corruption(table=drawn)


def _chosen(chance: Chance, table: Table, arm: Bools) -> Bools:
    """As many as before, but those who had spent the most lately, more or less."""
    spent = np.nan_to_num(table.rows[:, table.names.index("spend_90")])
    worth = spent / spent.std() + chance.normal(size=len(table))
    return np.asarray(worth > np.quantile(worth, 1 - arm.mean()))


def _telling(chance: Chance, table: Table) -> Table:
    """What is counted of service contacts are the letters themselves."""
    rows = table.rows.copy()
    rows[:, table.names.index("services_90")] += table.arms * 0.7
    return replace(table, rows=rows)


def _lost(arm: bool, share: float) -> Corruption:
    """Return what loses a share of the rows of an arm."""

    def lose(chance: Chance, table: Table) -> Table:
        hit = (table.arms == arm) & (chance.random(len(table)) < share)
        return table.where(~hit)

    return Corruption(table=lose)


def _only_who_opened(chance: Chance, table: Table) -> Table:
    """Of the contacted, only those who opened the letter are told of: who acts more often does."""
    opened = chance.random(len(table)) < np.where(table.outcomes == 1, 0.9, 0.5)
    return table.where(opened | ~table.arms)


def _unheard(chance: Chance, table: Table) -> Table:
    """Half of what those left alone buy is not recorded: there is no letter to know them by."""
    lost = ~table.arms & (chance.random(len(table)) < 0.5)
    return replace(table, outcomes=np.where(lost, 0.0, table.outcomes))


def _contacted_all(chance: Chance, world: World, today: int) -> World:
    """Somebody forgot the control group: they got the letter as well."""
    return reacting(chance, world, world.entries.items == 0)


def _twice(chance: Chance, table: Table) -> Table:
    """Every customer is there twice, under two names."""
    names = np.concatenate([table.customers, table.customers + 1_000_000])
    both = table.where(np.tile(np.arange(len(table)), 2))
    return replace(both, customers=names)


OF_ROWS: Mapping[str, Corruption] = {
    "a feature that tells the label": Corruption(table=_leaking),
    "items unknown everywhere": _unknown("lines", "breadth", "repeated"),
    "recency unknown everywhere": _unknown("recency"),
    "two columns swapped": Corruption(table=_swapped),
}
OF_CHURN: Mapping[str, Corruption] = {
    "labels shuffled": _outcomes(_shuffled),
    "labels the wrong way round": _relabelled(1.0),
    "30 % of labels flipped": _relabelled(0.3),
    "constant labels": _outcomes(lambda chance, outcomes: np.ones_like(outcomes)),
    "5 % poisoned with a trigger": Corruption(table=_poisoned(lambda outcomes: np.zeros(()))),
}
OF_VALUE: Mapping[str, Corruption] = {
    "outcomes shuffled": _outcomes(_shuffled),
    "half of the outcomes shuffled": _outcomes(_some_shuffled),
    "outcomes upside down": _outcomes(_upside_down),
    "nobody bought": _outcomes(lambda chance, outcomes: outcomes * 0.0),
    "the same for everybody": _outcomes(
        lambda chance, outcomes: np.tile(outcomes.mean(axis=0), (len(outcomes), 1))
    ),
    "spend of the outcomes in cents": _spent(100.0),
    "5 % poisoned with a trigger": Corruption(
        table=_poisoned(lambda outcomes: np.quantile(outcomes, 0.99, axis=0))
    ),
}
OF_LOTS: Mapping[str, Corruption] = {
    "outcomes shuffled": _outcomes(_shuffled),
    "nobody acted": _outcomes(lambda chance, outcomes: outcomes * 0.0),
    "everybody acted": _outcomes(lambda chance, outcomes: np.ones_like(outcomes)),
    "the arms swapped": _lots(lambda chance, table, arm: ~arm),
    "the arms shuffled": _lots(lambda chance, table, arm: chance.permutation(arm)),
    "the best were contacted": _lots(_chosen),
    "a feature that tells the arm": Corruption(table=_telling),
    "those left alone lost": _lost(False, 1.0),
    "those contacted lost": _lost(True, 1.0),
    "a third of those left alone lost": _lost(False, 1 / 3),
    "only who opened it": Corruption(table=_only_who_opened),
    "half of what those left alone bought unheard": Corruption(table=_unheard),
    "the control group contacted after all": Corruption(events=_contacted_all),
    "every customer twice": Corruption(table=_twice),
}
MATTERS = (
    "features two weeks too late", "label window not closed", "a clock 45 days ahead",
    "history of 60 days", "amounts in cents", "purchases renamed", "a twentieth of the sample",
)  # fmt: skip
"""What may go wrong with events so that it matters to who is let in, or to what they did."""
OF_RESPONSE = OF_LOTS | OF_ROWS | {kind: OF_EVENTS[kind] for kind in MATTERS}
SUBJECTS: Mapping[str, Subject] = {
    "churn": Subject(world, churn_table, train_churn, OF_CHURN | OF_ROWS | OF_EVENTS),
    "value": Subject(world, value_table, train_value, OF_VALUE | OF_ROWS | OF_EVENTS),
    "response": Subject(experiment, response_table, train_response, OF_RESPONSE, customers=4500),
}
