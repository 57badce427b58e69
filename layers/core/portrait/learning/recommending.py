"""Recommending: which items one customer is offered, by the model of taste that is in force."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from portrait.faults import Unavailable
from portrait.learning.behaviour import cut_at, items_bought
from portrait.learning.learning import Learning
from portrait.learning.objection import objects
from portrait.learning.taste import Recommend
from portrait.portrait import Portrait

AT = 10
SILENCE_MS = 60_000
"""How long nobody waits for a model again that could not be had."""


class Recommended(NamedTuple):
    """Items by their ids, best first: `new` to the customer, and `repeat`, which may be theirs."""

    new: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()


def owned(portrait: Portrait, learning: Learning, now: int) -> Mapping[str, float]:
    """Return how often the customer bought what within the lookback before `now` (UTC ms)."""
    found: Counter[str] = Counter()
    for one in items_bought(portrait, learning, cut_at(now)):
        found[one.item] += one.times
    return found


def recommended(
    portrait: Portrait, learning: Learning, recommend: Recommend, now: int, *, at: int = AT
) -> Recommended:
    """Return what to offer a customer at `now` (UTC ms): nothing to who objects to profiling."""
    if objects(portrait):
        return Recommended()
    own = owned(portrait, learning, now)
    return Recommended(*(tuple(recommend(own, at, new)) for new in (True, False)))


class InForce(Protocol):
    """The model of taste that is in force, as long as it may be kept."""

    def at(self, now: int) -> Recommend | None: ...


@dataclass(slots=True)
class Recommender:
    """Recommends within messages, which neither fail nor wait where there is no model."""

    champion: InForce
    _silent_until: int = 0

    def __call__(self, portrait: Portrait, learning: Learning | None, now: int) -> Recommended:
        """Return what to offer; nothing where nothing is learned, or the model cannot be had."""
        if learning is None or objects(portrait) or now < self._silent_until:
            return Recommended()
        try:
            recommend = self.champion.at(now)
        except Unavailable:
            self._silent_until = now + SILENCE_MS
            return Recommended()
        if recommend is None:
            return Recommended()
        return recommended(portrait, learning, recommend, now)
