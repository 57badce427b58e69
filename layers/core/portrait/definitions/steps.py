"""Steps: what a campaign does with a customer who entered it."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from portrait.definitions.conditions import Condition
from portrait.definitions.entry import Happens
from portrait.definitions.fields import (
    Clock,
    Duration,
    Key,
    Line,
    Offset,
    PositiveNumber,
    Scalar,
    Share,
    Weekday,
)
from portrait.definitions.parts import Choice, Part

PullChannel = Literal["web", "app", "till", "call_centre"]


class _Step(Part):
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


class SendStep(_Step):
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


class OfferStep(_Step):
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


class TaskStep(_Step):
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


class WaitStep(_Step):
    """A step that waits."""

    wait: Wait
    """For what."""


Steps = Annotated[tuple["Step", ...], Field(max_length=50)]


class Branch(Happens):
    """One way on, taken when something happens."""

    name: Key
    """Name of the branch in reports."""
    to: Key | None = None
    """Count only reactions to the message of this step, such as a click in it."""
    steps: Steps = ()
    """What is done then; afterwards it goes on behind the step that waited."""


class WaitFor(Part):
    """Listen to what the customer does; the first branch to happen is taken, and only that."""

    branches: Annotated[tuple[Branch, ...], Field(min_length=1, max_length=9)]
    """The ways on; of several that one event would open, the first."""
    timeout: Duration
    """How long to listen."""
    otherwise: Steps = ()
    """What is done when nothing of it happened."""


class WaitForStep(_Step):
    """A step that listens."""

    wait_for: WaitFor
    """To what."""


class Way(Part):
    """One way on, taken by a condition or by lot."""

    name: Key
    """Name of the way in reports."""
    when: Condition | None = None
    """Who takes it; the first that holds is taken."""
    share: Share | None = None
    """Or: which share of the customers takes it, drawn once for all."""
    steps: Steps = ()
    """What is done then; afterwards it goes on behind the split."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.when is None) == (self.share is None):
            raise PydanticCustomError("way", "expected either `when` or `share`")
        return self


class Split(Part):
    """Part ways: by conditions, by lot, or as an experiment, whose arms are named and kept."""

    branches: Annotated[tuple[Way, ...], Field(min_length=1, max_length=9)]
    """The ways."""
    otherwise: Steps = ()
    """What all others do."""
    experiment: Key | None = None
    """What the lot is drawn with; splits of one experiment send a customer the same way."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        shares = [way.share for way in self.branches if way.share is not None]
        if shares and len(shares) != len(self.branches):
            raise PydanticCustomError("split", "either every branch has a `share`, or none")
        if sum(shares) > 1 + 1e-9:
            raise PydanticCustomError("split", "the shares come to more than 1")
        if self.experiment and not shares:
            raise PydanticCustomError("split", "an experiment needs branches with a `share`")
        return self


class SplitStep(_Step):
    """A step that parts ways."""

    split: Split
    """How."""


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


class UpdateStep(_Step):
    """A step that notes."""

    update: Update
    """What."""


class Emit(Part):
    """Tell the bus."""

    fact: Line
    """What has become true, in the past tense."""
    detail: Annotated[dict[Key, Scalar], Field(default_factory=dict, max_length=20)]
    """What is said with it; no personal data."""


class EmitStep(_Step):
    """A step that tells the bus."""

    emit: Emit
    """What."""


class Reached(Part):
    """A goal on the way: how many of the treated come here. The control group takes no steps, so
    what both are compared by is the `goal` of the campaign."""

    note: Line | None = None
    """Why, for people."""


class GoalStep(_Step):
    """A step that is a goal on the way."""

    goal: Reached
    """How it is noted."""


class Exit(Part):
    """Leave the campaign here."""

    reason: Key = "exit"
    """Why, for reports."""


class ExitStep(_Step):
    """A step that leaves."""

    exit: Exit
    """How it is noted."""


_step = Choice(
    "step",
    (
        "send", "offer", "task", "wait", "wait_for", "split", "update", "emit", "goal", "exit",
    ),
)  # fmt: skip

Step = TypeAliasType(
    "Step",
    Annotated[
        Annotated[SendStep, Tag("<send>")]
        | Annotated[OfferStep, Tag("<offer>")]
        | Annotated[TaskStep, Tag("<task>")]
        | Annotated[WaitStep, Tag("<wait>")]
        | Annotated[WaitForStep, Tag("<wait_for>")]
        | Annotated[SplitStep, Tag("<split>")]
        | Annotated[UpdateStep, Tag("<update>")]
        | Annotated[EmitStep, Tag("<emit>")]
        | Annotated[GoalStep, Tag("<goal>")]
        | Annotated[ExitStep, Tag("<exit>")],
        Discriminator(_step.tag),
        BeforeValidator(_step.recognise),
    ],
)

Branch.model_rebuild()
Way.model_rebuild()
WaitFor.model_rebuild()
Split.model_rebuild()
WaitForStep.model_rebuild()
SplitStep.model_rebuild()
