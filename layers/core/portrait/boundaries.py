"""Boundaries: the instants at which time alone may change whether a condition holds.

They are for a timer that is armed for the first of them and then asks again: up to that instant
nothing was missed, and nothing that happens before it goes unnoticed by the stream.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import merge
from typing import TYPE_CHECKING, Any

from portrait.comparisons import instant, number
from portrait.durations import milliseconds
from portrait.patterns import Fall, Rhythm
from portrait.requirements import Tree, event_metric, nodes, window_ms

if TYPE_CHECKING:
    from portrait.view import View

_LATEST = 253_402_300_800_000
"""The end of the year 9999: nothing is armed for later."""


def boundaries(
    tree: Tree | None, view: "View", segments: Mapping[str, Tree] | None = None
) -> Iterator[int]:
    """Yield, ascending, the instants (UTC ms) after `view.now` at which `tree` may change.

    Up to and with the first, none is missed: what the first one changes may bring others. They are
    found one at a time as they are asked for.

    Args:
        segments: the trees of the segments by key, which must not refer to each other in a circle.
    """
    latest = view.now
    for at in merge(*_streams(tree, view, segments or {})):
        if at >= _LATEST:
            return
        if at > latest:
            latest = at
            yield at


def _streams(
    tree: Tree | None, view: "View", segments: Mapping[str, Tree]
) -> Iterator[Iterable[int]]:
    """Yield, for every condition in the tree, its instants in order."""
    for node in nodes(tree):
        if "overdue" in node:
            yield _of_rhythm(Rhythm.from_tree(node), view)
        elif "falling" in node:
            fall = Fall.from_tree(node)
            yield fall.changes(view.series(fall.metric.key), view.now)
        elif "event" in node:
            yield view.next_changes(event_metric(node).key, window_ms(node["within"]))
        elif "trait" in node:
            yield _of_window(node["trait"], view)
            yield sorted(_of_trait(node, view))
        elif "date" in node:
            yield _of_window(node["date"], view)
            yield sorted(_of_date(node, view))
        elif "segment" in node:
            yield from _streams(segments.get(node["segment"]), view, segments)


def _of_rhythm(rhythm: Rhythm, view: "View") -> Iterator[int]:
    at = rhythm.overdue_at(view.series(rhythm.metric.key), view.now)
    due = [at] if at is not None and at > view.now else []
    # Meanwhile occasions leave the window that the habit is read from.
    return merge(due, view.next_changes(rhythm.metric.key, rhythm.window_ms))


def _of_trait(node: Tree, view: "View") -> Iterator[int]:
    computed = view.computed(node["trait"])
    if computed is None or not computed.operation.startswith("time_since"):
        return
    seconds = view.trait(node["trait"])
    if seconds is None:
        return
    since = view.now - int(seconds * 1000)
    for operand in _operands(node):
        at = since + int((operand * 1000).to_integral_value())
        # `at_least` holds at the very millisecond, `above` from the next one on.
        yield from (at, at + 1)


def _of_window(name: str, view: "View") -> Iterator[int]:
    computed = view.computed(name)
    if computed is None:
        return iter(())
    return view.next_changes(computed.metric.key, computed.window, computed.metric.zone)


def _of_date(node: Tree, view: "View") -> Iterator[int]:
    at = instant(view.trait(node["date"]))
    if at is not None:
        yield at - (milliseconds(node["in_next"]) if "in_next" in node else 0)
        yield at + (milliseconds(node["in_last"]) if "in_last" in node else 0) + 1


def _operands(node: Tree) -> Iterator[Decimal]:
    operators: list[Any] = [value for name, value in node.items() if name != "trait"]
    for value in operators:
        for each in value if isinstance(value, list | tuple) else (value,):
            size = number(each)
            if size is not None and abs(size) < _LATEST:
                yield size
