"""Steps with one way on: to say something, to wait, to note, to tell, to leave."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import (
    Clock,
    Duration,
    Key,
    Line,
    Offset,
    PositiveNumber,
    Scalar,
    Weekday,
)
from portrait.definitions.parts import Part

PullChannel = Literal["web", "app", "till", "call_centre"]


class NamedStep(Part):
    """What all steps have."""

    name: Key | None = None
    """Name of the step in reports and migrations, unique in its campaign."""


class Send(Part):
    """Say something once. The step is over when the message went, or certainly will not go."""

    channel: Literal["email", "sms", "push", "webhook"]
    """How."""
    template: Key
    """What: the key of a template of that channel."""
    valid_for: Duration = "3d"
    """Not sent any more when it had to wait this long."""
    value: PositiveNumber | None = None
    """What it is worth, in the campaign's place: of messages that compete, the higher one goes."""


class SendStep(NamedStep):
    """A step that sends."""

    send: Send
    """What is sent."""


class Offer(Part):
    """Have something waiting for the customer where they come by themselves."""

    template: Key
    """What: the key of an `inbox` template."""
    channels: Annotated[tuple[PullChannel, ...], Field(min_length=1)] = ("web", "app")
    """Where it is shown."""
    valid_for: Duration = "14d"
    """It is taken away after this long."""
    value: PositiveNumber | None = None
    """What it is worth: what is worth more is shown first."""


class OfferStep(NamedStep):
    """A step that puts an offer into the inbox."""

    offer: Offer
    """What is offered."""


class Task(Part):
    """Have a person do something: at the till when the customer comes, or in the call centre."""

    template: Key
    """What: the key of an `inbox` template."""
    channels: Annotated[tuple[Literal["till", "call_centre"], ...], Field(min_length=1)] = (
        "call_centre",
    )
    """Where."""
    valid_for: Duration = "7d"
    """It is taken away after this long."""
    value: PositiveNumber | None = None
    """What it is worth: what is worth more is shown first."""


class TaskStep(NamedStep):
    """A step that asks a person to do something."""

    task: Task
    """What is to be done."""


class Wait(Part):
    """Let time pass."""

    for_: Annotated[Duration | None, Field(alias="for")] = None
    """This long."""
    until: Clock | None = None
    """Until the next such time of day, by the customer's clock."""
    on: Annotated[tuple[Weekday, ...] | None, Field(min_length=1)] = None
    """With `until`, on one of these days of the week."""
    until_date: Line | None = None
    """Until the date in this trait, at nine or at `until`; who has none goes on at once."""
    offset: Offset | None = None
    """With `until_date`, so long after it, or before it with a minus."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.for_ is not None:
            if self.until or self.until_date:
                raise PydanticCustomError("wait", "`for` stands alone")
        elif self.until is None and self.until_date is None:
            raise PydanticCustomError("wait", "expected one of for, until, until_date")
        if self.on is not None and (self.until is None or self.until_date is not None):
            raise PydanticCustomError("wait", "`on` goes with `until`")
        if self.offset is not None and self.until_date is None:
            raise PydanticCustomError("wait", "`offset` goes with `until_date`")
        return self


class WaitStep(NamedStep):
    """A step that waits."""

    wait: Wait
    """For what."""


class Update(Part):
    """Note something about the customer."""

    traits: Annotated[dict[Line, Scalar], Field(default_factory=dict, max_length=20)]
    """Traits and their values."""
    remove: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    """Traits to forget."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.traits and not self.remove:
            raise PydanticCustomError("update", "expected `traits`, `remove` or both")
        return self


class UpdateStep(NamedStep):
    """A step that notes."""

    update: Update
    """What."""


class Emit(Part):
    """Tell the bus."""

    fact: Line
    """What has become true, in the past tense."""
    detail: Annotated[dict[Key, Scalar], Field(default_factory=dict, max_length=20)]
    """What is said with it; no personal data."""


class EmitStep(NamedStep):
    """A step that tells the bus."""

    emit: Emit
    """What."""


class Reached(Part):
    """A goal on the way: how many of the treated come here. The control group takes no steps, so
    what both are compared by is the `goal` of the campaign."""

    note: Line | None = None
    """Why, for people."""


class GoalStep(NamedStep):
    """A step that is a goal on the way."""

    goal: Reached
    """How it is noted."""


class Exit(Part):
    """Leave the campaign here."""

    reason: Key = "exit"
    """Why, for reports."""


class ExitStep(NamedStep):
    """A step that leaves."""

    exit: Exit
    """How it is noted."""
