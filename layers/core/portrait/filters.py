"""Filters: tests of an event's properties, compiled once, that decide whether it is counted."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from portrait.comparisons import compile_tests
from portrait.paths import values_at

Filter = Callable[[Mapping[str, Any]], bool]
"""Says of an event's properties (of identify: its traits) whether the event counts."""


def compile_filter(tree: Mapping[str, Any]) -> Filter:
    """Return the closure that evaluates a canonical tree of all, any, not and property.

    Raises:
        KeyError: the tree is not in canonical form.
    """
    if "all" in tree:
        every = tuple(map(compile_filter, tree["all"]))
        return lambda properties: all(part(properties) for part in every)
    if "any" in tree:
        some = tuple(map(compile_filter, tree["any"]))
        return lambda properties: any(part(properties) for part in some)
    if "not" in tree:
        part = compile_filter(tree["not"])
        return lambda properties: not part(properties)
    return property_test(tree)


def property_test(tree: Mapping[str, Any]) -> Filter:
    """Return the test of one `property` node.

    A path through a list holds where any of its elements passes; where the path leads nowhere,
    the test is asked about None.
    """
    path, holds = tree["property"], compile_tests(tree)
    if "." not in path:
        return lambda properties: holds(properties.get(path))

    def test(properties: Mapping[str, Any]) -> bool:
        found = values_at(properties, path)
        return any(map(holds, found)) if found else holds(None)

    return test


def filter_name(tree: Mapping[str, Any]) -> str:
    """Return eight hex digits that stand for a canonical filter in the key of a series."""
    packed = msgspec.json.encode(tree, order="sorted")
    return hashlib.blake2b(packed, digest_size=4).hexdigest()
