"""Steps: what a campaign does with a customer who entered it."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from portrait.definitions.conditions import Condition
from portrait.definitions.entry import Happens
from portrait.definitions.fields import Duration, Key, Share
from portrait.definitions.parts import Choice, Part
from portrait.definitions.plain_steps import (
    EmitStep,
    ExitStep,
    GoalStep,
    NamedStep,
    OfferStep,
    SendStep,
    TaskStep,
    UpdateStep,
    WaitStep,
)

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


class WaitForStep(NamedStep):
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


class SplitStep(NamedStep):
    """A step that parts ways."""

    split: Split
    """How."""


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
