"""Metrics: what a strand counts, because a computed trait or a condition asks for it."""

from dataclasses import dataclass
from typing import Any

DAY_MS = 86_400_000
MICRO = 1_000_000
"""Numbers are kept as whole millionths, so that sums are exact and their order does not matter."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One series a strand keeps.

    Attributes:
        key: `event`, or `event.property` where values are kept.
        event: the name of the event that feeds it.
        property: whose value is kept; None counts events.
        exact: keep each instant, so that windows are exact to the second.
        days: the longest window asked for, in days; 0 where only the total of all time is; None
            keeps every day apart.
    """

    key: str
    event: str
    property: str | None = None
    exact: bool = False
    days: int | None = 30


def metric_key(event: str, property: str | None) -> str:
    """Return the key of the series that counts `event`, or keeps its `property`."""
    return event if property is None else f"{event}.{property}"


def value_at(properties: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None where there is none."""
    value: Any = properties
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
