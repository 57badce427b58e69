"""What taste learns from: who bought which item on which day."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from portrait.learning.behaviour import behaviour
from portrait.learning.learning import Learning
from portrait.portrait import Portrait

Ints = NDArray[np.int64]


def lines(portrait: Portrait, learning: Learning, today: int) -> Iterator[tuple[int, str, int]]:
    """Yield (day, item, times) of what the customer bought within the lookback before `today`."""
    yield from behaviour(portrait, learning, today).items


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
