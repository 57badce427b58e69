"""Campaigns: who enters when, what is done with them, and what it is all for."""

from typing import Annotated, Literal

from pydantic import Field

from portrait.definitions.entry import Again, Entry, Happens
from portrait.definitions.fields import (
    Duration,
    Flag,
    Key,
    Line,
    PositiveNumber,
    PropertyPath,
    Share,
    Whole,
)
from portrait.definitions.parts import Part
from portrait.definitions.steps import Step


class Goal(Happens):
    """What a campaign is to bring about; it is watched for in the control group as well.

    What happens in the seconds between what lets a customer in and their being in it is known by
    its name and time alone, and the last ten things that they did: in that time, and in as much
    more as a queue is behind, a goal that asks about a property or a first time is not reached.
    """

    within: Duration = "14d"
    """How long after a customer entered it counts, whether or not steps are left."""
    ends: Flag = True
    """Whether who reached it leaves at once, whatever step they are in."""


class Leave(Happens):
    """A reason to leave at once, whatever step the customer is in.

    In the seconds until a customer who is let in is in it, the same holds as for goals: one that
    asks about a property or a first time is not noticed.
    """

    reason: Key = "exit"
    """Why, for reports."""


class Move(Part):
    """Where running dialogues of the version before go on."""

    move: Annotated[dict[Key, Key], Field(min_length=1)]
    """Step of the version before to step of this one, by name; who is in another stays on it."""


class Campaign(Part):
    """A campaign. Whoever enters goes through its steps, but for its control group."""

    kind: Literal["campaign"]
    """Which kind of document this is."""
    key: Key
    """Name of the campaign in messages, reports and experiments."""
    name: Line
    """What people call it."""
    status: Literal["active", "paused"] = "active"
    """A paused campaign lets nobody in; who is in goes on."""
    purpose: Key
    """What the messages are for: consent is asked by purpose, and the policy names the purposes
    that are service and need none."""
    value: PositiveNumber = 1
    """What one of its messages is worth: where a cap leaves fewer places than there are messages,
    those that are worth more get them."""
    entry: Entry
    """When a customer enters."""
    reentry: Literal["every_occurrence", "once"] | Again = "every_occurrence"
    """Whether, and how soon, a further occurrence lets the same customer in again."""
    key_property: PropertyPath | None = None
    """Enter once for each value of this property of the event, such as order_id or cart_id."""
    at_most: Annotated[Whole, Field(ge=1, le=25)] = 25
    """How many times at once the same customer may be in its steps. The control group is in none,
    so reports compare customers by what each entered first, which this never keeps from them."""
    control: Share = 0.1
    """Share of customers who are held out for comparison, 0 to 1."""
    seed: Line | None = None
    """What the control group is drawn with; the campaign's key where it is not given. Campaigns
    with the same seed and share hold out the same customers."""
    goal: Goal | None = None
    """What it is for."""
    exits: Annotated[tuple[Leave, ...], Field(max_length=9)] = ()
    """Reasons to leave, each looked at on everything the customer does."""
    lasts_at_most: Duration = "91d"
    """Whoever is still in a step after this long leaves."""
    running: Literal["keep", "restart"] | Move = "keep"
    """What becomes of running dialogues of the version before: they go on as they began, begin
    anew, or move to a step of this one."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]
    """What is done, in this order."""
