"""The condition tree as documents carry it; `portrait.conditions` compiles its canonical form."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from typing_extensions import TypeAliasType

from portrait.definitions.event_filters import EventFilter, PropertyTest
from portrait.definitions.fields import (
    Duration,
    EventName,
    Key,
    Line,
    PositiveNumber,
    PropertyPath,
    Whole,
    Window,
)
from portrait.definitions.operators import Asking, Comparing, Ordering
from portrait.definitions.parts import Choice, Part


class All(Part):
    """Every one of the conditions holds."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1)]
    """The conditions."""


class AnyOf(Part):
    """At least one of the conditions holds."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1)]
    """The conditions."""


class Not(Part):
    """The condition does not hold."""

    not_: Annotated["Condition", Field(alias="not")]
    """The condition."""


class TraitTest(Comparing):
    """Compare a trait of the customer, sent or computed. A missing one fails most comparisons."""

    trait: Line
    """Name of the trait."""


class EventTest(Ordering):
    """Compare how often an event happened, or what its property sums to, within a window."""

    event: EventName
    """Name of the tracked event, or one of $identify, $page, $screen, $group, $alias."""
    within: Window = "ever"
    """How far back from now, such as 2h or 30d, or `ever`."""
    sum: PropertyPath | None = None
    """Compare the sum of this property rather than the number of events."""
    where: "EventFilter | None" = None
    """Which of the events count: comparisons of their properties, joined with all, any and not."""

    @model_validator(mode="before")
    @classmethod
    def _at_least_once(cls, data: object) -> object:
        if isinstance(data, dict) and "sum" not in data and not {*data} & {*cls.operators}:
            return {**data, "at_least": 1}
        return data


class OverdueTest(Part):
    """The customer has not done something for longer than is usual for them."""

    overdue: EventName
    """Name of the event, such as Order Completed."""
    times: PositiveNumber = 1.5
    """Holds when the time since the last is more than so many times their median interval."""
    at_least: Annotated[Whole, Field(ge=2, le=1000)] = 3
    """Only for customers who did it on so many days or more."""
    within: Duration = "365d"
    """How far back their habits are looked at."""
    where: "EventFilter | None" = None
    """Which of the events count."""


class FallingTest(Part):
    """The customer does something less often than they did."""

    falling: EventName
    """Name of the event."""
    within: Duration = "90d"
    """The time that is compared with as long a time before it."""
    to: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Holds when there were at most so many times as many."""
    at_least: Annotated[Whole, Field(ge=1, le=1000)] = 3
    """Only for customers with so many in the time before."""
    where: "EventFilter | None" = None
    """Which of the events count."""


class FirstTimeTest(Part):
    """What just happened brought something that the customer never had before."""

    first_time: PropertyPath
    """Dotted path to the property, for example `products.category` or `shop`."""
    of: EventName
    """Name of the event that brings it, such as Order Completed."""


class SegmentTest(Part):
    """The customer is in a segment."""

    segment: Key
    """Key of the segment."""


class ScoreTest(Ordering):
    """Compare a score that a model gave the customer; without a score it does not hold."""

    score: Key
    """Name of the score."""


class ConsentTerms(Part):
    """A channel, a purpose, and what the customer last said about them."""

    channel: Key
    """The channel, for example email."""
    purpose: Key
    """The purpose, for example marketing."""
    status: Literal["granted", "withdrawn"] = "granted"
    """What was said; silence is neither."""


class ConsentTest(Part):
    """The customer's last word on a channel and purpose."""

    consent: ConsentTerms
    """What is asked about."""


class DateTest(Asking):
    """Compare a trait that holds a date with now; given both operators, it holds from the one to
    the other."""

    operators = ("in_next", "in_last")

    date: Line
    """Name of a trait that holds an ISO 8601 date or date-time, or an epoch in s or ms."""
    in_next: Duration | None = None
    """Holds when the date is at most this far ahead."""
    in_last: Duration | None = None
    """Holds when the date is at most this long ago."""


_condition = Choice(
    "condition",
    (
        "all", "any", "not", "trait", "property", "overdue", "falling", "first_time", "event",
        "segment", "score", "consent", "date",
    ),
)  # fmt: skip

Condition = TypeAliasType(
    "Condition",
    Annotated[
        Annotated[All, Tag("<all>")]
        | Annotated[AnyOf, Tag("<any>")]
        | Annotated[Not, Tag("<not>")]
        | Annotated[TraitTest, Tag("<trait>")]
        | Annotated[PropertyTest, Tag("<property>")]
        | Annotated[OverdueTest, Tag("<overdue>")]
        | Annotated[FallingTest, Tag("<falling>")]
        | Annotated[FirstTimeTest, Tag("<first_time>")]
        | Annotated[EventTest, Tag("<event>")]
        | Annotated[SegmentTest, Tag("<segment>")]
        | Annotated[ScoreTest, Tag("<score>")]
        | Annotated[ConsentTest, Tag("<consent>")]
        | Annotated[DateTest, Tag("<date>")],
        Discriminator(_condition.tag),
        BeforeValidator(_condition.recognise),
    ],
)

EventTest.model_rebuild()
OverdueTest.model_rebuild()
FallingTest.model_rebuild()
All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
