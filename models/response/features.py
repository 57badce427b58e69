"""Features of response: those of churn, as of the day on which a campaign let a customer in."""

from collections.abc import Iterator, Mapping

from models.churn import features as churn
from portrait.learning.behaviour import behaviour
from portrait.learning.exposures import Lot, exposures
from portrait.learning.learning import Learning
from portrait.portrait import Portrait

HORIZON = 30
"""Days in which a purchase is taken for the answer."""
QUARTER = 91
NOBODY = (
    "no campaign with a control group let in anybody who had bought, in a window of {horizon} days "
    "that has closed"
)


names, row = churn.names, churn.row
"""What a customer is known by is the same; who scores both makes the row once."""


def examples(
    portrait: Portrait, learning: Learning, lots: Mapping[str, Lot], today: int
) -> Iterator[tuple[int, list[float], list[float], tuple[bool, float]]]:
    """Yield the quarter, the features before its day, the outcome and the lot of each exposure.

    What was done on that very day, before it, is in neither features nor outcome. Customers come in
    on every day of the year: their exposures are put together by quarters, counted back from the
    last day whose window has closed. Of what is not whole nothing is learned, as of churn.
    """
    last = today - HORIZON
    days = range(today - learning.lookback, last + 1)
    for one in exposures(portrait, learning, lots, days, horizon=HORIZON):
        known = behaviour(portrait, learning, one.day)
        features = row(known)
        if features is not None and known.is_whole:
            drawn = (one.contacted, one.chance)
            yield quarter(one.day, last), features, [float(one.acted)], drawn


def quarter(day: int, last: int) -> int:
    """Return the last day of the quarter that a day is in; quarters end at `last` and before it."""
    return last - (last - day) // QUARTER * QUARTER
