"""The roster: how each model begins to learn."""

from collections.abc import Iterable, Mapping

from models.churn import features as churn
from models.churn.train import train as train_churn
from models.response import features as response
from models.response.train import train as train_response
from models.row_study import Example, RowLearner
from models.study import Company, Learner, Windows
from models.taste.study import TasteStudy
from models.value import features as value
from models.value.train import train as train_value
from portrait.portrait import Portrait


def _churn(portrait: Portrait, company: Company, windows: Windows) -> Iterable[Example]:
    found = churn.examples(portrait, company.learning, windows.cuts, windows.horizon)
    return ((*each, None) for each in found)


def _value(portrait: Portrait, company: Company, windows: Windows) -> Iterable[Example]:
    found = value.examples(portrait, company.learning, windows.cuts, windows.horizon, company.today)
    return ((*each, None) for each in found)


def _response(portrait: Portrait, company: Company, windows: Windows) -> Iterable[Example]:
    return response.examples(portrait, company.learning, company.lots, company.today)


LEARNERS: Mapping[str, Learner] = {
    "churn": RowLearner(
        churn.names, 1, _churn,
        lambda table, seed, days: train_churn(table, seed=seed, days=days),
    ),
    "value": RowLearner(
        value.names, len(value.OUTCOMES), _value,
        lambda table, seed, days: train_value(table, seed=seed, days=days), horizon=90,
    ),
    "response": RowLearner(
        response.names, 1, _response, lambda table, seed, days: train_response(table, seed=seed),
        horizon=response.HORIZON, nobody=response.NOBODY,
    ),
    "taste": TasteStudy,
}  # fmt: skip
