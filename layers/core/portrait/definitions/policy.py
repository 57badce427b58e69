"""The policy: the discipline of contact for the whole programme."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import Clock, Duration, Key, Line, Share, Whole, time_zone
from portrait.definitions.parts import Part
from portrait.durations import milliseconds
from portrait.metrics import DAY_MS
from portrait.strand import CONTACT_DAYS, MAX_CONTACTS


class Cap(Part):
    """At most so many messages to one customer in a rolling window."""

    channel: Key | None = None
    """Count messages on this channel; not given counts every channel."""
    purpose: Key | None = None
    """Count messages of this purpose; not given counts every purpose but service."""
    messages: Annotated[Whole, Field(ge=0, le=MAX_CONTACTS)]
    """How many."""
    window: Duration
    """In how long, such as 7d; it rolls with the clock."""

    @model_validator(mode="after")
    def _window_is_remembered(self) -> Self:
        if milliseconds(self.window) > CONTACT_DAYS * DAY_MS:
            raise PydanticCustomError(
                "window", "window: contacts are remembered for {days}d", {"days": CONTACT_DAYS}
            )
        return self


class QuietHours(Part):
    """Hours in which nothing is sent; they may span midnight."""

    from_: Annotated[Clock, Field(alias="from")]
    """First quiet minute, such as 21:00."""
    to: Clock
    """First minute after, such as 08:00."""
    time_zone: Annotated[str, AfterValidator(time_zone)]
    """IANA time zone of the clock."""

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.from_ == self.to:
            raise PydanticCustomError("quiet_hours", "from and to are the same time of day")
        return self


class Policy(Part):
    """Rules for every campaign. Messages of a service purpose are exempt from all of them."""

    kind: Literal["policy"]
    """Which kind of document this is."""
    key: Literal["default"]
    """There is one policy."""
    control: Share = 0.05
    """Share of customers held out of every campaign, 0 to 1, to measure the whole programme."""
    seed: Line = "programme"
    """What that group is drawn with; another seed draws another group."""
    caps: Annotated[tuple[Cap, ...], Field(max_length=20)] = ()
    """All of them hold for each message."""
    quiet_hours: QuietHours | None = None
    """When nothing is sent; not given allows every hour."""
    service_purposes: tuple[Key, ...] = ("service",)
    """Purposes of messages that carry out what the customer asked for."""
