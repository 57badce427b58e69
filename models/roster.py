"""The roster: how each model begins to learn."""

from collections.abc import Iterable, Mapping

from models.churn import features as churn
from models.churn.train import train as train_churn
from models.row_study import Example, RowLearner
from models.study import Learner, Windows
from models.value import features as value
from models.value.train import train as train_value
from portrait.learning.learning import Learning
from portrait.portrait import Portrait


def _churn(
    portrait: Portrait, learning: Learning, windows: Windows, today: int
) -> Iterable[Example]:
    return churn.examples(portrait, learning, windows.cuts, windows.horizon)


def _value(
    portrait: Portrait, learning: Learning, windows: Windows, today: int
) -> Iterable[Example]:
    return value.examples(portrait, learning, windows.cuts, windows.horizon, today)


LEARNERS: Mapping[str, Learner] = {
    "churn": RowLearner(
        churn.names, 1, _churn,
        lambda table, seed, days: train_churn(table, seed=seed, days=days),
    ),
    "value": RowLearner(
        value.names, len(value.OUTCOMES), _value,
        lambda table, seed, days: train_value(table, seed=seed, days=days), horizon=90,
    ),
}  # fmt: skip
