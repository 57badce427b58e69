"""Projection expressions, compiled once per text."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from tests.faults.aws.expressions import Names, Path, Reader, find_in, resolved
from tests.faults.aws.values import Item, Value


class Projection(NamedTuple):
    """A compiled projection expression."""

    paths: tuple[Path, ...]
    names: frozenset[str]
    values: frozenset[str] = frozenset()

    def apply(self, item: Item, names: Names) -> Item:
        """Return what it leaves of an item."""
        return projected(item, [resolved(path, names) for path in self.paths])


@lru_cache(maxsize=1024)
def projection(text: str) -> Projection:
    """Compile a projection expression.

    Raises:
        Refused: it is malformed.
    """
    reader = Reader(text, "ProjectionExpression")
    paths = [reader.path()]
    while reader.peek() == ",":
        reader.take()
        paths.append(reader.path())
    if reader.peek():
        reader.fail(reader.peek())
    return Projection(tuple(paths), frozenset(reader.names))


def projected(item: Item, paths: Iterable[Path]) -> Item:
    """Return only what lies at the paths, lists closed up."""
    tree: dict[Any, Any] = {}
    for path in paths:
        node = tree
        for part in path:
            node = node.setdefault(part, {})
    return _pruned({"M": item}, tree)["M"]  # type: ignore[no-any-return]


def _pruned(value: Value, tree: dict[Any, Any]) -> Any:
    if not tree:
        return value
    if "M" in value:
        found = {p: _pruned(value["M"][p], sub) for p, sub in tree.items() if _has(value, p)}
        return {"M": {name: each for name, each in found.items() if each is not None}}
    if "L" in value:
        found = {p: _pruned(value["L"][p], tree[p]) for p in sorted(tree) if _has(value, p)}
        return {"L": [each for each in found.values() if each is not None]}
    return None


def _has(value: Value, part: str | int) -> bool:
    return find_in({"": value}, ("", part)) is not None
