"""Customers' value on public data: what they spend in the 91 days after a cut-off."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.scoring import load_vectorised
from models.tables import Gathering, Table
from models.value import features
from models.value.train import train
from tests.bench_models.figures import Judged
from tests.bench_models.shops import LEARNING, Shop, day

HORIZON = 91
CUTS = ("2011-03-11", "2011-04-10", "2011-05-11", "2011-06-10")
SPEND = features.OUTCOMES.index("spend")


def online_retail(shop: Shop) -> Iterator[Judged]:
    """Trained as of 2011-09-09, judged by what came until 2011-12-09."""
    cut = day("2011-09-09")
    known = _examples(shop, [day(each) for each in CUTS], cut)
    judged = _examples(shop, [cut], cut + HORIZON)
    trained = train(known, seed=0)
    said = load_vectorised(trained.export)(judged.rows)["value_90"]
    spent = judged.outcomes[:, SPEND]
    where = "Online Retail, spend in 91 days"
    yield Judged(where, f"MAE ({trained.winner})", float(np.abs(said - spent).mean()), 640, 630,
                 "", more=False)  # fmt: skip
    best = np.argsort(-said, kind="stable")[: len(said) // 10]
    share = float(spent[best].sum() / spent.sum())
    yield Judged(where, "revenue of the top tenth", share, 0.523, 0.5475, "")


def _examples(shop: Shop, cuts: Sequence[int], today: int) -> Table:
    rows = Gathering(features.names(LEARNING), outputs=len(features.OUTCOMES))
    for number, portrait in enumerate(shop.portraits):
        for cut, row, outcome in features.examples(portrait, LEARNING, cuts, HORIZON, today):
            rows.add(row, outcome, cut=cut, customer=number)
    return rows.table(HORIZON)
