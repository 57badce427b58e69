"""What a condition tree needs before it can be evaluated: series that are kept, and segments."""

from collections.abc import Iterator, Mapping
from typing import Any

from portrait.durations import milliseconds
from portrait.metrics import DAY_MS, Keeps, Metric, metric_key
from portrait.windows import CalendarDays, Window

Tree = Mapping[str, Any]
"""A condition in canonical form: one key says which condition it is, the others are its terms."""


def nodes(tree: Tree | None) -> Iterator[Tree]:
    """Yield `tree` and every condition inside it, but not the filters of events."""
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
            yield event_metric(node)
        elif "overdue" in node or "falling" in node:
            yield rhythm_metric(node)
        elif "first_time" in node:
            yield novelty_metric(node)


def event_metric(node: Tree) -> Metric:
    """Return the series that an `event` condition asks for."""
    window = window_ms(node["within"])
    return metric_for(node["event"], node.get("sum"), window, where=node.get("where"))


def rhythm_metric(node: Tree) -> Metric:
    """Return the series that an `overdue` or `falling` condition asks for: instants, one by one."""
    event = node.get("overdue") or node["falling"]
    window = milliseconds(node["within"])
    length = window if "overdue" in node else 2 * window
    return metric_for(event, None, length, exact=True, where=node.get("where"))


def novelty_metric(node: Tree) -> Metric:
    """Return the series that a `first_time` condition asks for: how often each value came."""
    return metric_for(node["of"], node["first_time"], None, keeps="counts")


def referenced_segments(tree: Tree | None) -> Iterator[str]:
    """Yield the keys of the segments that `tree` asks about."""
    for node in nodes(tree):
        if "segment" in node:
            yield node["segment"]


def window_ms(within: str) -> int | None:
    """Return the length of a window in milliseconds, or None for `ever`."""
    return None if within == "ever" else milliseconds(within)


def metric_for(
    event: str,
    property: str | None,
    window: Window,
    *,
    keeps: Keeps = "sums",
    exact: bool = False,
    where: Tree | None = None,
) -> Metric:
    """Return the metric that answers for a window; part days need exactness.

    What lies before the days that are kept apart is kept as one tally, so `ever` asks for no days.
    """
    zone = None
    if isinstance(window, CalendarDays):
        bucketed = keeps in ("sums", "range") and not exact
        zone = window.zone if bucketed else None
        days = (
            window.days if bucketed else window.days + 1
        )  # a local day may begin in the one before
    else:
        exact = exact or (window is not None and window % DAY_MS != 0)
        exact = exact and keeps != "unique"  # a book of instants is exact as it is
        days = 0 if window is None else -(-window // DAY_MS)
    return Metric(
        key=metric_key(event, property, keeps, zone=zone, where=where),
        event=event,
        property=property,
        exact=exact,
        days=days,
        keeps=keeps,
        ever=window is None,
        zone=zone,
        where=where,
    )
