"""Causes: the events after which a condition may hold that did not, or no longer does."""

from collections.abc import Iterator, Mapping
from typing import Any

from portrait.requirements import Tree, nodes

IDENTIFY = "$identify"
CONSENTS = ("Consent Granted", "Consent Withdrawn", "Unsubscribed")


def causes(
    tree: Tree | None, traits: Mapping[str, Any], segments: Mapping[str, Tree]
) -> Iterator[str]:
    """Yield the names of the events that may change whether the tree holds.

    That time alone may change it too is for `boundaries`.

    Args:
        traits: the computed traits by name.
        segments: the trees of the segments by key, which do not refer to each other in a circle.
    """
    for node in nodes(tree):
        if "overdue" in node or "falling" in node or "event" in node:
            yield node.get("overdue") or node.get("falling") or node["event"]
        elif "score" in node:
            yield IDENTIFY
        elif "trait" in node or "date" in node:
            computed = traits.get(node.get("trait") or node["date"])
            yield IDENTIFY if computed is None else computed.metric.event
        elif "consent" in node:
            yield from CONSENTS
        elif "segment" in node:
            yield from causes(segments.get(node["segment"]), traits, segments)
