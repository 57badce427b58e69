"""Honest worlds: customers of a shop who buy at their own pace, drift away, and come by channels.

Purchases are a gamma mixture of Poisson processes with dropout after any purchase (the world of
BG/NBD), in seasons, each customer with a basket size, a favourite channel and tastes of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.churn import features as churn
from models.tables import Floats, Gathering, Table
from models.value import features as value
from models.windows import cut_offs, horizon_of
from portrait.learning.behaviour import Behaviour, Doing, Taken
from portrait.learning.learning import Learning
from portrait.metrics import MICRO

Ints = NDArray[np.int64]

LEARNING = Learning(
    returns=("r",), services=("s",), engagement={"email": ("e",)}, items="i", categories="c"
)
DAYS, ITEMS, CATEGORIES = 760, 200, 12
CHANNELS = ("web", "app", "shop")


@dataclass(frozen=True, slots=True)
class Log:
    """Happenings in order of customer and day; every array as long as there are happenings."""

    customers: Ints
    days: Ints
    amounts: Floats
    channels: Ints
    items: Ints

    def where(self, chosen: NDArray[np.bool_] | Ints) -> "Log":
        """Return some of it."""
        return Log(*(getattr(self, each)[chosen] for each in self.__dataclass_fields__))

    def sorted(self) -> "Log":
        """Return it in order."""
        return self.where(np.lexsort((self.days, self.customers)))

    def __add__(self, other: "Log") -> "Log":
        pairs = (
            np.concatenate([getattr(self, each), getattr(other, each)])
            for each in self.__dataclass_fields__
        )
        return Log(*pairs).sorted()


NOTHING = Log(*(np.zeros(0, each) for each in ("i8", "i8", "f8", "i8", "i8")))


@dataclass(frozen=True, slots=True)
class World:
    """All that happened in a shop, as events that arrived; `entries` are those into campaigns."""

    purchases: Log
    returns: Log
    services: Log
    opened: Log
    entries: Log = field(default_factory=lambda: NOTHING)

    def every(self, change: Callable[[Log], Log]) -> "World":
        """Return the world with every log changed."""
        return World(*(change(getattr(self, each)).sorted() for each in self.__dataclass_fields__))

    def bought(self, change: Callable[[Log], Log]) -> "World":
        """Return the world with its purchases changed."""
        return replace(self, purchases=change(self.purchases).sorted())


def world(seed: int, customers: int = 3000) -> World:
    """Return a shop of its own kind: how fast, how faithful, how seasonal differs by the seed."""
    chance = np.random.default_rng([seed, 5])
    rate = chance.gamma(chance.uniform(0.8, 1.6), chance.uniform(0.012, 0.03), customers)
    leaving = chance.beta(1.2, chance.uniform(4, 10), customers)
    joined = chance.integers(-200, DAYS - 60, customers)
    swing, peak = chance.uniform(0.0, 0.4), chance.integers(0, 365)
    typical = np.exp(chance.normal(3.5, 0.6, customers))
    favourite = chance.choice(3, customers, p=(0.55, 0.25, 0.2))
    taste = chance.zipf(1.4, (customers, 6)) % ITEMS
    who, when = [], []
    at, alive = joined.astype(np.float64), np.ones(customers, dtype=bool)
    while alive.any():
        here = np.flatnonzero(alive & (at >= 0))
        season = 1 + swing * np.cos((at[here] - peak) * 2 * np.pi / 365)
        kept = chance.random(len(here)) < season / (1 + swing)
        who.append(here[kept])
        when.append(at[here][kept].astype(np.int64))
        left = np.zeros(customers, dtype=bool)
        left[here] = chance.random(len(here)) < leaving[here]
        at = at + chance.exponential(1 / (rate + 1e-3))
        alive = alive & ~left & (at < DAYS)
    buyer, day = np.concatenate(who), np.concatenate(when)
    purchases = _log(chance, buyer, day, typical, favourite, taste)
    back = purchases.where(chance.random(len(buyer)) < 0.04)
    asked = purchases.where(chance.random(len(buyer)) < 0.06)
    opened = purchases.where(chance.random(len(buyer)) < 0.5)
    few = chance.integers(1, 40, len(opened.days))
    return World(
        purchases,
        replace(back, days=back.days + 5).sorted(),
        replace(asked, days=asked.days + 2).sorted(),
        replace(opened, days=opened.days + few).sorted(),
    )


def _log(
    chance: np.random.Generator, who: Ints, when: Ints, typical: Floats, favourite: Ints,
    taste: Ints,
) -> Log:  # fmt: skip
    amounts = np.round(typical[who] * np.exp(chance.normal(0, 0.5, len(who))), 2)
    away = chance.random(len(who)) < 0.15
    channel = np.where(away, chance.integers(0, 3, len(who)), favourite[who])
    item = np.where(
        chance.random(len(who)) < 0.6,
        taste[who, chance.integers(0, 6, len(who))],
        chance.integers(0, ITEMS, len(who)),
    )
    return Log(who, when, amounts, channel, item).sorted()


@dataclass(frozen=True, slots=True)
class Past:
    """One customer's happenings, ready to be cut off."""

    purchases: Sequence[Doing]
    returns: Sequence[Doing]
    services: Sequence[Doing]
    opened: Sequence[Doing]
    items: Sequence[Taken]
    categories: Sequence[Taken]

    def behaviour(self, cut: int, lookback: int = 365) -> Behaviour:
        """Return what is known of them on the day of the cut-off."""

        def known(doings: Sequence) -> tuple:
            return tuple(one for one in doings if cut - lookback <= one.day < cut)

        return Behaviour(
            cut, known(self.purchases), known(self.returns), known(self.services),
            {"email": known(self.opened)}, known(self.items), known(self.categories),
        )  # fmt: skip


