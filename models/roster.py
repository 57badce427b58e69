"""The roster: how each model learns, from the windows of a customer to what is published."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.churn import features as churn
from models.churn.train import train as train_churn
from models.tables import Table
from models.trained import Trained
from models.value import features as value
from models.value.train import train as train_value
from portrait.learning.learning import Learning
from portrait.portrait import Portrait

Example = tuple[int, list[float], list[float]]
"""Cut-off, features and outcomes."""


@dataclass(frozen=True, slots=True)
class Windows:
    """From where a training looks ahead.

    Attributes:
        cuts: days, ascending.
        horizon: days.
        today: the first day of which not everything is known.
    """

    cuts: tuple[int, ...]
    horizon: int
    today: int


@dataclass(frozen=True, slots=True)
class Learner:
    """How one model learns.

    Attributes:
        names: of its features.
        outcomes: how many there are of each window.
        horizon: days, where they are not the company's own.
        examples: what it learns from a customer.
        train: from all the examples, a seed, and for how many days purchases are known.
    """

    names: Callable[[Learning], tuple[str, ...]]
    outcomes: int
    horizon: int | None
    examples: Callable[[Portrait, Learning, Windows], Iterable[Example]]
    train: Callable[[Table, int, int], Trained]


def _churn(portrait: Portrait, learning: Learning, windows: Windows) -> Iterable[Example]:
    return churn.examples(portrait, learning, windows.cuts, windows.horizon)


def _value(portrait: Portrait, learning: Learning, windows: Windows) -> Iterable[Example]:
    return value.examples(portrait, learning, windows.cuts, windows.horizon, windows.today)


LEARNERS: Mapping[str, Learner] = {
    "churn": Learner(
        churn.names, 1, None, _churn,
        lambda table, seed, days: train_churn(table, seed=seed, days=days),
    ),
    "value": Learner(
        value.names, len(value.OUTCOMES), 90, _value,
        lambda table, seed, days: train_value(table, seed=seed, days=days),
    ),
}  # fmt: skip


def days_known(purchases: Iterable[Sequence[int]], today: int) -> int:
    """Return how many days back the purchases of a company reach."""
    return today - min((days[0] for days in purchases if days), default=today)
