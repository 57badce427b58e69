"""Words: how the page of a card tells people what a model says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Card = Mapping[str, Any]


class Plot(NamedTuple):
    """A plot as SVG, and the same as numbers: `head` names the columns of `rows`."""

    title: str
    drawn: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def number(value: float | None) -> str:
    """Return a figure for people."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


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
        headline: returns what a model of this kind is worth, in one sentence; None where what is
            said of a chance, or of an amount, fits it.
        plots: yields what such a model has beside the plots of every one.
    """

    title: str
    what: str
    happens: str
    total: str
    score: str
    figure: str
    metrics: Mapping[str, str]
    feature: Callable[[str], str]
    headline: Callable[[Card], str] | None = None
    plots: Callable[[Card], Iterable[Plot]] | None = None
