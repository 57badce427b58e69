"""Gates of an export of taste: that it tells what was learned, to everybody their own."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from models.taste.contest import AT
from models.taste.trial import KINDS, TasteTrial
from models.trial import Refusal
from portrait.learning.taste import load

AGREEMENT = 0.2


def agreement(trial: TasteTrial) -> Iterator[Refusal]:
    """It tells the same customers some of what the champion tells them."""
    if trial.champion is None:
        return
    exports = trial.challenger.export, trial.champion.export
    own, rival = map(load, exports)
    for kind, new in KINDS.items():
        if _tells_what_sells(exports[0], kind) != _tells_what_sells(exports[1], kind):
            continue  # whoever begins to learn tells something else, and may
        pairs = [(set(own(one, AT, new)), set(rival(one, AT, new))) for one in _some(trial)]
        shares = [len(mine & theirs) / len(theirs) for mine, theirs in pairs if theirs]
        share = float(np.mean(shares)) if shares else 1.0
        if share < AGREEMENT:
            yield Refusal(
                "agreement", share, AGREEMENT,
                f"{share:.0%} of the {kind} items that the champion tells it tells too.",
            )  # fmt: skip


def _tells_what_sells(export: Mapping[str, Any], kind: str) -> bool:
    return not (export[kind]["own"] or export[kind]["similar"])


SPREAD = 2 * AT
FEW = 30
"""Customers whom it must have been asked of."""


def spread(trial: TasteTrial) -> Iterator[Refusal]:
    """Unless what sells is all that is known, not everybody is told the same."""
    if trial.challenger.winner == "popularity" or len(trial.challenger.ready.items) < 2 * SPREAD:
        return
    recommend, some = load(trial.challenger.export), _some(trial)
    told = {item for one in some for item in recommend(one, AT, True)}
    if len(some) >= FEW and len(told) < SPREAD:
        yield Refusal(
            "spread", len(told), SPREAD,
            f"{len(some)} customers are told the same {len(told)} items, whatever they own.",
        )  # fmt: skip


def _some(trial: TasteTrial) -> list[Mapping[str, float]]:
    """Return what some customers own."""
    return [own for own in trial.challenger.golden if own]


GOLDEN = 1e-4
"""Weights are written with six digits; what is worth the same may change places."""


def golden(trial: TasteTrial) -> Iterator[Refusal]:
    """The export tells some customers what the blend tells them, item by item."""
    recommend, ready = load(trial.challenger.export), trial.challenger.ready
    places = {name: place for place, name in enumerate(ready.items)}
    worst = 0.0
    for own in trial.challenger.golden:
        for new in KINDS.values():
            scores = ready.scores(own, new=new)
            best = np.sort(scores[np.isfinite(scores)])[::-1][:AT]
            told = [places.get(name, -1) for name in recommend(own, AT, new)]
            if len(told) != len(best) or -1 in told:
                worst = float("inf")
            else:
                gap = np.abs(scores[told] - best) / np.maximum(1.0, best)
                worst = max(worst, float(gap.max(initial=0.0)))
    if not worst <= GOLDEN:
        yield Refusal(
            "golden", worst, GOLDEN,
            f"What the export tells is worth up to {worst:.2g} less than what the blend does.",
        )  # fmt: skip


SIZE = 6_000_000
"""Bytes: what a function reads and keeps that recommends."""


def size(trial: TasteTrial) -> Iterator[Refusal]:
    """The export is small enough to be kept in memory."""
    bytes_ = len(msgspec.json.encode(trial.challenger.export))
    if bytes_ > SIZE:
        yield Refusal("size", bytes_, SIZE, f"The export has {bytes_:,} bytes.")