def pasts(world: World, customers: Ints, today: int) -> dict[int, Past]:
    """Return what happened to each customer before `today`."""
    logs = (world.purchases, world.returns, world.services, world.opened)
    parts = [_by_customer(log, today) for log in logs]
    found = {}
    for one in customers.tolist():
        bought = parts[0].get(one)
        if bought is None:
            continue
        doings = [_doings(part.get(one, ())) for part in parts]
        items = tuple(Taken(day, str(item), 1) for day, _, item in bought)
        kinds = tuple(Taken(day, f"c{item % CATEGORIES}", 1) for day, _, item in bought)
        found[one] = Past(*doings, items, kinds)
    return found


def _by_customer(log: Log, today: int) -> dict[int, list[tuple[int, int, int]]]:
    log = log.where(log.days < today)
    micro = np.rint(log.amounts * MICRO).astype(np.int64)
    triples = list(zip(log.days.tolist(), micro.tolist(), log.items.tolist(), strict=True))
    names, starts = np.unique(log.customers, return_index=True)
    ends = [*starts[1:].tolist(), len(triples)]
    return {
        name: triples[start:end]
        for name, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True)
    }


def _doings(triples: Sequence[tuple[int, int, int]]) -> tuple[Doing, ...]:
    found: dict[int, tuple[int, int]] = {}
    for day, amount, _ in triples:
        times, sum_ = found.get(day, (0, 0))
        found[day] = (times + 1, sum_ + amount)
    return tuple(Doing(day, *found[day]) for day in sorted(found))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a retraining reads a world.

    Attributes:
        late: days by which features are cut off too late (0 where all is well).
        open: days of the outcome's window that lie beyond what is known.
    """

    today: int
    late: int = 0
    open: int = 0
    lookback: int = 365


def churn_table(world: World, customers: Ints, reading: Reading) -> Table:
    """Return the rows of churn as a retraining makes them of a sample of customers."""
    known = pasts(world, customers, reading.today)
    days = [[one.day for one in past.purchases] for past in known.values()]
    horizon = horizon_of(days, today=reading.today)
    first = min((each[0] for each in days if each), default=reading.today)
    gathering = Gathering(churn.names(LEARNING))
    for cut in cut_offs(reading.today + reading.open, horizon, first=first):
        for number, past in known.items():
            row = churn.row(past.behaviour(cut + reading.late, reading.lookback))
            if row is not None:
                gone = churn.churned(past.behaviour(cut + horizon), cut)
                gathering.add(row, [gone], cut=cut, customer=number)
    return gathering.table(horizon)


def value_table(world: World, customers: Ints, reading: Reading) -> Table:
    """Return the rows of value, as `models.value.features.examples` makes them of portraits."""
    known = pasts(world, customers, reading.today)
    first = min((past.purchases[0].day for past in known.values()), default=reading.today)
    today = reading.today + reading.open
    gathering = Gathering(value.names(LEARNING), len(value.OUTCOMES))
    for cut in cut_offs(today, HORIZON, first=first):
        for number, past in known.items():
            row = value.row(past.behaviour(cut + reading.late, reading.lookback))
            if row is not None:
                gathering.add(row, _came(past, cut, today), cut=cut, customer=number)
    return gathering.table(HORIZON)


HORIZON = 90


def _came(past: Past, cut: int, today: int) -> list[float]:
    bought = [one for one in past.purchases if one.day >= cut]
    closed = 1.0 if cut + value.YEAR <= today else float("nan")
    wait = bought[0].day - cut + 1 if bought and bought[0].day < cut + HORIZON else 0
    totals = []
    for days, told in ((HORIZON, 1.0), (HORIZON // 2, 1.0), (value.YEAR, closed)):
        within = [one for one in bought if one.day < cut + days]
        totals.append(sum(one.times for one in within) * told)
        totals.append(sum(one.amount for one in within) / MICRO * told)
    return [*totals[:4], float(wait), *totals[4:]]


def sample(chance: np.random.Generator, world: World, share: float) -> Ints:
    """Return a part of all customers, chosen at random."""
    names = np.unique(world.purchases.customers)
    return np.sort(chance.choice(names, round(share * len(names)), replace=False))


def purchases(world: World, customers: Ints, today: int) -> dict[int, int]:
    """Return how many purchases of those customers each day before `today` had."""
    log = world.purchases
    known = log.days[np.isin(log.customers, customers) & (log.days < today)]
    return dict(zip(*(each.tolist() for each in np.unique(known, return_counts=True)), strict=True))
