"""Campaigns: what is said, to whom, when something happens."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portrait.definitions.conditions import Condition
from portrait.definitions.fields import Duration, EventName, Key, Line, Share
from portrait.definitions.parts import Choice, Part


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Entry(Part):
    """When a customer enters: an event, and what must be true of it and of them."""

    event: Annotated[
        tuple[EventName, ...],
        BeforeValidator(_listed, json_schema_input_type=str | tuple[EventName, ...]),
        Field(min_length=1, max_length=20),
    ]
    """A tracked event's name, or one of $identify, $page, $screen, $group, $alias; or several."""
    where: Condition | None = None
    """What must hold right after the event; nothing lets everybody in."""


class Send(Part):
    """Say something once."""

    channel: Literal["email", "webhook"]
    """How."""
    template: Key
    """What: the key of a template of that channel."""
    valid_for: Duration = "3d"
    """Not sent any more when this long has passed since the event, for example because the event
    was delivered late or comes from an import of history."""


class SendStep(Part):
    """A step that sends."""

    send: Send
    """What is sent."""


_step = Choice("step", ("send",))


class Campaign(Part):
    """A campaign. Whoever enters goes through its steps, but for its control group."""

    kind: Literal["campaign"]
    """Which kind of document this is."""
    key: Key
    """Name of the campaign in messages, reports and experiments."""
    name: Line
    """What people call it."""
    status: Literal["active", "paused"] = "active"
    """A paused campaign lets nobody in."""
    purpose: Key
    """What the messages are for: consent is asked by purpose, and the policy names the purposes
    that are service and need none."""
    entry: Entry
    """When a customer enters."""
    reentry: Literal["every_occurrence", "once"] = "every_occurrence"
    """Whether each further occurrence of the event lets the same customer in again."""
    control: Share = 0.1
    """Share of customers who are held out for comparison, 0 to 1."""
    seed: Line | None = None
    """What the control group is drawn with; the campaign's key where it is not given. Campaigns
    with the same seed and share hold out the same customers."""
    steps: Annotated[
        tuple[Annotated[SendStep, BeforeValidator(_step.recognise)], ...],
        Field(min_length=1, max_length=20),
    ]
    """What is said, in this order."""
