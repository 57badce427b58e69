"""Corruptions: what goes wrong with the events of a retraining, each as it does in practice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from models.tables import Table
from tests.models.worlds import Ints, Log, Reading, World, purchases

Chance = np.random.Generator
Tabled = Callable[[World, Ints, Reading], Table]
"""How a model's rows are made of a world, a sample of its customers, and how it is read."""


class Retraining(NamedTuple):
    """What a retraining has before it: rows, what it takes for today, and purchases by the day."""

    table: Table
    today: int
    purchases: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Corruption:
    """What becomes of the events, of who is sampled, of how they are read, and of the table.

    Attributes:
        creeping: it began some weeks ago, and the champion was trained in the midst of it.
        told: the judge knows the right day, whatever the reading takes for it.
    """

    events: Callable[[Chance, World, int], World] = lambda chance, world, today: world
    customers: Callable[[Chance, World, Ints, int], Ints] = lambda chance, world, who, today: who
    reading: Mapping[str, int] = field(default_factory=dict)
    table: Callable[[Chance, Table], Table] = lambda chance, table: table
    creeping: bool = False
    told: bool = False

    def __call__(
        self, chance: Chance, world: World, who: Ints, today: int, tabled: Tabled
    ) -> Retraining:
        """Return what a retraining on that day makes of it."""
        happened = world.every(lambda log: log.where(log.days < today))
        broken = self.events(chance, happened, today)
        chosen = self.customers(chance, broken, who, today)
        reading = Reading(today, **self.reading)
        table = self.table(chance, tabled(broken, chosen, reading))
        now = today if self.told else today + reading.open
        return Retraining(table, now, purchases(broken, chosen, today))


def _dearer(factor: float, share: float) -> Callable[[Chance, World, int], World]:
    def change(chance: Chance, world: World, today: int) -> World:
        def bought(log: Log) -> Log:
            hit = chance.random(len(log.days)) < share
            return replace(log, amounts=np.where(hit, log.amounts * factor, log.amounts))

        return world.bought(bought)

    return change


def _channel_lost(chance: Chance, world: World, today: int) -> World:
    """A third of all purchases of the last eight weeks never arrived: those of some channels."""
    recent = world.purchases.days >= today - 56
    lost = chance.permutation(3)
    shares = [np.mean(world.purchases.channels[recent] == each) for each in lost]
    number = int(np.argmin([abs(sum(shares[: n + 1]) - 1 / 3) for n in range(2)])) + 1
    return world.bought(lambda log: log.where(~(recent & np.isin(log.channels, lost[:number]))))


def _renamed(chance: Chance, world: World, today: int) -> World:
    """The shop calls its purchases by another name since a few weeks."""
    return world.bought(lambda log: log.where(log.days < today - int(chance.integers(42, 84))))


