"""Computed traits: values of a customer that are counted from events."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import EventName, Flag, Key, Line, PropertyPath, Window
from portrait.definitions.parts import Part


class Trait(Part):
    """A trait that is computed from what happened, instead of being sent."""

    kind: Literal["trait"]
    """Which kind of document this is."""
    key: Key
    """Name of the trait."""
    description: Line | None = None
    """What it tells, for people."""
    operation: Literal["count", "sum", "first", "last"]
    """count: number of events. sum: of a property. first, last: a property's value, or the moment
    of the event when no property is named."""
    event: EventName
    """The event that is counted: a tracked event's name, or one of $identify, $page, $screen,
    $group, $alias."""
    property: PropertyPath | None = None
    """Dotted path to the property that is summed or kept."""
    window: Window = "ever"
    """How far back from now, such as 2h or 30d, or `ever`."""
    exact: Flag = False
    """true makes a window exact to the millisecond, for a metric with few events such as orders;
    false makes windows of whole days exact to the calendar day (UTC), which is smaller to keep."""

    @model_validator(mode="after")
    def _property_fits_operation(self) -> Self:
        if self.operation == "sum" and self.property is None:
            raise PydanticCustomError("property", "property: a sum needs one to add up")
        if self.operation == "count" and self.property is not None:
            raise PydanticCustomError("property", "property: a count takes none, it counts events")
        return self
