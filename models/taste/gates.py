"""Gates of taste: that what it tells is what was bought, for everybody their own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from models.merit_gates import paired
from models.tables import Floats
from models.taste.contest import AT
from models.taste.features import Lines
from models.taste.line_gates import catalogue, closed, everywhere, remembered, rows, sold
from models.taste.train import TrainedTaste
from models.taste.trial import KINDS, TasteTrial
from models.trial import Champion, Refusal, verdict
from models.volume_gates import rewritten, volume
from portrait.learning.taste import load

WORSE = 0.15
"""Share of its recall by which what it is compared with may be better, if that is no chance."""
FEW = 30
"""Customers below which recalls say little."""


def sells(trial: TasteTrial) -> Iterator[Refusal]:
    """As it is used, it foretells no less than what sells does."""
    export = trial.challenger.rehearsal
    simple = {"own": 0.0, "similar": 0.0, "popular": 1.0}
    yield from _below(trial, {**export, "new": simple, "repeat": simple}, "sells", "what sells")


def duel(trial: TasteTrial) -> Iterator[Refusal]:
    """Of the same customers, in a window neither had seen, it foretells as much as the champion."""
    if trial.champion is not None:
        yield from _below(trial, trial.champion.rehearsal, "duel", "the champion")


def _below(trial: TasteTrial, rival: Mapping[str, Any], gate: str, whom: str) -> Iterator[Refusal]:
    for kind, new in KINDS.items():
        own = trial.recalls(trial.challenger.rehearsal, new=new)
        other = trial.recalls(rival, new=new)
        if len(own) < FEW:
            continue
        gap, _, high = paired(_mean, own, own, other, seed=trial.challenger.seed)
        limit = WORSE * float(other.mean())
        if -gap > limit and high < 0:
            yield Refusal(
                gate, -gap, limit,
                f"Of {kind} items it foretells {own.mean():.1%}, {whom} {other.mean():.1%}.",
            )  # fmt: skip


def _mean(outcomes: Floats, values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights))


FALL = 0.4
"""Share of the champion's recall by which its own may be less, each on its own day."""


def worth(trial: TasteTrial) -> Iterator[Refusal]:
    """It foretells about as much of its last window as the champion did of its own."""
    told = trial.champion.card.get("metrics", {}) if trial.champion else {}
    for name, figure in trial.challenger.metrics.items():
        before = told.get(name) or {}
        if before.get("value") is None or not before["value"] > 0:
            continue
        least = before["value"] * (1 - FALL)
        if figure.value < least and figure.high < before["low"]:
            yield Refusal(
                "worth", figure.value, least,
                f"{name} is {figure.value:.1%}; the champion's was {before['value']:.1%}.",
            )  # fmt: skip


AGREEMENT = 0.2


def agreement(trial: TasteTrial) -> Iterator[Refusal]:
    """It tells the same customers some of what the champion tells them."""
    if trial.champion is None:
        return
    own, rival = load(trial.challenger.export), load(trial.champion.export)
    for kind, new in KINDS.items():
        pairs = [(set(own(one, AT, new)), set(rival(one, AT, new))) for one in _some(trial)]
        shares = [len(mine & theirs) / len(theirs) for mine, theirs in pairs if theirs]
        share = float(np.mean(shares)) if shares else 1.0
        if share < AGREEMENT:
            yield Refusal(
                "agreement", share, AGREEMENT,
                f"{share:.0%} of the {kind} items that the champion tells it tells too.",
            )  # fmt: skip


SPREAD = 2 * AT


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


TasteGate = Callable[[TasteTrial], Iterable[Refusal]]
GATES: tuple[TasteGate, ...] = (
    golden, size, rows, closed, volume, rewritten, sold, remembered, catalogue, everywhere,
    sells, duel, worth, agreement, spread,
)  # fmt: skip


def judge(
    challenger: TrainedTaste,
    champion: Champion | None,
    lines: Lines,
    *,
    today: int | None = None,
    purchases: Mapping[int, int] | None = None,
    accepted: Collection[str] = (),
) -> list[Refusal]:
    """Return what speaks against the challenger, as `models.gates.judge` does of rows."""
    return verdict(TasteTrial(challenger, champion, today, purchases, lines), GATES, accepted)
