"""What taste learns from: who bought which item on which day."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from portrait.learning.behaviour import items_bought
from portrait.learning.learning import Learning
from portrait.portrait import Portrait

Ints = NDArray[np.int64]


def lines(portrait: Portrait, learning: Learning, today: int) -> Iterator[tuple[int, str, int]]:
    """Yield (day, item, times) of what the customer bought within the lookback before `today`."""
    yield from items_bought(portrait, learning, today)


@dataclass(frozen=True, slots=True)
class Lines:
    """Purchases of items: arrays as long as there are lines.

    Attributes:
        items: the names, by their numbers.
        customers: number of customers.
    """

    items: tuple[str, ...]
    customers: int
    customer: Ints
    item: Ints
    day: Ints
    times: Ints

    @property
    def buyers(self) -> int:
        """How many customers bought any item."""
        return len(np.unique(self.customer))

    def sold(self, first: int, end: int) -> Ints:
        """Return how often each item was bought on the days from `first` to before `end`."""
        within = (self.day >= first) & (self.day < end)
        found = np.zeros(len(self.items), dtype=np.int64)
        np.add.at(found, self.item[within], self.times[within])
        return found

    def baskets(self, customers: Ints) -> list[dict[str, float]]:
        """Return how often each of some customers bought what; customers in ascending order."""
        found: list[dict[str, float]] = [{} for _ in customers]
        chosen = np.isin(self.customer, customers)
        places = np.searchsorted(customers, self.customer[chosen]).tolist()
        rows = zip(places, self.item[chosen].tolist(), self.times[chosen].tolist(), strict=True)
        for place, item, times in rows:
            name = self.items[item]
            found[place][name] = found[place].get(name, 0.0) + times
        return found

    def where(self, chosen: NDArray[np.bool_]) -> "Lines":
        """Return the lines of a mask."""
        return Lines(
            self.items, self.customers, self.customer[chosen], self.item[chosen],
            self.day[chosen], self.times[chosen],
        )  # fmt: skip


@dataclass(slots=True)
class Basket:
    """Lines as they come, 32 bytes each."""

    _places: dict[str, int] = field(default_factory=dict)
    _customers: int = 0
    _columns: tuple[array[int], ...] = field(
        default_factory=lambda: tuple(array("q") for _ in range(4))
    )

    def add(self, taken: Iterator[tuple[int, str, int]]) -> None:
        """Take in all lines of one more customer."""
        customer, item, day, times = self._columns
        for when, name, number in taken:
            customer.append(self._customers)
            item.append(self._places.setdefault(name, len(self._places)))
            day.append(when)
            times.append(number)
        self._customers += 1

    def lines(self) -> Lines:
        """Return all that came."""
        names = sorted(self._places)
        order = np.empty(len(names), dtype=np.int64)
        for place, name in enumerate(names):
            order[self._places[name]] = place
        customer, item, day, times = (np.array(one, dtype=np.int64) for one in self._columns)
        placed = order[item] if len(item) else item
        return Lines(tuple(names), self._customers, customer, placed, day, times)
