"""The gates' confusion table: honest retrainings, and corrupted ones of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.card import card
from models.gates import judge
from models.trial import Refusal
from tests.models.corruptions import Corruption, Retraining
from tests.models.subjects import SUBJECTS, Subject
from tests.models.worlds import Ints, Reading, World, purchases, sample

TODAY, SHARE = 600, 0.6


@dataclass(frozen=True, slots=True)
class Incumbent:
    """A champion, as the registry would keep it."""

    version: str
    export: Mapping[str, Any]
    rehearsal: Mapping[str, Any]
    card: Mapping[str, Any]


def incumbent(subject: Subject, retraining: Retraining, seed: int) -> Incumbent:
    """Return the champion that a training becomes, unjudged."""
    table, today, purchases = retraining
    trained = subject.train(table, seed=seed)
    told = card(trained, table, version="v1", today=today, purchases=purchases)
    return Incumbent("v1", trained.export, trained.rehearsal, told)


@dataclass(frozen=True, slots=True)
class Shop:
    """A world with its champion."""

    subject: Subject
    seed: int
    world: World
    champion: Incumbent


def shop(seed: int, customers: int | None = None, model: str = "churn") -> Shop:
    """Return a shop whose first model was trained and acts."""
    subject = SUBJECTS[model]
    happened = subject.shop(seed, customers or subject.customers)
    return Shop(subject, seed, happened, _champion(subject, seed, happened, HONEST, TODAY))


def _champion(
    subject: Subject, seed: int, world: World, corruption: Corruption, began: int
) -> Incumbent:
    """Return a champion of `TODAY`, of a world whose corruption is that of a later day."""
    chance = np.random.default_rng([seed, began, 1])
    broken = corruption.events(chance, world, began)
    who = sample(chance, broken, SHARE)
    table = subject.tabled(broken, who, Reading(TODAY))
    made = Retraining(table, TODAY, purchases(broken, who, TODAY))
    return incumbent(subject, made, seed)


HONEST = Corruption()


def judged(shop: Shop, corruption: Corruption, *, later: int = 7, turn: int = 0) -> list[Refusal]:
    """Return what is said against a retraining some days later, of another sample."""
    today = TODAY + later
    subject, champion = shop.subject, shop.champion
    if corruption.creeping:
        champion = _champion(subject, shop.seed, shop.world, corruption, today)
    chance = np.random.default_rng([shop.seed, later, turn, 2])
    who: Ints = sample(chance, shop.world, SHARE)
    table, told, bought = corruption(chance, shop.world, who, today, subject.tabled)
    trained = subject.train(table, seed=shop.seed)
    return judge(trained, champion, table, today=told, purchases=bought)
