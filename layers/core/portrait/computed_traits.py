"""Computed traits: values of a customer that are counted, never sent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from portrait.conditions import CustomerView
from portrait.metrics import Metric
from portrait.requirements import Tree, metric_for, window_ms

Operation = Literal["count", "sum", "first", "last"]


@dataclass(frozen=True, slots=True)
class ComputedTrait:
    """One computed trait: an operation over one series within a rolling window.

    Attributes:
        window_ms: length of the window up to now; None is ever.
    """

    name: str
    operation: Operation
    metric: Metric
    window_ms: int | None

    @classmethod
    def from_document(cls, document: Tree) -> "ComputedTrait":
        """Read a canonical `trait` document."""
        operation: Operation = document["operation"]
        window = window_ms(document["window"])
        # The first of a moving window changes as older ones leave it, so each must be kept.
        exact = document["exact"] or (operation == "first" and window is not None)
        metric = metric_for(document["event"], document.get("property"), window, exact=exact)
        return cls(document["key"], operation, metric, window)

    def value(self, view: CustomerView) -> Any:
        """Return the trait as of `view.now`.

        A count is an int and a sum a Decimal, both 0 where nothing happened; the first and the
        last are the property's value or, of a trait without a property, an ISO 8601 instant, and
        None where nothing happened.
        """
        if self.operation == "count":
            return view.count(self.metric.key, self.window_ms)
        if self.operation == "sum":
            return view.total(self.metric.key, self.window_ms)
        find = view.first if self.operation == "first" else view.last
        found = find(self.metric.key, self.window_ms)
        if found is None:
            return None
        return _iso(found[0]) if self.metric.property is None else found[1]


def _iso(at: int) -> str:
    moment = datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
