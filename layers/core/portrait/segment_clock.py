"""The clock of segments: the instant at which time alone will next change who is in which."""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from portrait.boundaries import boundaries
from portrait.conditions import Predicate, Situation, compile_condition
from portrait.requirements import Tree, event_metric, nodes
from portrait.series import Series

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.portrait import Portrait
    from portrait.view import View

MAX_LOOKS = 128
"""How far ahead the clock is watched at once; a portrait with more boundaries is woken to go on."""

NEVER = 2**63

_TIMED = ("event", "trait", "date", "overdue", "falling")
_ORDERED = frozenset({"at_least", "at_most", "above", "below"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition of some segment that time alone may change; it consists of no others.

    Attributes:
        orders: it compares with one limit, so it changes once while what it measures falls.
    """

    tree: Tree
    holds: Predicate
    orders: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """The conditions of every segment, as a review of the clock needs them."""

    leaves: tuple[Leaf, ...] = ()

    @classmethod
    def compile(cls, trees: Iterable[Tree]) -> "Watch":
        """Return what is to be watched for the segments of these canonical trees."""
        timed = (node for tree in trees for node in nodes(tree) if node.keys() & set(_TIMED))
        return cls(tuple(map(_leaf, {repr(node): node for node in timed}.values())))


def _leaf(tree: Tree) -> Leaf:
    if "overdue" in tree or "falling" in tree:
        return Leaf(tree, compile_condition(tree), orders=False)
    measure = "event" if "event" in tree else "trait"
    operators = {name for name, value in tree.items() if value is not None}
    operators -= {measure, "within", "where", "sum"}
    orders = "date" not in tree and len(operators) == 1 and operators <= _ORDERED
    return Leaf(tree, compile_condition(tree), orders)


def members(view: "View", catalogue: "Catalogue", inside: Container[str] = ()) -> frozenset[str]:
    """Return the segments that the customer is in at the instant of the view.

    Args:
        inside: those that they were in just before, for segments that are left otherwise than they
            are entered.
    """
    situation = Situation(view, None, catalogue.segments)
    return frozenset(
        key
        for key, holds in catalogue.segments.items()
        if holds(situation)
        or (key in catalogue.stays and key in inside and catalogue.stays[key](situation))
    )


def next_crossing(
    portrait: "Portrait", catalogue: "Catalogue", view: "View", inside: frozenset[str], until: int
) -> int | None:
    """Return the first instant at which another set of segments holds, or the last one tried.

    What lies beyond `until` is for whoever looks then.
    """
    leaves = catalogue.watch.leaves
    pending = {at for leaf in leaves for at in _changes(leaf, portrait, catalogue, view, until)}
    if not pending:
        return None
    moving = [leaf for leaf in leaves if _moves(leaf.tree, view)]
    for _ in range(MAX_LOOKS):
        view = portrait.view(catalogue, min(pending))
        if members(view, catalogue, inside) != inside:
            return view.now
        for leaf in moving:
            pending.update(_before(until, leaf.tree, view))
        pending = {at for at in pending if at > view.now}
        if not pending:
            return None
    return view.now


def _before(until: int, tree: Tree, view: "View") -> Iterator[int]:
    return takewhile(lambda at: at < until, boundaries(tree, view))


def _changes(
    leaf: Leaf, portrait: "Portrait", catalogue: "Catalogue", view: "View", until: int
) -> Iterator[int]:
    """Yield the instants at which the leaf may change: of one that only falls, just the right one.

    A customer with a thousand orders has a thousand boundaries, and one that matters.
    """
    instants = list(_before(until, leaf.tree, view))
    if len(instants) < 3 or not (leaf.orders and _falls(leaf.tree, view)):
        yield from instants
        return
    now = leaf.holds(Situation(view))

    def differs(at: int) -> bool:
        return leaf.holds(Situation(portrait.view(catalogue, at))) != now

    place = bisect_left(instants, True, key=differs)
    yield from instants[place : place + 1]


def _moves(tree: Tree, view: "View") -> bool:
    """Tell whether later boundaries of the leaf are known only once the earlier ones have passed.

    So it is where the instant that counts may itself leave the window, or has yet to come.
    """
    if "overdue" in tree:
        return True
    computed = view.computed(tree.get("date") or tree.get("trait") or "")
    if computed is None or not ("date" in tree or computed.operation.startswith("time_since")):
        return False
    return computed.window is not None or _is_ahead(view.series(computed.metric.key), view)


def _falls(tree: Tree, view: "View") -> bool:
    """Tell whether what the leaf measures can only become less while nothing happens."""
    if "event" in tree:
        metric, sums = event_metric(tree), tree.get("sum") is not None
    else:
        computed = view.computed(tree["trait"])
        if computed is None or computed.operation not in ("count", "sum", "unique_count"):
            return False
        metric, sums = computed.metric, computed.operation == "sum"
    kept = view.series(metric.key)
    if _is_ahead(kept, view):
        return False
    return not (sums and any(map(_lowers, kept.values())))


def _is_ahead(kept: Mapping[str, Series], view: "View") -> bool:
    """Tell whether something lies ahead, by the clock of the client that sent it."""
    return any(series.last is not None and series.last[0] > view.now for series in kept.values())


def _lowers(series: Series) -> bool:
    """Tell whether a value may be below zero, so that a sum grows when it leaves the window."""
    values = (value for _, value in series.entries() if isinstance(value, int))
    return min(values, default=0) < 0 or any(row[2] < 0 for row in series.days)
