"""Gates of taste: that it foretells what is bought, no worse than what stands in its place."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from models.merit_gates import paired
from models.tables import Floats
from models.taste.export_gates import agreement, golden, size, spread
from models.taste.features import Lines
from models.taste.line_gates import catalogue, closed, everywhere, remembered, rows, sold
from models.taste.train import TrainedTaste
from models.taste.trial import KINDS, TasteTrial
from models.trial import Champion, Refusal, verdict
from models.volume_gates import rewritten, volume

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
    told: Mapping[str, Any] = {}
    if trial.champion is not None and trial.reference.get("learned"):
        told = trial.champion.card["metrics"]
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
