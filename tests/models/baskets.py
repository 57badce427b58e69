"""Shops whose customers buy by their taste: circles of items that go together, and what sells."""

from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from models.taste.features import Lines

Ints = NDArray[np.int64]
DAYS, CIRCLES, ITEMS, LOOKBACK = 560, 10, 240, 365


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold: every array as long as there are lines; a purchase may have several."""

    customers: Ints
    days: Ints
    items: Ints
    purchases: Ints

    def where(self, chosen: NDArray[np.bool_] | Ints) -> "Sold":
        """Return some of it."""
        return Sold(*(getattr(self, each)[chosen] for each in self.__dataclass_fields__))

    def __add__(self, other: "Sold") -> "Sold":
        pairs = ((getattr(self, each), getattr(other, each)) for each in self.__dataclass_fields__)
        return Sold(*map(np.concatenate, pairs))

    def items_as(self, items: Ints) -> "Sold":
        """Return the same purchases of other items."""
        return replace(self, items=items)


def shop(seed: int, customers: int = 1200) -> Sold:
    """Return a shop of its own kind: how often its customers buy, and how faithful they are."""
    random = Random(seed)
    often, faithful, again = (
        random.uniform(20, 40),
        random.uniform(0.5, 0.8),
        random.uniform(0, 0.4),
    )
    worth = [1 / (1 + n % (ITEMS // CIRCLES)) ** 0.8 for n in range(ITEMS)]
    began = [random.randrange(DAYS) if random.random() < 0.1 else -1 for _ in range(ITEMS)]
    circles = [range(c * ITEMS // CIRCLES, (c + 1) * ITEMS // CIRCLES) for c in range(CIRCLES)]
    rows: list[tuple[int, int, int, int]] = []
    purchase = 0
    for customer in range(customers):
        own: list[int] = []
        home = circles[random.randrange(CIRCLES)]
        gap = often * random.uniform(0.5, 3)
        day = random.uniform(-gap, 0) if customer % 4 else random.uniform(0, DAYS - 80)
        while day < DAYS:
            purchase += 1
            for _ in range(random.choice((1, 2, 2, 3, 4))):
                if own and random.random() < again:
                    item = random.choice(own)
                else:
                    near = home if random.random() < faithful else range(ITEMS)
                    (item,) = random.choices(near, [worth[n] for n in near])
                if day >= max(0, began[item]):
                    own.append(item)
                    rows.append((customer, int(day), item, purchase))
            day += random.expovariate(1 / gap) + 1
    return Sold(*np.array(rows, dtype=np.int64).T)


def sample(chance: np.random.Generator, sold: Sold, share: float) -> Ints:
    """Return a part of all customers, chosen at random."""
    names = np.unique(sold.customers)
    return np.sort(chance.choice(names, round(share * len(names)), replace=False))


def lines_of(sold: Sold, customers: Ints, today: int, lookback: int = LOOKBACK) -> Lines:
    """Return the lines as a retraining on that day gathers them of a sample of customers."""
    within = (sold.days < today) & (sold.days >= today - lookback)
    kept = sold.where(within & np.isin(sold.customers, customers))
    names, item = np.unique(kept.items, return_inverse=True)
    keys = np.stack([np.searchsorted(customers, kept.customers), kept.days, item.ravel()])
    (customer, day, place), times = np.unique(keys, axis=1, return_counts=True)
    order = np.argsort([f"item {n}" for n in names])
    rank = np.argsort(order)
    text = tuple(f"item {names[n]}" for n in order)
    return Lines(text, len(customers), customer, rank[place], day, times)


def purchases(sold: Sold, customers: Ints, today: int) -> dict[int, int]:
    """Return how many purchases of those customers each day before `today` had."""
    kept = sold.where((sold.days < today) & np.isin(sold.customers, customers))
    _, first = np.unique(kept.purchases, return_index=True)
    days = kept.days[first]
    return dict(zip(*(each.tolist() for each in np.unique(days, return_counts=True)), strict=True))
