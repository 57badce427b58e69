"""What a condition tree needs before it can be evaluated: series that are kept, and segments."""

from collections.abc import Iterator, Mapping
from typing import Any

from portrait.durations import milliseconds
from portrait.metrics import DAY_MS, Metric, metric_key

Tree = Mapping[str, Any]
"""A condition in canonical form: one key says which condition it is, the others are its terms."""


def nodes(tree: Tree | None) -> Iterator[Tree]:
    """Yield `tree` and every condition inside it."""
    if tree is None:
        return
    yield tree
    inner = [*tree.get("all", ()), *tree.get("any", ())]
    if "not" in tree:
        inner.append(tree["not"])
    for child in inner:
        yield from nodes(child)


def required_metrics(tree: Tree | None) -> Iterator[Metric]:
    """Yield the series that must be kept so that `tree` can be evaluated."""
    for node in nodes(tree):
        if "event" in node:
            yield metric_for(node["event"], node.get("sum"), window_ms(node["within"]))


def referenced_segments(tree: Tree | None) -> Iterator[str]:
    """Yield the keys of the segments that `tree` asks about."""
    for node in nodes(tree):
        if "segment" in node:
            yield node["segment"]


def window_ms(within: str) -> int | None:
    """Return the length of a window in milliseconds, or None for `ever`."""
    return None if within == "ever" else milliseconds(within)


def metric_for(
    event: str, property: str | None, window: int | None, *, exact: bool = False
) -> Metric:
    """Return the metric that answers for a window in ms (None: ever); part days need exactness.

    What lies before the days that are kept apart is kept as one sum, so `ever` asks for no days.
    """
    whole = window is None or window % DAY_MS == 0
    return Metric(
        key=metric_key(event, property),
        event=event,
        property=property,
        exact=exact or not whole,
        days=0 if window is None else -(-window // DAY_MS),
    )
