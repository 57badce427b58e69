"""Features of response: those of churn at the day of an exposure; what was done then comes after.

Exposures are told by the dossiers of journeys: whom a campaign let in on which day, in which arm,
and whether they reached its goal.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from models.churn import features as churn
from portrait.learning.behaviour import Behaviour, behaviour
from portrait.learning.learning import Learning
from portrait.portrait import Portrait


class Exposure(NamedTuple):
    """One entry into a campaign: when, in the treated arm or not, and if it reached the goal."""

    day: int
    contacted: bool
    acted: bool


def names(learning: Learning) -> tuple[str, ...]:
    """Return the names of a row's features."""
    return churn.names(learning)


def row(behaviour: Behaviour) -> list[float] | None:
    """Return the features, NaN where nothing is known, or None of somebody who never bought."""
    return churn.row(behaviour)


def examples(
    portrait: Portrait, learning: Learning, exposures: Iterable[Exposure]
) -> Iterator[tuple[int, list[float], list[float], bool]]:
    """Yield the day, the features before it, the outcome and the arm of each exposure.

    Of what is not whole nothing is learned, as of churn.
    """
    for exposure in exposures:
        known = behaviour(portrait, learning, exposure.day)
        features = row(known)
        if features is not None and known.is_whole:
            yield exposure.day, features, [float(exposure.acted)], exposure.contacted
