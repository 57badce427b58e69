"""Recommendations on public data: what is bought in the next 30 days, and in the next basket."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from models.taste.features import Basket, lines
from models.taste.train import train
from portrait.learning import taste
from tests.bench_models.figures import Judged
from tests.bench_models.shops import LEARNING, Shop, day

PRODUCT = re.compile(r"\d{5}.*")
"""Stock codes of five digits are products; POST, M, DOT and the like are not."""

AT, WINDOW = 10, 30
Line = tuple[int, str, int]


def online_retail(shop: Shop) -> Iterator[Judged]:
    """Trained on what was bought before 2011-11-09, and on all baskets but each one's last."""
    end = day("2011-12-10")
    bought = [[one for one in lines(p, LEARNING, end) if PRODUCT.fullmatch(one[1])]
              for p in shop.portraits]  # fmt: skip
    cut = day("2011-11-10")
    before = [[one for one in each if one[0] < cut] for each in bought]
    after = [{item for at, item, _ in each if cut <= at < cut + WINDOW} for each in bought]
    recommend, winner = _trained(before, cut)
    where, peers = "Online Retail, next 30 days", "popularity .082, EASE^R .104, cosine .080"
    fresh = _recall(recommend, before, after, new=True)
    yield Judged(where, f"new items, recall@10 ({winner})", fresh, 0.082, 0.104, peers)
    again = _recall(recommend, before, after, new=False)
    yield Judged(where, "repeats allowed, recall@10", again, 0.30, 0.334, "own counts .334")
    last = [max((at for at, *_ in each), default=0) for each in bought]
    days = [len({at for at, *_ in each}) for each in bought]
    held = [number >= 3 for number in days]
    rest = [[one for one in each if not (keep and one[0] == end_)]
            for each, keep, end_ in zip(bought, held, last, strict=True)]  # fmt: skip
    basket = [{item for at, item, _ in each if keep and at == end_}
              for each, keep, end_ in zip(bought, held, last, strict=True)]  # fmt: skip
    recommend, winner = _trained(rest, end)
    where, fresh = "Online Retail, last basket", _recall(recommend, rest, basket, new=True)
    yield Judged(where, f"new items, recall@10 ({winner})", fresh, 0.075, 0.093, "")


def _trained(bought: Iterable[list[Line]], today: int) -> tuple[taste.Recommend, str]:
    basket = Basket()
    for each in bought:
        basket.add(iter(each))
    trained = train(basket.lines(), today, seed=0)
    return taste.load(trained.export), trained.winner


def _recall(
    recommend: taste.Recommend, before: list[list[Line]], after: list[set[str]], *, new: bool
) -> float:
    found = []
    for known, wanted in zip(before, after, strict=True):
        own = _counted(known)
        goal = wanted - own.keys() if new else wanted
        if own and goal:
            found.append(len(goal & set(recommend(own, AT, new))) / min(AT, len(goal)))
    return float(np.mean(found))


def _counted(known: Iterable[Line]) -> Mapping[str, float]:
    counts: Counter[str] = Counter()
    for _, item, times in known:
        counts[item] += times
    return counts
