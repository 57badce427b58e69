"""The policy: the discipline of contact for the whole programme."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import Clock, Duration, Flag, Key, Line, Share, TimeZone, Whole
from portrait.definitions.parts import Part
from portrait.durations import milliseconds
from portrait.metrics import DAY_MS
from portrait.strand import CONTACT_DAYS, MAX_CONTACTS

PushChannel = Literal["email", "sms", "push", "webhook"]
"""Channels that disturb. What waits in an inbox has no caps and no quiet hours."""


class Cap(Part):
    """At most so many messages to one customer in a rolling window, or on one of their days."""

    channel: PushChannel | None = None
    """Count messages on this channel; not given counts every channel."""
    purpose: Key | None = None
    """Count messages of this purpose; not given counts every purpose but service."""
    messages: Annotated[Whole, Field(ge=0, le=MAX_CONTACTS)]
    """How many."""
    window: Duration | None = None
    """In how long, such as 7d; it rolls with the clock."""
    per: Literal["local_day"] | None = None
    """In its place: on each calendar day by the recipient's clock."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.window is None) == (self.per is None):
            raise PydanticCustomError(
                "window", "expected one of window, such as 7d, and per: local_day"
            )
        if self.window is not None and milliseconds(self.window) > CONTACT_DAYS * DAY_MS:
            raise PydanticCustomError(
                "window", "window: contacts are remembered for {days}d", {"days": CONTACT_DAYS}
            )
        return self


class QuietHours(Part):
    """Hours of the recipient's clock in which nothing is sent; they may span midnight."""

    from_: Annotated[Clock, Field(alias="from")]
    """First quiet minute, such as 21:00."""
    to: Clock
    """First minute after, such as 08:00."""
    time_zone: TimeZone | None = None
    """IANA time zone of a recipient whose own is unknown; not given is the policy's."""
    channels: Annotated[tuple[PushChannel, ...], Field(min_length=1, max_length=20)] | None = None
    """Channels that fall silent, such as sms and push; not given is every one that disturbs."""

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
    time_zone: TimeZone | None = None
    """IANA time zone of the company, and of a recipient whose own is unknown."""
    service_purposes: tuple[Key, ...] = ("service",)
    """Purposes of messages that carry out what the customer asked for."""
    service_counts: Flag = False
    """Whether caps count these messages, which they never stop."""

    @model_validator(mode="after")
    def _one_zone(self) -> Self:
        quiet = self.quiet_hours
        if quiet is None:
            return self
        if quiet.time_zone is None and self.time_zone is None:
            raise PydanticCustomError(
                "time_zone", "quiet_hours.time_zone: expected an IANA time zone such as "
                "Europe/Stockholm, here or as the policy's time_zone",
            )  # fmt: skip
        if quiet.time_zone and self.time_zone and quiet.time_zone != self.time_zone:
            raise PydanticCustomError(
                "time_zone", "quiet_hours.time_zone: the policy's time_zone is {zone}",
                {"zone": self.time_zone},
            )  # fmt: skip
        return self
