"""Features of value: those of churn, and what a customer spends by their own rate."""

from collections.abc import Iterator, Sequence
from math import inf, log, log1p

from models.churn import features as churn
from portrait.learning.behaviour import Behaviour, behaviour
from portrait.learning.learning import Learning
from portrait.metrics import MICRO
from portrait.portrait import Portrait

ORDERS_RULE, SPEND_RULE = "order_rate", "spend_rate"
"""The one-line rules, as logarithms: what was bought a day, in the time since the first and 60 days
more."""

_OWN = (ORDERS_RULE, SPEND_RULE, "spend_180", "typical_order")

OUTCOMES = ("orders", "spend", "orders_half", "spend_half", "wait", "orders_365", "spend_365")
"""What came within the horizon, half of it, and a year (NaN where the year has not closed). `wait`
is the days to the next order, 0 where none came within the horizon."""

YEAR = 365


def names(learning: Learning) -> tuple[str, ...]:
    """Return the names of a row's features."""
    return (*churn.names(learning), *_OWN)


def row(behaviour: Behaviour) -> list[float] | None:
    """Return the features, NaN where nothing is known, or None of somebody who never bought."""
    known = churn.row(behaviour)
    if known is None:
        return None
    purchases, cut = behaviour.purchases, behaviour.cut
    days = cut - purchases[0].day + churn.PRIOR_DAYS
    orders = sum(one.times for one in purchases)
    spent = max(0.0, sum(one.amount for one in purchases) / MICRO)
    recent = max(0.0, sum(one.amount for one in purchases if one.day >= cut - 180) / MICRO)
    sizes = sorted(max(0.0, one.amount / MICRO / one.times) for one in purchases)
    typical = log1p(sizes[len(sizes) // 2])
    return [*known, log(orders / days), log((1 + spent) / days), log1p(recent), typical]


def examples(
    portrait: Portrait, learning: Learning, cuts: Sequence[int], horizon: int, today: int
) -> Iterator[tuple[int, list[float], list[float]]]:
    """Yield the cut-off, the features and the outcomes of a customer for each closed window.

    Of what is not whole nothing is learned, as of churn.
    """
    for cut in cuts:
        known = behaviour(portrait, learning, cut)
        features = row(known)
        if features is None or not known.is_whole:
            continue
        after = behaviour(portrait, learning, min(cut + YEAR, today))
        bought = [one for one in after.purchases if one.day >= cut]
        closed = 1.0 if cut + YEAR <= today else inf - inf
        next_day = bought[0].day - cut + 1 if bought and bought[0].day < cut + horizon else 0
        spans = ((horizon, 1.0), (horizon // 2, 1.0), (YEAR, closed))
        totals = [
            (
                sum(one.times for one in bought if one.day < cut + days) * known,
                max(0, sum(one.amount for one in bought if one.day < cut + days)) / MICRO * known,
            )
            for days, known in spans
        ]
        yield cut, features, [*totals[0], *totals[1], float(next_day), *totals[2]]