def _copied(chance: Chance, world: World, today: int) -> World:
    """A third of the customers are there twice: an import under new names."""
    names = np.unique(world.purchases.customers)
    twice = chance.choice(names, len(names) // 3, replace=False)

    def copies(log: Log) -> Log:
        more = log.where(np.isin(log.customers, twice))
        return log + replace(more, customers=more.customers + 1_000_000)

    return world.every(copies)


def _split(chance: Chance, world: World, today: int) -> World:
    """Every visit is somebody else: half of the events go to another name."""

    def torn(log: Log) -> Log:
        other = chance.random(len(log.days)) < 0.5
        return replace(log, customers=np.where(other, log.customers + 1_000_000, log.customers))

    return world.every(torn)


def _taken_for_one(chance: Chance, world: World, today: int) -> World:
    """Three customers each are taken for one: a shared identifier was believed."""
    return world.every(lambda log: replace(log, customers=log.customers // 3 * 3))


def _bots(chance: Chance, world: World, today: int) -> World:
    """Thousands of customers of one event."""
    number = len(np.unique(world.purchases.customers))
    robots = Log(
        np.arange(number) + 2_000_000,
        chance.integers(max(0, today - 300), today, number),
        np.full(number, 1.0), np.zeros(number, dtype=np.int64), np.zeros(number, dtype=np.int64),
    )  # fmt: skip
    return world.bought(lambda log: log + robots)


def _shifted(days: int, share: float) -> Callable[[Chance, World, int], World]:
    def change(chance: Chance, world: World, today: int) -> World:
        def late(log: Log) -> Log:
            wrong = log.channels == 1 if share < 1 else np.ones(len(log.days), dtype=bool)
            return replace(log, days=np.where(wrong, log.days + days, log.days))

        return world.every(late)

    return change


def _imported(chance: Chance, world: World, today: int) -> World:
    """Half of the customers were imported, all their past stamped with the day of the import."""
    day = today - int(chance.integers(20, 120))

    def stamped(log: Log) -> Log:
        hit = (log.customers % 2 == 0) & (log.days < day)
        return replace(log, days=np.where(hit, day, log.days))

    return world.every(stamped)


def _from_the_future(chance: Chance, world: World, today: int) -> World:
    """A fifth of all purchases carry an instant up to a year after their own."""

    def ahead(log: Log) -> Log:
        hit = chance.random(len(log.days)) < 0.2
        return replace(log, days=log.days + hit * chance.integers(1, 365, len(log.days)))

    return world.bought(ahead)


def _views(chance: Chance, world: World, today: int) -> World:
    """Visits are counted as purchases."""

    def more(log: Log) -> Log:
        often = np.repeat(np.arange(len(log.days)), chance.integers(1, 8, len(log.days)))
        seen = log.where(often)
        return replace(seen, days=seen.days - chance.integers(0, 20, len(often)))

    return world.bought(more)


def _survivors(chance: Chance, world: World, who: Ints, today: int) -> Ints:
    log = world.purchases
    lately = np.unique(log.customers[(log.days < today) & (log.days >= today - 60)])
    return np.intersect1d(who, lately)


def _tiny(chance: Chance, world: World, who: Ints, today: int) -> Ints:
    return np.sort(chance.choice(who, len(who) // 20, replace=False))


def _all(world: World) -> Ints:
    return np.unique(world.purchases.customers)


def _everyone(chance: Chance, world: World, who: Ints, today: int) -> Ints:
    return np.unique(np.concatenate([who, *(who + each for each in (1_000_000, 2_000_000))]))


OF_EVENTS: Mapping[str, Corruption] = {
    "features two weeks too late": Corruption(reading={"late": 14}),
    "label window not closed": Corruption(reading={"open": 45}, told=True),
    "a clock 45 days ahead": Corruption(reading={"open": 45}),
    "history of 60 days": Corruption(reading={"lookback": 60}),
    "amounts in cents": Corruption(events=_dearer(100, 1)),
    "a third in another currency": Corruption(events=_dearer(11, 1 / 3)),
    "a channel lost for 8 weeks": Corruption(events=_channel_lost, creeping=True),
    "purchases renamed": Corruption(events=_renamed, creeping=True),
    "a third of customers twice": Corruption(events=_copied, customers=_everyone),
    "customers torn in two": Corruption(events=_split, customers=_everyone),
    "three customers taken for one": Corruption(
        events=_taken_for_one, customers=lambda c, world, who, t: _all(world)
    ),
    "bots of one purchase": Corruption(events=_bots, customers=lambda c, world, who, t: np.unique(
        np.concatenate([who, _all(world)[-len(who):]])
    )),
    "a channel's clock 60 days slow": Corruption(events=_shifted(-60, 0.3)),
    "imported with the wrong day": Corruption(events=_imported),
    "purchases from the future": Corruption(events=_from_the_future),
    "visits counted as purchases": Corruption(events=_views),
    "only survivors sampled": Corruption(customers=_survivors),
    "a twentieth of the sample": Corruption(customers=_tiny),
}  # fmt: skip
"""What may go wrong whatever is learned."""
