"""Trees as data, in all of which one row finds its leaf at once; the standard library alone.

Each leaf is a bit, each tree a byte. A question that a row answers with no rules out the leaves to
its left; of those that are left in the end, the leftmost is the row's. The questions about one
feature are in order, so that one place among their thresholds tells all the answers.

Source: QuickScorer, Lucchese et al. 2015, SIGIR.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import and_
from typing import Any

Row = Sequence[float]
Tree = Sequence[Any]
"""Nodes: [feature, threshold, left, right, whether unknown goes left], or the number of a leaf."""

MOST_LEAVES = 8
"""A byte has no more bits; trees of more leaves are walked one by one."""


Asked = tuple[int, list[float], list[int], int]
"""All questions about one feature: the feature, their thresholds, masks of the leaves that are left
by the place of a value among those, and the mask of a value that is not known."""


def total(trees: Sequence[Tree], baseline: float) -> Callable[[Row], float]:
    """Return a function from a row to the baseline and its leaves, one of each tree, in all.

    Raises:
        ValueError: a tree leads back to itself.
    """
    sizes = [len(_leaves(tree)) for tree in trees]
    pairs = list(zip(sizes, trees, strict=True))
    together = _together([tree for size, tree in pairs if size <= MOST_LEAVES], baseline)
    walked = [_walked(tree) for size, tree in pairs if size > MOST_LEAVES]
    if not walked:
        return together
    return lambda row: together(row) + sum(one(row) for one in walked)


def _together(trees: Sequence[Tree], baseline: float) -> Callable[[Row], float]:
    tables = [_by_bits([float(tree[leaf]) for leaf in _leaves(tree)]) for tree in trees]
    every = int.from_bytes(bytes(len(table) - 1 for table in tables), "little")
    asked, width, leaf = _asked(trees, every), len(trees), list.__getitem__

    def value(row: Row) -> float:
        left = every
        for feature, thresholds, masks, unknown in asked:
            x = row[feature]
            left &= masks[bisect_left(thresholds, x)] if x == x else unknown
        return sum(map(leaf, tables, left.to_bytes(width, "little")), baseline)

    return value


def _asked(trees: Sequence[Tree], every: int) -> list[Asked]:
    questions: dict[int, list[tuple[float, int, bool]]] = defaultdict(list)
    for number, tree in enumerate(trees):
        bit = {leaf: 1 << (8 * number + place) for place, leaf in enumerate(_leaves(tree))}
        for node in tree:
            if isinstance(node, list):
                feature, threshold, left, _, unknown_left = node
                ruled_out = sum(bit[leaf] for leaf in _leaves(tree, left))
                question = (float(threshold), every & ~ruled_out, bool(unknown_left))
                questions[int(feature)].append(question)
    return [_in_order(feature, sorted(some), every) for feature, some in questions.items()]


def _in_order(feature: int, questions: Sequence[tuple[float, int, bool]], every: int) -> Asked:
    thresholds, masks, _ = map(list, zip(*questions, strict=True))
    unknown = every
    for _, mask, goes_left in questions:
        unknown &= every if goes_left else mask
    return feature, thresholds, list(accumulate(masks, and_, initial=every)), unknown


def _by_bits(leaves: Sequence[float]) -> list[float]:
    """Return the leftmost leaf by the bits of those that are left."""
    lowest = ((bits & -bits).bit_length() - 1 for bits in range(1, 1 << len(leaves)))
    return [0.0, *(leaves[place] for place in lowest)]


def _leaves(tree: Tree, at: int = 0) -> list[int]:
    """Return the places of the leaves below a node, from the left."""
    return list(_below(tree, at))


def _below(tree: Tree, at: int) -> Iterator[int]:
    node = tree[at]
    if not isinstance(node, list):
        yield at
        return
    _, _, left, right, _ = node
    if not at < min(left, right):
        raise ValueError("a tree that leads back to itself")
    yield from _below(tree, left)
    yield from _below(tree, right)


def _walked(tree: Tree) -> Callable[[Row], float]:
    def value(row: Row) -> float:
        node = tree[0]
        while node.__class__ is list:
            feature, threshold, left, right, unknown_left = node
            x = row[feature]
            node = tree[left if (x <= threshold if x == x else unknown_left) else right]
        return float(node)

    return value
