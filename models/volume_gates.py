"""Gates of volume: whether purchases still come in, and whether the past is what it was."""

from collections.abc import Iterator, Mapping
from math import log, sqrt
from typing import Any

from models.trial import Refusal, Trial

YEAR = 364
"""Days: the same days of the week, a year before."""
LEAST: Mapping[int, float] = {7: 0.35, 28: 0.65, 56: 0.8}
"""Days, and the least share of what was to be expected of them."""
SURE = 3.0
"""Standard errors; purchases come in clumps, which doubles the variance of Poisson's."""
CLUMPS = 2.0
FEW = 50


def volume(trial: Trial) -> Iterator[Refusal]:
    """As much is bought in the last week, month and two as in the twice as long before them.

    Where purchases reach back a year more, the same days of that year tell the season.
    """
    if trial.purchases is None or trial.today is None:
        return
    for days, least in LEAST.items():
        share, error = _share(trial.purchases, trial.today, days)
        if share < least and share + SURE * error < 1.0:
            yield Refusal(
                "volume", share, least,
                f"In the last {days} days {share:.0%} of the purchases to be expected came in.",
            )  # fmt: skip
            return


def _share(purchases: Mapping[int, int], today: int, days: int) -> tuple[float, float]:
    """Return the share that came of what was expected, and its standard error; 1 of too few."""
    now, before = _sum(purchases, today, days), _sum(purchases, today - days, 2 * days)
    if before < FEW:
        return 1.0, 0.0
    share, variance = 2 * now / before, 1 / max(1, now) + 1 / before
    then = _sum(purchases, today - YEAR, days)
    earlier = _sum(purchases, today - YEAR - days, 2 * days)
    reaches = min(purchases, default=today) <= today - YEAR - 3 * days
    if reaches and min(then, earlier) >= FEW:  # a year that began then says nothing of the season
        share /= 2 * then / earlier
        variance += 1 / then + 1 / earlier
    return share, share * sqrt(CLUMPS * variance)


def _sum(purchases: Mapping[int, int], end: int, days: int) -> int:
    return sum(purchases.get(day, 0) for day in range(end - days, end))


BLOCK = 28
REWRITTEN: Mapping[int, float] = {2: 1.25, 4: 1.2, 13: 1.15}
"""Blocks of days before the champion's training, and by what factor their purchases may differ:
samples of customers do, and the fewer purchases the more."""


def past(purchases: Mapping[int, int] | None, today: int | None) -> dict[str, Any]:
    """Return how many purchases each four weeks of the past year had, for `rewritten`."""
    if purchases is None or today is None:
        return {}
    ends = [today - BLOCK * number for number in range(max(REWRITTEN))]
    return {"end": today, "blocks": [_sum(purchases, end, BLOCK) for end in ends]}


def rewritten(trial: Trial) -> Iterator[Refusal]:
    """A customer bought as often in the past year as when the champion was trained.

    The past does not change; where it does, customers were split or merged, events came twice, got
    lost, or are now told by another clock.
    """
    known = trial.reference.get("past")
    if not known or trial.purchases is None:
        return
    grown = trial.customers / max(1, trial.reference["customers"])
    for blocks, limit in REWRITTEN.items():
        before = sum(known["blocks"][:blocks])
        now = _sum(trial.purchases, known["end"], BLOCK * blocks)
        ratio = max(now, 0.5) / max(before, 0.5) / grown
        if before >= FEW and abs(log(ratio)) > log(limit):
            yield Refusal(
                "rewritten", ratio, limit if ratio > 1 else 1 / limit,
                f"In the {BLOCK * blocks} days before the champion's training a customer bought "
                f"{ratio:.2f} times as often as was known then.",
            )  # fmt: skip
            return
