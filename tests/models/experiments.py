"""Experiments: a shop whose campaigns leave some customers alone by lot, and move others."""

from dataclasses import replace

import numpy as np

from models.response import features as response
from models.response.features import HORIZON, QUARTER, quarter
from models.tables import Bools, Gathering, Table
from tests.models.worlds import LEARNING, Ints, Log, Past, Reading, World, pasts, world

Chance = np.random.Generator

CHANCES = (0.5, 0.6)
"""Of each campaign, to be contacted."""
EASILY, HARDLY = 0.35, 0.03
"""Chances that contact moves somebody who last bought some weeks ago, and somebody else."""
SOME_WEEKS = (15, 120)


def experiment(seed: int, customers: int = 3000) -> World:
    """Return a shop whose customers entered campaigns, and bought more where that moved them."""
    chance = np.random.default_rng([seed, 7])
    happened = world(seed, customers)
    entered = _entered(chance, happened)
    contacted: Bools = entered.items == 1
    return reacting(chance, replace(happened, entries=entered), contacted)


def _entered(chance: Chance, world: World) -> Log:
    """Return one entry a campaign of everybody who bought; `channels` is the campaign, `items` 1
    for the contacted."""
    names, starts = np.unique(world.purchases.customers, return_index=True)
    firsts, last = world.purchases.days[starts], int(world.purchases.days.max())
    logs = []
    for campaign, share in enumerate(CHANCES):
        days = firsts + 1 + (chance.random(len(names)) * (last - firsts)).astype(np.int64)
        drawn = (chance.random(len(names)) < share).astype(np.int64)
        logs.append(Log(names, days, np.zeros(len(names)), np.full(len(names), campaign), drawn))
    return logs[0] + logs[1]


def reacting(chance: Chance, world: World, entered: Bools) -> World:
    """Return the world in which contact moved some of those entries, as it moves customers."""
    entries = world.entries.where(entered)
    low, high = SOME_WEEKS
    silent = _silence(world, entries)
    moved = chance.random(len(silent)) < np.where((silent > low) & (silent < high), EASILY, HARDLY)
    hit = entries.where(moved)
    number = len(hit.days)
    more = Log(
        hit.customers, hit.days + chance.integers(1, 20, number),
        np.round(np.exp(chance.normal(3.5, 0.6, number)), 2),
        chance.integers(0, 3, number), chance.integers(0, 200, number),
    )  # fmt: skip
    return world.bought(lambda log: log + more)


def _silence(world: World, entries: Log) -> Ints:
    """Return how many days before each entry its customer last bought."""
    scale = 10_000
    bought = world.purchases.customers * scale + world.purchases.days
    place = np.searchsorted(bought, entries.customers * scale + entries.days) - 1
    return np.asarray(entries.days - world.purchases.days[np.maximum(place, 0)])


def response_table(world: World, customers: Ints, reading: Reading) -> Table:
    """Return the rows of response, as `models.response.features.examples` makes them."""
    known = pasts(world, customers, reading.today)
    last = reading.today + reading.open - HORIZON
    gathering = Gathering(response.names(LEARNING))
    entries = world.entries
    for who, day, campaign, contacted in zip(
        *(each.tolist() for each in (entries.customers, entries.days, entries.channels,
                                     entries.items)), strict=True,
    ):  # fmt: skip
        if who in known and last - 4 * QUARTER < day <= last:
            row = response.row(known[who].behaviour(day + reading.late, reading.lookback))
            if row is not None:
                drawn = (bool(contacted), CHANCES[campaign])
                gathering.add(
                    row, [_acted(known[who], day)], cut=quarter(day, last), customer=who,
                    drawn=drawn,
                )  # fmt: skip
    return gathering.table(HORIZON)


def _acted(past: Past, day: int) -> float:
    return float(any(day < one.day < day + HORIZON for one in past.purchases))
