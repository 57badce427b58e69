"""Gates of lines: whether there are as many, of the same shop, as the champion learned from."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.data_gates import as_many
from models.drift import moved
from models.taste.reference import LATELY, RECENT, foremost, fresh, shares
from models.taste.trial import TasteTrial
from models.trial import Refusal
from models.volume_gates import volume

FEW = 50
"""Lines below which shares say little."""
EACH = 1.3
"""By what factor the lines of a customer may differ from the champion's."""


def rows(trial: TasteTrial) -> Iterator[Refusal]:
    """There are about as many customers, and lines of each, as the champion had."""
    before = trial.reference
    if not before:
        return
    share = trial.customers / max(1, before["customers"])
    yield from as_many(share)
    each = len(trial.lines.item) / max(1, before["lines"]) / max(share, 1e-9)
    if before["lines"] >= FEW and not 1 / EACH <= each <= EACH:
        yield Refusal(
            "rows", each, EACH if each > 1 else 1 / EACH,
            f"A customer has {each:.2f} times the lines that the champion's had.",
        )  # fmt: skip
    if before["learned"] and not trial.challenger.learned:
        yield Refusal("rows", trial.challenger.rows, before["lines"], trial.challenger.reason)


def closed(trial: TasteTrial) -> Iterator[Refusal]:
    """Neither the window nor any line reaches beyond what is known."""
    ends = max(trial.end, int(trial.lines.day.max(initial=0)) + 1)
    if trial.today is not None and ends > trial.today:
        yield Refusal(
            "closed", ends, trial.today,
            f"Lines or the window end {ends - trial.today} days after the last that is known.",
        )  # fmt: skip


def sold(trial: TasteTrial) -> Iterator[Refusal]:
    """As many items are sold in the last week, month and two as in the twice as long before."""
    counts: Counter[int] = Counter()
    for day, times in zip(trial.lines.day.tolist(), trial.lines.times.tolist(), strict=True):
        counts[day] += times
    for one in volume(replace(trial, purchases=counts)):
        yield one._replace(gate="sold", sentence=one.sentence.replace("purchases", "items"))


MOVED = 0.25
"""Source: as of features, Siddiqi 2006; of the same days, so that no season moves it."""


def remembered(trial: TasteTrial) -> Iterator[Refusal]:
    """What sold well when the champion was trained is still known to have sold so then."""
    before = trial.reference
    if not before or not before["best"]:
        return
    end = before["end"]
    counts = np.array(shares(trial.lines, before["best"], end - LATELY, end))
    known = [*before["best"].values()]
    within = (trial.lines.day >= end - LATELY) & (trial.lines.day < end)
    customers = trial.lines.where(within).buyers
    if trial.lines.day.min(initial=end) > end - LATELY:
        return  # so long ago that it is beyond the lookback
    gap = moved([*known, 1 - sum(known)], counts, customers=customers, before=customers)
    if gap > MOVED:
        yield Refusal(
            "remembered", gap, MOVED,
            f"Of the {LATELY} days before the champion other best sellers are told: PSI {gap:.2f}.",
        )  # fmt: skip


STILL = 0.6
FRESH, FRESH_MOVE = 0.4, 0.2


def catalogue(trial: TasteTrial) -> Iterator[Refusal]:
    """The champion's best sellers still sell, and hardly more is new than was."""
    best = trial.reference.get("best", {})
    *now, _ = shares(trial.lines, best, trial.end - RECENT, trial.end)
    still = sum(share for share, count in zip(best.values(), now, strict=True) if count)
    still /= sum(best.values()) or 1.0
    if best and len(trial.lines.item) >= FEW and still < STILL:
        yield Refusal("catalogue", still, STILL, f"{still:.0%} of the best sellers still sell.")
    share = fresh(trial.lines, trial.end)
    if share is None:
        return
    known = trial.reference.get("fresh")
    limit = FRESH if known is None else max(FRESH, known + FRESH_MOVE)
    if trial.reference and share > limit:
        yield Refusal(
            "catalogue", share, limit,
            f"{share:.0%} of what was bought in the last {RECENT} days was never bought before.",
        )  # fmt: skip


FOREMOST, FOREMOST_MOVE = 0.8, 0.15


def everywhere(trial: TasteTrial) -> Iterator[Refusal]:
    """No single item is about everything that is bought, nor much more of it than it was."""
    if len(trial.lines.item) < FEW:
        return
    share = foremost(trial.lines, trial.end)
    limit = min(FOREMOST, trial.reference.get("foremost", 1.0) + FOREMOST_MOVE)
    if share > limit:
        yield Refusal(
            "everywhere", share, limit,
            f"One item is {share:.0%} of all that was bought in the last {RECENT} days.",
        )  # fmt: skip
