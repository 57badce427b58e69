"""Corruptions of what taste learns from, each as it happens in practice, and who judges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from models.study import Known
from models.taste.study import FromLines
from models.taste.train import train
from models.trial import Refusal
from tests.models.baskets import ITEMS, Ints, Sold, lines_of, purchases, sample, shop
from tests.models.matrix import Incumbent

Chance = np.random.Generator
TODAY, SHARE = 480, 0.7


@dataclass(frozen=True, slots=True)
class Corruption:
    """What becomes of the sales, and of how they are read.

    Attributes:
        sold: what arrives, told the day of the retraining.
        customers: who is sampled of whom there is.
        clock: days that the retraining's clock is ahead.
        lookback: days that it looks back.
        creeping: it began some weeks ago, and the champion was trained in the midst of it.
    """

    sold: Callable[[Chance, Sold, int], Sold] = lambda chance, sold, today: sold
    customers: Callable[[Chance, Sold, Ints, int], Ints] = lambda chance, sold, who, today: who
    clock: int = 0
    lookback: int = 365
    creeping: bool = False

    def __call__(
        self, chance: Chance, sold: Sold, today: int, *, began: int | None = None
    ) -> tuple[FromLines, Known]:
        """Return the challenger that a retraining on that day makes of it.

        Args:
            began: the day by which the corruption counts, where that is another.
        """
        broken = self.sold(chance, sold.where(sold.days < today), began or today)
        broken = broken.where(broken.days < today)
        who = self.customers(chance, broken, sample(chance, broken, SHARE), today)
        now = today + self.clock
        lines = lines_of(broken, who, now, self.lookback)
        known = Known(today, purchases(broken, who, today))
        return FromLines(train(lines, now, seed=int(chance.integers(99))), lines), known


def incumbent(learned: FromLines, known: Known) -> Incumbent:
    """Return the champion that a challenger becomes, unjudged."""
    told = learned.card(
        None, known, version="v1", refusals=(), trained_at="2026-11-28T03:30:00Z", revision=""
    )
    return Incumbent("v1", learned.trained.export, learned.trained.rehearsal, told)


@lru_cache(maxsize=2)
def opened(seed: int) -> tuple[Sold, Incumbent]:
    """Return a shop whose first model was trained and acts."""
    sold = shop(seed)
    return sold, incumbent(*HONEST(np.random.default_rng([seed, 1]), sold, TODAY))


def judged(seed: int, corruption: Corruption, *, later: int = 7) -> list[Refusal]:
    """Return what is said against a retraining some days later, of another sample."""
    sold, champion = opened(seed)
    if corruption.creeping:
        chance = np.random.default_rng([seed, 1])
        champion = incumbent(*corruption(chance, sold, TODAY, began=TODAY + later))
    learned, known = corruption(np.random.default_rng([seed, 2]), sold, TODAY + later)
    return list(learned.judged(champion, known, accepted=()))


def _shuffled(chance: Chance, sold: Sold, today: int) -> Sold:
    return sold.items_as(chance.permutation(sold.items))


def _mixed_up(chance: Chance, sold: Sold, today: int) -> Sold:
    """Names of items were dealt out anew: a catalogue joined by the wrong column."""
    return sold.items_as(chance.permutation(ITEMS)[sold.items])


def _renamed(share: float, days: int | None) -> Callable[[Chance, Sold, int], Sold]:
    def change(chance: Chance, sold: Sold, today: int) -> Sold:
        hit = (chance.random(ITEMS) < share)[sold.items]
        if days is not None:
            hit &= sold.days >= today - days
        return sold.items_as(np.where(hit, sold.items + 1000, sold.items))

    return change


def _categories(chance: Chance, sold: Sold, today: int) -> Sold:
    return sold.items_as(sold.items // 24)


def _placeholder(share: float) -> Callable[[Chance, Sold, int], Sold]:
    def change(chance: Chance, sold: Sold, today: int) -> Sold:
        hit = (chance.random(len(sold.days)) < share) & (sold.days >= today - 28)
        return sold.items_as(np.where(hit, 9999, sold.items))

    return change


def _random_items(chance: Chance, sold: Sold, today: int) -> Sold:
    """Every line has a number of its own: the line's id was taken for the item's."""
    return sold.items_as(np.arange(len(sold.items)) + 10_000)


def _lost(share: float) -> Callable[[Chance, Sold, int], Sold]:
    def change(chance: Chance, sold: Sold, today: int) -> Sold:
        gone = (sold.days >= today - 56) & (chance.random(len(sold.days)) < share)
        return sold.where(~gone)

    return change


def _stopped(chance: Chance, sold: Sold, today: int) -> Sold:
    return sold.where(sold.days < today - 15)


def _first_line_alone(chance: Chance, sold: Sold, today: int) -> Sold:
    _, first = np.unique(sold.purchases, return_index=True)
    return sold.where(first)


def _thrice(chance: Chance, sold: Sold, today: int) -> Sold:
    """Events came again under other ids, on later days."""
    again = [
        replace(sold, days=sold.days + n, purchases=sold.purchases + n * 10**7) for n in (1, 2)
    ]
    return sold + again[0] + again[1]


def _views(chance: Chance, sold: Sold, today: int) -> Sold:
    """Visits are counted as purchases."""
    often = np.repeat(np.arange(len(sold.days)), chance.integers(1, 6, len(sold.days)))
    seen = sold.where(often)
    other = chance.integers(0, ITEMS, len(often))
    number = np.arange(len(often)) + 10**7
    return sold + replace(seen, items=other, purchases=number)


def _torn(chance: Chance, sold: Sold, today: int) -> Sold:
    """Every visit is somebody else's."""
    return replace(sold, customers=sold.customers + (sold.purchases % 2) * 10**6)


