"""Paths into what an event says: dotted, and through lists into each of their elements."""

from collections.abc import Iterator, Mapping
from typing import Any

MAX_VALUES = 1000
"""Values that one event gives at one path; those after them are left out."""


def values_at(payload: Mapping[str, Any], path: str) -> list[Any]:
    """Return what stands at a dotted path; `products.sku` finds the sku of every product.

    What is at the end of the path is returned as it is, a list too. Nulls are left out.
    """
    found: list[Any] = [payload]
    for part in path.split("."):
        found = [
            inner
            for value in found
            for each in (_elements(value) if isinstance(value, list) else (value,))
            if isinstance(each, Mapping) and (inner := each.get(part)) is not None
        ]
    return found[:MAX_VALUES]


def elements_at(payload: Mapping[str, Any], path: str) -> list[Any]:
    """Return what stands at a path, with the elements of a list, however deep, each for itself."""
    if "." not in path and not isinstance(value := payload.get(path), list):
        return [] if value is None else [value]
    found: list[Any] = []
    for value in values_at(payload, path):
        if isinstance(value, list):
            found.extend(_elements(value))
        else:
            found.append(value)
    return found[:MAX_VALUES]


def _elements(values: list[Any]) -> Iterator[Any]:
    """Yield the elements of nested lists in order, without recursion."""
    waiting = [iter(values)]
    while waiting:
        for value in waiting[-1]:
            if isinstance(value, list):
                waiting.append(iter(value))
                break
            yield value
        else:
            waiting.pop()
