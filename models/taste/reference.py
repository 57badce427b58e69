"""Reference: what a card of taste keeps of the lines, for the next challenger to be judged by."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.taste.features import Lines
from models.taste.train import TrainedTaste

RECENT, LATELY = 28, 56
"""Days: what sells now, and what did of late."""
BEST = 100
"""Items by which a catalogue is known again: those that sold best of late."""
SETTLED = 90
"""Days that lines must reach back before anything can be said to be new."""


def reference(trained: TrainedTaste, lines: Lines) -> dict[str, Any]:
    """Return what later challengers are compared with, as what JSON can hold."""
    end = trained.cuts[-1] + trained.horizon
    return {
        "lines": len(lines.item),
        "customers": lines.buyers,
        "learned": trained.learned,
        "end": end,
        "best": best(lines, end),
        "fresh": fresh(lines, end),
        "foremost": foremost(lines, end),
    }


def best(lines: Lines, end: int) -> dict[str, float]:
    """Return the share of what was bought of late that each of the best sellers had."""
    sold = lines.sold(end - LATELY, end)
    chosen = np.argsort(-sold, kind="stable")[:BEST]
    whole = int(sold.sum()) or 1
    return {lines.items[place]: float(sold[place] / whole) for place in chosen if sold[place]}


def shares(lines: Lines, names: Mapping[str, float], first: int, end: int) -> list[float]:
    """Return how often each of some items was bought on those days, and last all others."""
    sold = lines.sold(first, end)
    places = {name: place for place, name in enumerate(lines.items)}
    counts = [float(sold[places[name]]) if name in places else 0.0 for name in names]
    return [*counts, float(sold.sum()) - sum(counts)]


def fresh(lines: Lines, end: int) -> float | None:
    """Return the share of what was bought of late that nobody had bought before; None of a
    company so young that everything is new."""
    if not len(lines.day) or end - int(lines.day.min()) < SETTLED:
        return None
    began = np.full(len(lines.items), end)
    np.minimum.at(began, lines.item, lines.day)
    sold = lines.sold(end - RECENT, end)
    return float(sold[began >= end - RECENT].sum()) / (float(sold.sum()) or 1.0)


def foremost(lines: Lines, end: int) -> float:
    """Return the share of what was bought lately that the item bought most has."""
    sold = lines.sold(end - RECENT, end)
    return float(sold.max(initial=0)) / (float(sold.sum()) or 1.0)
