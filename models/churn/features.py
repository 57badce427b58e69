"""Features of churn: how a customer bought, before a cut-off; none says how long they are known."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log, log1p, nan, sqrt
from statistics import fmean

from portrait.learning.behaviour import Behaviour, Doing, Taken, behaviour
from portrait.learning.learning import Learning
from portrait.metrics import MICRO
from portrait.portrait import Portrait

RULE = "pace"
"""The one-line rule, as a logarithm: purchases / (1 + days since the last)."""

_BASE = (
    RULE, "recency", "orders_30", "orders_90", "orders_180", "trend", "rate",
    "mean_gap", "gap_spread", "last_gap", "longest_gap", "lateness", "lateness_longest", "position",
    "average_order", "last_order", "spend_90", "lines", "breadth", "repeated", "categories",
    "returned", "returned_worth", "services_90", "service_recency", "season",
)  # fmt: skip
_OF_A_CHANNEL = ("30", "90", "recency")

PRIOR_DAYS, PRIOR_ORDERS = 60, 0.5
"""What a rate is drawn to while a customer is young: half a purchase in 60 days."""


def names(learning: Learning) -> tuple[str, ...]:
    """Return the names of a row's features; the company's channels bring their own."""
    channels = sorted(learning.engagement)
    return (*_BASE, *(f"{channel}_{each}" for channel in channels for each in _OF_A_CHANNEL))


def row(behaviour: Behaviour) -> list[float] | None:
    """Return the features, NaN where nothing is known, or None of somebody who never bought.

    Counts, sums and days are logarithms of 1 more; gaps and rates are logarithms.
    """
    if not behaviour.purchases:
        return None
    channels = sorted(behaviour.engagement)
    return [
        *_timing(behaviour.purchases, behaviour.cut),
        *_worth(behaviour.purchases, behaviour.cut),
        *_breadth(behaviour),
        *_troubles(behaviour),
        float(_times(behaviour.purchases, behaviour.cut - 365, behaviour.cut - 275)),
        *(each for one in channels for each in _heard(behaviour.engagement[one], behaviour.cut)),
    ]


def churned(behaviour: Behaviour, cut: int) -> float:
    """Return 1.0 where nothing was bought from `cut` to the cut-off of `behaviour`, else 0.0."""
    return 0.0 if behaviour.purchases and behaviour.purchases[-1].day >= cut else 1.0


def _timing(purchases: Sequence[Doing], cut: int) -> list[float]:
    days = [one.day for one in purchases]
    orders, recency, known = sum(one.times for one in purchases), cut - days[-1], cut - days[0]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    mean = fmean(gaps) if gaps else nan
    longest, latest = (max(gaps), gaps[-1]) if gaps else (nan, nan)
    spread = sqrt(fmean((gap - mean) ** 2 for gap in gaps)) / mean if len(gaps) > 1 else nan
    recent, before = _times(purchases, cut - 45, cut), _times(purchases, cut - 90, cut - 45)
    return [
        log(orders / (1 + recency)),
        log1p(recency),
        *(log1p(_times(purchases, cut - reach, cut)) for reach in (30, 90, 180)),
        float(recent - before),
        log((orders - 1 + PRIOR_ORDERS) / (known + PRIOR_DAYS)),
        log(mean), spread, log(latest), log(longest),
        log(recency / mean), log(recency / longest), recency / known,
    ]  # fmt: skip


def _worth(purchases: Sequence[Doing], cut: int) -> list[float]:
    orders = sum(one.times for one in purchases)
    average = max(0.0, sum(one.amount for one in purchases) / MICRO / orders)
    last = max(0.0, purchases[-1].amount / MICRO / purchases[-1].times)
    recent = sum(one.amount for one in purchases if one.day >= cut - 90) / MICRO
    return [log1p(average), log1p(last), log1p(max(0.0, recent))]


def _breadth(behaviour: Behaviour) -> list[float]:
    if not behaviour.items or not behaviour.is_whole:
        lines, breadth, repeated = nan, nan, nan
    else:
        bought = _totals(behaviour.items)
        lines = log1p(sum(bought.values()) / len(behaviour.purchases))
        breadth = log1p(len(bought))
        repeated = sum(number > 1 for number in bought.values()) / len(bought)
    kinds = _totals(behaviour.categories) if behaviour.is_whole else {}
    categories = log1p(len(kinds)) if kinds else nan
    return [lines, breadth, repeated, categories]


def _totals(taken: Sequence[Taken]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in taken:
        found[one.item] = found.get(one.item, 0) + one.times
    return found


def _troubles(behaviour: Behaviour) -> list[float]:
    orders = sum(one.times for one in behaviour.purchases)
    spent = sum(one.amount for one in behaviour.purchases)
    back = sum(one.amount for one in behaviour.returns)
    services = behaviour.services
    return [
        sum(one.times for one in behaviour.returns) / orders,
        abs(back) / (abs(spent) + MICRO),
        log1p(_times(services, behaviour.cut - 90, behaviour.cut)),
        log1p(behaviour.cut - services[-1].day) if services else nan,
    ]


def _heard(doings: Sequence[Doing], cut: int) -> list[float]:
    recency = log1p(cut - doings[-1].day) if doings else nan
    return [*(log1p(_times(doings, cut - reach, cut)) for reach in (30, 90)), recency]


def _times(doings: Sequence[Doing], first: int, end: int) -> int:
    return sum(one.times for one in doings if first <= one.day < end)


def examples(
    portrait: Portrait, learning: Learning, cuts: Sequence[int], horizon: int
) -> Iterator[tuple[int, list[float], list[float]]]:
    """Yield the cut-off, the features and the outcome of a customer for each closed window.

    Of what is not whole nothing is learned: that it is not may tell what was bought afterwards.
    """
    for cut in cuts:
        known = behaviour(portrait, learning, cut)
        features = row(known)
        if features is not None and known.is_whole:
            yield cut, features, [churned(behaviour(portrait, learning, cut + horizon), cut)]
