"""Whether a condition can hold at all, as far as its own words tell."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from portrait.comparisons import number, same

Tree = Mapping[str, Any]

_MEASURES = ("trait", "property", "score", "event")
_TERMS = ("within", "sum", "where")


def is_impossible(tree: Tree) -> bool:
    """Tell whether nothing can make the condition hold.

    It is found where two parts of a conjunction exclude each other: a number above 5 and below 3, a
    value that is two values, a condition and its own opposite. False proves nothing.
    """
    if "any" in tree:
        return all(is_impossible(part) for part in tree["any"])
    if "not" in tree:
        return is_certain(tree["not"])
    parts = list(_conjuncts(tree))
    if any("any" in part and is_impossible(part) for part in parts):
        return True
    denied = [part["not"] for part in parts if "not" in part]
    if any(part == other for part in parts for other in denied):
        return True
    subjects: dict[str, list[Tree]] = {}
    for part in parts:
        subject = _subject(part)
        if subject is not None:
            subjects.setdefault(subject, []).append(part)
    return any(_excluded(some) for some in subjects.values())


def is_certain(tree: Tree) -> bool:
    """Tell whether the condition holds for everybody; False proves nothing."""
    if "all" in tree:
        return all(is_certain(part) for part in tree["all"])
    if "not" in tree:
        return is_impossible(tree["not"])
    if "any" in tree:
        denied = [part["not"] for part in tree["any"] if "not" in part]
        return any(map(is_certain, tree["any"])) or any(
            part == other for part in tree["any"] for other in denied
        )
    return False


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if "all" in tree:
        for part in tree["all"]:
            yield from _conjuncts(part)
    else:
        yield tree


def _subject(tree: Tree) -> str | None:
    """Return what a comparison is about, or None for what is no comparison."""
    for measure in _MEASURES:
        if measure in tree:
            return repr([measure, tree[measure], *(tree.get(term) for term in _TERMS)])
    if "consent" in tree:
        terms = tree["consent"]
        return repr(["consent", terms["channel"], terms["purpose"]])
    return None


def _excluded(parts: list[Tree]) -> bool:
    """Tell whether comparisons of one thing exclude each other."""
    if "consent" in parts[0]:
        return len({part["consent"]["status"] for part in parts}) > 1
    if any("property" in part for part in parts):
        parts = parts[:1]  # a path through a list may hold for one element and another
    low, high, open_low, open_high = _range(parts)
    if "event" in parts[0]:
        low = max(low, 0.0) if "sum" not in parts[0] else low
    if low > high or (low == high and (open_low or open_high)):
        return True
    values = [part["equals"] for part in parts if part.get("equals") is not None]
    if any(not same(one, values[0]) for one in values[1:]):
        return True
    missing = any(part.get("exists") is False for part in parts)
    return missing and any(set(part) & _NEED_A_VALUE for part in parts)


_NEED_A_VALUE = frozenset({"equals", "in", "contains", "at_least", "at_most", "above", "below"})


def _range(parts: list[Tree]) -> tuple[float, float, bool, bool]:
    low, high, open_low, open_high = -math.inf, math.inf, False, False
    for part in parts:
        for name, limit in part.items():
            size = None if name not in _LIMITS else number(limit)
            if size is None:
                continue
            is_low, is_open = _LIMITS[name]
            at = float(size)
            if is_low and (at > low or (at == low and is_open)):
                low, open_low = at, is_open
            elif not is_low and (at < high or (at == high and is_open)):
                high, open_high = at, is_open
    return low, high, open_low, open_high


_LIMITS = {
    "at_least": (True, False),
    "above": (True, True),
    "at_most": (False, False),
    "below": (False, True),
}
"""Whether an operator says how small a value may be, and whether that value itself is out."""
