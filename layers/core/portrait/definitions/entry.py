"""Entries: the five kinds of trigger that let a customer into a campaign."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.conditions import Condition
from portrait.definitions.event_filters import EventFilter
from portrait.definitions.fields import Clock, Duration, EventName, Key, Line, Offset
from portrait.definitions.parts import Choice, Part
from portrait.definitions.schedule import Schedule


def listed(value: Any) -> Any:
    """Return one text as a list of one."""
    return [value] if isinstance(value, str) else value


EventNames = Annotated[
    tuple[EventName, ...],
    BeforeValidator(listed, json_schema_input_type=str | tuple[EventName, ...]),
    Field(min_length=1, max_length=20),
]


class _Entry(Part):
    where: Condition | None = None
    """What must hold at that moment; nothing lets everybody in."""
    late_at_most: Duration = "3d"
    """What is noticed later than this after it happened, for example because the event was
    delivered late or comes from an import of history, lets nobody in."""


class Absence(Part):
    """Something that does not happen."""

    event: EventNames
    """What must not happen: a tracked event's name, or several."""
    where: EventFilter | None = None
    """Which of them count: comparisons of their properties."""
    within: Duration
    """In how long. What lets in, when it happens again meanwhile, starts the time anew."""


class EventEntry(_Entry):
    """Intent: an event, several in a window (by `where`), or one that others do not follow."""

    event: EventNames
    """A tracked event's name, or one of $identify, $page, $screen, $group, $alias; or several."""
    absent: Absence | None = None
    """Let in only those who do not do this afterwards, and when that is certain."""


class BecomesEntry(_Entry):
    """Behavioural and predictive: a condition begins to hold, also when only time passes."""

    becomes: Condition
    """Who it holds for when the campaign is published is not let in; who it begins to hold for
    is."""
    until: Condition | None = None
    """It may begin to hold again once this held; not given: once `becomes` no longer holds. With
    another line than that of `becomes`, a score that trembles lets nobody in twice."""


class SegmentEntry(_Entry):
    """Lifecycle: a segment is entered or left."""

    segment: Key
    """Key of the segment."""
    crossing: Literal["entered", "left"] = "entered"
    """Which of the two lets in."""


class DateEntry(_Entry):
    """Lifecycle: a date that a trait holds, or its anniversary, comes near."""

    date: Line
    """Name of a trait that holds a date or date-time."""
    every: Literal["year"] | None = None
    """With `year`, on each anniversary."""
    offset: Offset = "0d"
    """How long after the date, such as 14d, or before it, such as -30d."""
    at: Clock = "09:00"
    """Time of that day, by the customer's clock."""


class ScheduleEntry(_Entry):
    """Calendar: an hour comes, for all whom `where` names."""

    schedule: Schedule
    """When."""


class Again(Part):
    """How soon the same customer may enter again."""

    after: Duration
    """At the earliest this long after they entered last."""


_entry = Choice("entry", ("event", "becomes", "segment", "date", "schedule"))

Entry = Annotated[
    Annotated[EventEntry, Tag("<event>")]
    | Annotated[BecomesEntry, Tag("<becomes>")]
    | Annotated[SegmentEntry, Tag("<segment>")]
    | Annotated[DateEntry, Tag("<date>")]
    | Annotated[ScheduleEntry, Tag("<schedule>")],
    Discriminator(_entry.tag),
    BeforeValidator(_entry.recognise),
]


class Happens(Part):
    """An event of the customer, or a condition that holds: goals, exits and branches ask so."""

    event: EventNames | None = None
    """A tracked event's name, or several."""
    where: Condition | None = None
    """What must hold when it happens."""
    when: Condition | None = None
    """Rather than an event: a condition that holds, looked at whenever it may have changed."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.event is None) == (self.when is None):
            raise PydanticCustomError("happens", "expected either `event` or `when`")
        if self.when is not None and self.where is not None:
            raise PydanticCustomError("happens", "`where` goes with `event`; join it into `when`")
        return self
