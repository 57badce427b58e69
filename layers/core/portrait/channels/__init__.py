"""Ways of reaching a person: the one interface they share, and what may be known after trying."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from portrait.compiled import Template


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it, under this id.

    `dead` are addresses among those given that turned out to reach nobody any more.
    """

    provider_id: str = ""
    dead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider did not take it and never will: something is wrong with this very message."""

    reason: str
    dead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deferred:
    """The same message may be handed over again: it was surely not sent, or is known by its id.

    Attributes:
        retry_after_ms: how long to wait at least; None leaves it to the queue.
        counts: whether this was one of the tries that the channel allows a message.
    """

    reason: str
    retry_after_ms: int | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer is missing or ambiguous. It may have been sent, so it is never sent again."""

    reason: str


Delivery = Sent | Refused | Deferred | Unknown
Send = Callable[[], Delivery]
"""Hands over once what was composed; called at most once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way to one customer, whatever the channel.

    Attributes:
        strand: home under which feedback about it is filed.
        values: what the template sees.
        addresses: where the channel reaches the customer, the best one first; may be empty.
        fresh: those of them that were heard of again lately.
        country: ISO 3166 code that a phone number without prefix belongs to, if any.
        is_service: it needs neither consent nor a way out.
        attempt: how many tries of this message have counted so far.
        expires_at, now: UTC milliseconds.
    """

    message_id: str
    strand: str
    template: Template
    values: Mapping[str, Any]
    addresses: tuple[str, ...]
    unsubscribe_url: str
    is_service: bool
    expires_at: int
    now: int
    attempt: int = 0
    fresh: frozenset[str] = field(default_factory=frozenset)
    country: str | None = None

    @property
    def address(self) -> str:
        """The best address, or the empty text."""
        return self.addresses[0] if self.addresses else ""

    @property
    def seconds_left(self) -> int:
        """For how long the message is still worth delivering; at least 0."""
        return max(0, (self.expires_at - self.now) // 1000)


class Channel(Protocol):
    """One way of reaching a person."""

    def compose(self, outgoing: Outgoing) -> Send:
        """Render everything that will be sent, and return the act of sending it.

        Raises:
            Rejected: the template cannot be written for this customer, or breaks a rule.
            Unavailable: something that is not the message's fault is missing just now.
        """

    def forget_connections(self) -> None:
        """Let go of idle connections: a sandbox that was frozen wakes with dead ones.

        Without retries, writing to a dead one would leave a message unknown that was never sent.
        """
