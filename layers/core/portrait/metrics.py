"""Metrics: what a strand counts, because a computed trait or a condition asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portrait.filters import Filter, compile_filter, filter_name
from portrait.paths import elements_at
from portrait.values import MICRO, Value, as_number, as_value

__all__ = ["DAY_MS", "MICRO", "Keeps", "Metric", "metric_key"]

DAY_MS = 86_400_000

Keeps = Literal["sums", "range", "values", "counts", "unique"]
"""What a series keeps of its values.

sums: how many, and their sum. range: the smallest and the largest. values: the first and the last
as they came. counts: how often each came. unique: when each came last.
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One series a strand keeps.

    Attributes:
        key: as `metric_key` makes it: unique for event, property, what is kept, zone and filter.
        event: the name of the event that feeds it.
        property: whose value is kept, a dotted path; None counts events.
        exact: keep each instant of the window, so that it is exact to the millisecond.
        days: the longest window asked for, in days; 0 where only the total of all time is; None
            keeps every day apart.
        keeps: what is kept of the values.
        ever: somebody asks about all time.
        zone: IANA time zone of the calendar days; None for UTC.
        where: canonical filter; only events that pass it are counted.
    """

    key: str
    event: str
    property: str | None = None
    exact: bool = False
    days: int | None = 30
    keeps: Keeps = "sums"
    ever: bool = False
    zone: str | None = None
    where: Mapping[str, Any] | None = None
    _passes: Filter | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        passes = None if self.where is None else compile_filter(self.where)
        object.__setattr__(self, "_passes", passes)

    def values(self, properties: Mapping[str, Any]) -> list[Value]:
        """Return what an event with these properties adds to the series: nothing, one or more."""
        if self._passes is not None and not self._passes(properties):
            return []
        if self.property is None:
            return [None]
        read = as_number if self.keeps in ("sums", "range") else as_value
        found = map(read, elements_at(properties, self.property))
        return [value for value in found if value is not None]


def metric_key(
    event: str,
    property: str | None,
    keeps: Keeps = "sums",
    *,
    zone: str | None = None,
    where: Mapping[str, Any] | None = None,
) -> str:
    """Return the key of a series: `event`, `event.property`, and what sets it apart from those.

    For example `Order Completed.products.sku:unique`, `Order Completed@Europe/Stockholm`,
    `Order Completed.revenue?5d41402a` with a filter.
    """
    key = event if property is None else f"{event}.{property}"
    if keeps != "sums":
        key += f":{keeps}"
    if zone is not None:
        key += f"@{zone}"
    return key if where is None else f"{key}?{filter_name(where)}"
