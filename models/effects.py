"""Effects: what contacting customers changed, measured against those who were left alone."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from models.tables import Bools, Floats
from models.trained import Figure

Z95 = NormalDist().inv_cdf(0.975)


def difference(treated: Floats, control: Floats) -> Figure:
    """Return how much more the treated have in the mean, with its 95 % interval.

    Each arm has a variance of its own, so that arms may be of any size; nothing is adjusted by what
    was known before. NaN bounds where an arm has fewer than two.
    """
    value = (
        float(treated.mean() - control.mean()) if len(treated) and len(control) else float("nan")
    )
    if min(len(treated), len(control)) < 2:
        return Figure(value, float("nan"), float("nan"))
    error = (treated.var(ddof=1) / len(treated) + control.var(ddof=1) / len(control)) ** 0.5
    return Figure(value, float(value - Z95 * error), float(value + Z95 * error))


def is_significant(figure: Figure) -> bool:
    """Tell whether an interval leaves out 0."""
    return figure.low > 0 or figure.high < 0


class Ranking(NamedTuple):
    """How well uplift ranks customers, in outcomes a customer.

    Attributes:
        qini: area between the gain of contacting the best first and that of contacting at random.
        auuc: area under the gain itself.
    """

    qini: float
    auuc: float


def gains(
    outcomes: Floats, contacted: Bools, uplift: Floats, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the shares of customers, highest uplift first, and what contacting so many gains.

    The gain of a share of the customers is the difference of the means of its two arms, times the
    share; where ties of the uplift end, so that ties tell nothing. Arms may be of any size.

    Source: Radcliffe 2007, with means in place of sums, as Gutierrez & Gérardy 2017 (4).
    """
    order = np.argsort(-uplift, kind="stable")
    mass = np.ones(len(order)) if weights is None else weights[order]
    y, t = outcomes[order], contacted[order] * mass
    treated, control = np.cumsum(t), np.cumsum(mass - t)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.cumsum(y * t) / treated - np.cumsum(y * (mass - t)) / control
    share = np.cumsum(mass) / mass.sum()
    gain = np.nan_to_num(means, nan=0.0, posinf=0.0, neginf=0.0) * share
    last = np.append(uplift[order][1:] != uplift[order][:-1], True)
    return np.append(0.0, share[last]), np.append(0.0, gain[last])


def by_tenths(outcomes: Floats, contacted: Bools, uplift: Floats) -> list[Figure]:
    """Return what contact did to each tenth of the customers, the highest uplift first."""
    parts = np.array_split(np.argsort(-uplift, kind="stable"), TENTHS)
    return [
        difference(outcomes[part][contacted[part]], outcomes[part][~contacted[part]])
        for part in parts
    ]


TENTHS = 10


def ranking(
    outcomes: Floats, contacted: Bools, uplift: Floats, weights: Floats | None = None
) -> Ranking:
    """Return how well an uplift ranks."""
    x, g = gains(outcomes, contacted, uplift, weights)
    area = float(np.trapezoid(g, x))
    return Ranking(area - float(g[-1]) / 2, area)


def qini(outcomes: Floats, contacted: Bools, uplift: Floats, *, seed: int) -> Figure:
    """Return the Qini area with its 95 % interval, customers of each arm resampled."""
    chance = np.random.default_rng(seed)
    arms = [np.flatnonzero(contacted), np.flatnonzero(~contacted)]
    drawn = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([chance.choice(arm, len(arm)) for arm in arms])
        drawn.append(ranking(outcomes[chosen], contacted[chosen], uplift[chosen]).qini)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Figure(ranking(outcomes, contacted, uplift).qini, float(low), float(high))


RESAMPLES = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment whose arms were drawn: outcome, arm, and the share that each arm was given."""

    outcomes: Floats
    arms: Floats
    shares: dict[int, float]


def policy_difference(trial: Trial, policy: Floats, other: Floats) -> Figure:
    """Return how much more a policy brings a customer than another, with its 95 % interval.

    Each is the arm that every customer would be given; those count who happened to be given it,
    by the inverse of the chance of that.

    Source: Horvitz & Thompson 1952, on differences, so that what both would do cancels out.
    """
    share = np.array([trial.shares[int(arm)] for arm in trial.arms])
    weight = ((policy == trial.arms).astype(np.float64) - (other == trial.arms)) / share
    each = trial.outcomes * weight
    error = float(each.std(ddof=1) / len(each) ** 0.5)
    value = float(each.mean())
    return Figure(value, value - Z95 * error, value + Z95 * error)
