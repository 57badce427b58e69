"""Words: how the page of a card tells people what a model says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Card = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """How one model is spoken of.

    Attributes:
        title: what it is called.
        what: one sentence on what it says, of `{horizon}` days.
        happens: what the outcome is, after `share of customers who`; empty for amounts.
        total: what the first customers have much of, for the plot of gains.
        score: what its main output is called on an axis.
        figure: the metric whose history is shown.
        metrics: names of metrics for people, and what they are good for.
        feature: returns the name of a feature for people.
        rows: what it learned from, one per what it counts.
        head: returns what it is worth in one sentence, and
        figures: the plots of its own, where they are not those of models that learn from rows.
    """

    title: str
    what: str
    happens: str
    total: str
    score: str
    figure: str
    metrics: Mapping[str, str]
    feature: Callable[[str], str]
    rows: str = "rows"
    head: Callable[[Card], str] | None = None
    figures: Callable[[Card], Iterable[str]] | None = None
