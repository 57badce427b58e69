"""Computed traits: values of a customer that are counted, never sent."""

from dataclasses import dataclass
from typing import Any, cast

from portrait.conditions import CustomerView
from portrait.metrics import DAY_MS, Metric
from portrait.operations import OPERATIONS, Answer, Operation, Question
from portrait.requirements import Tree, metric_for, window_ms
from portrait.windows import CalendarDays, Window, span_at

LIST_LIMIT = 100
"""Values in a list, unless its document asks for more or less."""

_MOVING = ("first", "most_frequent", "time_since_first")
"""These change as older events leave the window, so that each must be kept."""


@dataclass(frozen=True, slots=True)
class ComputedTrait:
    """One computed trait: an operation over one series within a window.

    Attributes:
        span: the window as its document says it, for people.
        limit: how many values a list holds at most.
        version: of the document, 0 where it is not stored.
    """

    name: str
    operation: Operation
    metric: Metric
    window: Window
    span: str = "ever"
    limit: int = LIST_LIMIT
    version: int = 0

    @classmethod
    def from_document(cls, document: Tree, time_zone: str = "UTC") -> "ComputedTrait":
        """Read a canonical `trait` document.

        Args:
            time_zone: IANA zone of its calendar days where the document names none.
        """
        operation = cast(Operation, document["operation"])
        window, span = _window(document, time_zone)
        property, keeps = document.get("property"), OPERATIONS[operation][0]
        metric = metric_for(
            document["event"],
            property,
            window,
            keeps="sums" if property is None else keeps,
            exact=window is not None and (document["exact"] or operation in _MOVING),
            where=document.get("where"),
        )
        limit, version = document.get("limit", LIST_LIMIT), document.get("version", 0)
        return cls(document["key"], operation, metric, window, span, limit, version)

    def value(self, view: CustomerView) -> Any:
        """Return the trait as of `view.now`; `portrait.operations` says what each one gives."""
        answer: Answer = OPERATIONS[self.operation][1]
        return answer(self.question(view))

    def question(self, view: CustomerView) -> Question:
        """Return what the operation is asked, of one customer at one instant."""
        return Question(
            series=tuple(view.series(self.metric.key).values()),
            span=span_at(self.window, view.now, self.metric.zone),
            keeps=self.metric.keeps,
            named=self.metric.property is not None,
            limit=self.limit,
        )


def _window(document: Tree, time_zone: str) -> tuple[Window, str]:
    length = window_ms(document["window"])
    if length is None or document.get("calendar") is None:
        return length, document["window"]
    zone = document.get("time_zone") or time_zone
    return CalendarDays(length // DAY_MS, zone), f"{document['window']} of {zone}"
