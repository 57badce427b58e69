"""Conditions: the typed tree of a document, compiled once to a closure over one customer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from portrait.comparisons import compile_tests, instant
from portrait.durations import milliseconds
from portrait.faults import Rejected
from portrait.filters import property_test
from portrait.patterns import Fall, Rhythm, is_new
from portrait.requirements import Tree, event_metric, novelty_metric, window_ms
from portrait.series import Series
from portrait.windows import Window


class CustomerView(Protocol):
    """What a condition may ask about one customer at one instant."""

    @property
    def now(self) -> int: ...
    def trait(self, name: str) -> Any: ...
    def consent(self, channel: str, purpose: str) -> str | None: ...
    def count(self, metric: str, window: Window) -> int: ...
    def total(self, metric: str, window: Window) -> Decimal: ...
    def series(self, metric: str) -> Mapping[str, Series]: ...


class Occurrence(Protocol):
    """What a condition may ask about the event that just happened."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def properties(self) -> dict[str, Any]: ...
    @property
    def traits(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Situation:
    """What a condition is evaluated on: a customer and, at an entry, what just happened."""

    view: CustomerView
    happening: Occurrence | None = None
    segments: "Mapping[str, Predicate]" = field(default_factory=dict)
    later: "tuple[Occurrence, ...]" = ()
    """Events that were folded in the same write, after this one."""


Predicate = Callable[[Situation], bool]


def compile_condition(tree: Tree | None) -> Predicate:
    """Return the closure that evaluates `tree`; no tree holds for everybody.

    Raises:
        Rejected: the tree is not in canonical form.
    """
    if tree is None:
        return _everybody
    try:
        return next(build(tree) for key, build in _BUILDERS.items() if key in tree)
    except (StopIteration, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Rejected("invalid_definition", f"no condition with keys {sorted(tree)}") from error


def _everybody(_: Situation) -> bool:
    return True


def _all(tree: Tree) -> Predicate:
    parts = tuple(map(compile_condition, tree["all"]))
    return lambda situation: all(part(situation) for part in parts)


def _any(tree: Tree) -> Predicate:
    parts = tuple(map(compile_condition, tree["any"]))
    return lambda situation: any(part(situation) for part in parts)


def _not(tree: Tree) -> Predicate:
    part = compile_condition(tree["not"])
    return lambda situation: not part(situation)


def _event(tree: Tree) -> Predicate:
    window, holds = window_ms(tree["within"]), compile_tests(tree)
    key = event_metric(tree).key
    if tree.get("sum") is None:
        return lambda situation: holds(situation.view.count(key, window))
    return lambda situation: holds(situation.view.total(key, window))


def _trait(tree: Tree) -> Predicate:
    name, holds = tree["trait"], compile_tests(tree)
    return lambda situation: holds(situation.view.trait(name))


def _score(tree: Tree) -> Predicate:
    name, holds = f"score.{tree['score']}", compile_tests(tree)
    return lambda situation: holds(situation.view.trait(name))


def _property(tree: Tree) -> Predicate:
    holds = property_test(tree)

    def predicate(situation: Situation) -> bool:
        happening = situation.happening
        if happening is None:
            return False
        says_traits = happening.kind == "identify"
        return holds(happening.traits if says_traits else happening.properties)

    return predicate


def _segment(tree: Tree) -> Predicate:
    key = tree["segment"]
    return lambda situation: situation.segments[key](situation)


def _consent(tree: Tree) -> Predicate:
    terms = tree["consent"]
    channel, purpose, status = terms["channel"], terms["purpose"], terms["status"]
    return lambda situation: situation.view.consent(channel, purpose) == status


def _date(tree: Tree) -> Predicate:
    name = tree["date"]
    ahead = milliseconds(tree["in_next"]) if "in_next" in tree else 0
    behind = milliseconds(tree["in_last"]) if "in_last" in tree else 0

    def predicate(situation: Situation) -> bool:
        at, now = instant(situation.view.trait(name)), situation.view.now
        return at is not None and now - behind <= at <= now + ahead

    return predicate


def _overdue(tree: Tree) -> Predicate:
    rhythm = Rhythm.from_tree(tree)

    def predicate(situation: Situation) -> bool:
        view = situation.view
        at = rhythm.overdue_at(view.series(rhythm.metric.key), view.now)
        return at is not None and view.now >= at

    return predicate


def _falling(tree: Tree) -> Predicate:
    fall = Fall.from_tree(tree)
    return lambda situation: fall.holds(situation.view.series(fall.metric.key), situation.view.now)


def _first_time(tree: Tree) -> Predicate:
    key, path, event = novelty_metric(tree).key, tree["first_time"], tree["of"]

    def predicate(situation: Situation) -> bool:
        happening = situation.happening
        if happening is None or happening.name != event:
            return False
        later = [one.properties for one in situation.later if one.name == event]
        return is_new(situation.view.series(key), path, happening.properties, later)

    return predicate


_BUILDERS: Mapping[str, Callable[[Tree], Predicate]] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "trait": _trait,
    "property": _property,
    "overdue": _overdue,
    "falling": _falling,
    "first_time": _first_time,
    "event": _event,
    "segment": _segment,
    "score": _score,
    "consent": _consent,
    "date": _date,
}
