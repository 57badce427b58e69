"""Computed traits: values of a customer that are counted from events."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.books import MAX_BOOK
from portrait.definitions.event_filters import EventFilter
from portrait.definitions.fields import (
    EventName,
    Flag,
    Key,
    Line,
    PropertyPath,
    TimeZone,
    Whole,
    Window,
)
from portrait.definitions.parts import Part
from portrait.durations import milliseconds
from portrait.metrics import DAY_MS

_NEEDS_PROPERTY = {
    "sum": "add up",
    "average": "average",
    "min": "compare",
    "max": "compare",
    "most_frequent": "count the values of",
    "unique_list": "list the values of",
    "unique_count": "count the values of",
}
_TAKES_NONE = ("count", "time_since_first", "time_since_last")


class Trait(Part):
    """A trait that is computed from what happened, instead of being sent."""

    kind: Literal["trait"]
    """Which kind of document this is."""
    key: Key
    """Name of the trait."""
    description: Line | None = None
    """What it tells, for people."""
    operation: Literal[
        "count", "sum", "average", "min", "max", "first", "last", "most_frequent",
        "unique_list", "unique_count", "time_since_first", "time_since_last",
    ]  # fmt: skip
    """count: number of events. sum, average, min, max: of a property's numbers. first, last: a
    property's value, or the moment of the event when no property is named. most_frequent,
    unique_list, unique_count: of a property's values. time_since_first, time_since_last: seconds
    since the event."""
    event: EventName
    """The event that is counted: a tracked event's name, or one of $identify, $page, $screen,
    $group, $alias."""
    property: PropertyPath | None = None
    """Dotted path to the property. It leads through lists: `products.sku` is the sku of each."""
    where: EventFilter | None = None
    """Which of the events count: comparisons of their properties, joined with all, any and not."""
    window: Window = "ever"
    """How far back from now, such as 45m, 30d or 1095d, or `ever`."""
    exact: Flag = False
    """true makes a window exact to the millisecond, for a metric with few events such as orders;
    false makes windows of whole days exact to the calendar day (UTC), which is smaller to keep."""
    calendar: Literal["local"] | None = None
    """local counts calendar days: 30d is today and the 29 days before it, from local midnight."""
    time_zone: TimeZone | None = None
    """IANA zone of those days; not given, that of the policy's quiet hours, or else UTC."""
    limit: Annotated[Whole, Field(ge=1, le=MAX_BOOK)] | None = None
    """How many values unique_list gives at most, those that came last first; 100 if not given."""

    @model_validator(mode="after")
    def _property_fits_operation(self) -> Self:
        purpose = _NEEDS_PROPERTY.get(self.operation)
        if purpose is not None and self.property is None:
            what = f"property: {_article(self.operation)} needs one to {purpose}"
            raise PydanticCustomError("property", "{what}", {"what": what})
        if self.operation in _TAKES_NONE and self.property is not None:
            what = "counts events" if self.operation == "count" else "is about events"
            raise PydanticCustomError(
                "property",
                "property: {operation} takes none, it {what}",
                {"operation": _article(self.operation), "what": what},
            )
        return self

    @model_validator(mode="after")
    def _limit_fits_operation(self) -> Self:
        if self.limit is not None and self.operation != "unique_list":
            raise PydanticCustomError("limit", "limit: only a unique_list takes one")
        return self

    @model_validator(mode="after")
    def _days_fit_window(self) -> Self:
        if self.calendar is None:
            if self.time_zone is not None:
                raise PydanticCustomError("calendar", "time_zone: needs calendar: local beside it")
        elif self.window == "ever" or milliseconds(self.window) % DAY_MS:
            raise PydanticCustomError("calendar", "calendar: needs a window of whole days")
        elif self.exact:
            raise PydanticCustomError(
                "calendar", "exact: a window either rolls or counts calendar days; leave one out"
            )
        return self


def _article(operation: str) -> str:
    if operation.startswith("time_since"):
        return operation
    return f"an {operation}" if operation == "average" else f"a {operation}"
