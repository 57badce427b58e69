"""Customers' value on public data: what they spend in the 91 days after a cut-off."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.scoring import load_vectorised
from models.tables import Floats, Gathering, Table
from models.value import features
from models.value.train import train
from portrait.learning.behaviour import behaviour, purchase_days
from portrait.metrics import MICRO
from portrait.portrait import Portrait
from tests.bench_models.figures import Judged
from tests.bench_models.shops import LEARNING, Shop, day

HORIZON = 91
CUTS = ("2011-03-11", "2011-04-10", "2011-05-11", "2011-06-10")


def online_retail(shop: Shop) -> Iterator[Judged]:
    """Trained as of 2011-09-09, judged by what came until 2011-12-09."""
    cut = day("2011-09-09")
    trained = train(examples(shop.as_of(cut), cut), seed=0)
    rows, spent = _to_come(shop, cut)
    said = load_vectorised(trained.export)(rows)["value_90"]
    where = "Online Retail, spend in 91 days"
    yield Judged(where, f"MAE ({trained.winner})", float(np.abs(said - spent).mean()), 640, 630,
                 "", more=False)  # fmt: skip
    best = np.argsort(-said, kind="stable")[: len(said) // 10]
    share = float(spent[best].sum() / spent.sum())
    yield Judged(where, "revenue of the top tenth", share, 0.523, 0.5475, "")


def examples(portraits: Sequence[Portrait], today: int) -> Table:
    """Return the rows of all customers who had bought by each cut-off, with what came by today."""
    rows, cuts = Gathering(features.names(LEARNING), len(features.OUTCOMES)), [*map(day, CUTS)]
    for number, portrait in enumerate(portraits):
        for cut, row, outcome in features.examples(portrait, LEARNING, cuts, HORIZON, today):
            rows.add(row, outcome, cut=cut, customer=number)
    return rows.table(HORIZON)


def _to_come(shop: Shop, cut: int) -> tuple[Floats, Floats]:
    """Return the rows of all who had bought, by what was known then, and what they spent after."""
    rows, spent = [], []
    for then, now in zip(shop.as_of(cut), shop.portraits, strict=True):
        row = features.row(behaviour(then, LEARNING, cut))
        if row is not None:
            bought = purchase_days(now, LEARNING, cut + HORIZON)
            rows.append(row)
            spent.append(sum(one.amount for one in bought if one.day >= cut) / MICRO)
    return np.array(rows), np.array(spent)