def _taken_for_one(chance: Chance, sold: Sold, today: int) -> Sold:
    return replace(sold, customers=sold.customers // 3 * 3)


def _imported(chance: Chance, sold: Sold, today: int) -> Sold:
    day = today - int(chance.integers(20, 120))
    hit = (sold.customers % 2 == 0) & (sold.days < day)
    return replace(sold, days=np.where(hit, day, sold.days))


def _slow(chance: Chance, sold: Sold, today: int) -> Sold:
    """The clock of one of three channels is 60 days behind."""
    return replace(sold, days=np.where(sold.purchases % 3 == 1, sold.days - 60, sold.days))


def _bots(chance: Chance, sold: Sold, today: int) -> Sold:
    """As many robots as there are customers, who took one and the same thing."""
    number = len(np.unique(sold.customers))
    robots = np.arange(number) + 2 * 10**6
    days = chance.integers(today - 200, today, number)
    return sold + Sold(robots, days, np.full(number, 7777), robots * 10)


def _tiny(chance: Chance, sold: Sold, who: Ints, today: int) -> Ints:
    return np.sort(chance.choice(who, len(who) // 20, replace=False))


def _survivors(chance: Chance, sold: Sold, who: Ints, today: int) -> Ints:
    return np.intersect1d(who, sold.customers[sold.days >= today - 30])


def _everyone(chance: Chance, sold: Sold, who: Ints, today: int) -> Ints:
    return np.unique(sold.customers)


HONEST = Corruption()
CORRUPTIONS: Mapping[str, Corruption] = {
    "items of other customers": Corruption(_shuffled),
    "names dealt out anew": Corruption(_mixed_up),
    "all items renamed": Corruption(_renamed(1.0, None)),
    "half of the items renamed": Corruption(_renamed(0.5, None)),
    "all items renamed 3 weeks ago": Corruption(_renamed(1.0, 21), creeping=True),
    "categories for items": Corruption(_categories),
    "lines' own ids for items": Corruption(_random_items),
    "a placeholder for a half": Corruption(_placeholder(0.5)),
    "a third lost for 8 weeks": Corruption(_lost(1 / 3), creeping=True),
    "purchases that stopped": Corruption(_stopped),
    "the first line of each alone": Corruption(_first_line_alone),
    "events thrice": Corruption(_thrice),
    "visits counted as purchases": Corruption(_views),
    "customers torn in two": Corruption(_torn, _everyone),
    "three customers taken for one": Corruption(_taken_for_one, _everyone),
    "imported with the wrong day": Corruption(_imported),
    "a channel's clock 60 days slow": Corruption(_slow),
    "bots of one item": Corruption(_bots, _everyone),
    "a twentieth of the sample": Corruption(customers=_tiny),
    "only survivors sampled": Corruption(customers=_survivors),
    "a clock 45 days ahead": Corruption(clock=45),
    "history of 60 days": Corruption(lookback=60),
}
