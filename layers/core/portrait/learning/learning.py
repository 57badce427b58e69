"""Learning: which series of a strand models learn from, compiled from the `learning` document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LOOKBACK_DAYS = 365
"""How far before a cut-off behaviour reaches, unless the document asks for more or less."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What counts as what, by the keys of metrics (`metrics.metric_key`).

    All of them count in UTC days, and keep the days of twice the lookback apart, so that cut-offs
    as old as the lookback see a whole one.

    Attributes:
        purchases: a metric of sums: how many, and what they were worth.
        returns: metrics of sums of what came back or was cancelled, worth more than 0.
        services: metrics of sums of contacts that the customer made with customer service.
        engagement: metrics of sums by channel: what people did there, machines left out.
        items: a metric that keeps each value with its instant: what was bought; "" for unknown.
        categories: the same of the categories of what was bought; "" for unknown.
        horizon: days for which churn is predicted; None takes it from the rhythm of purchases.
        lookback: days before a cut-off that behaviour reaches.
        version: of the document, 0 where it is not stored.
    """

    purchases: str = "Order Completed.revenue"
    returns: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    engagement: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    items: str = ""
    categories: str = ""
    horizon: int | None = None
    lookback: int = LOOKBACK_DAYS
    version: int = 0
