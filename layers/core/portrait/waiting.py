"""What waits for a customer: messages that may not go yet, and offers they have not answered."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

OfferState = Literal["open", "accepted", "declined"]

MAX_WAITING = 50
"""Messages that wait for one customer at once."""

MAX_OFFERS = 20
SNOOZE_MS = 86_400_000


class Waiting(NamedTuple):
    """A message that was asked for and has not gone. Instants are UTC milliseconds.

    Attributes:
        since: when it was first held back.
        not_before: when to try again; 0 while it is under way to be tried.
        tried_at: when it was last sent on its way.
        attempt: how many tries a channel has failed at.
    """

    journey: str
    campaign: str
    version: int
    step: str
    channel: str
    template: str
    purpose: str
    value: float
    occurred_at: int
    received_at: int
    expires_at: int
    since: int
    not_before: int
    reason: str
    attempt: int = 0
    tried_at: int = 0


def least(waiting: Mapping[str, Waiting]) -> str | None:
    """Return which message makes room for one that is worth more; None while there is room.

    That is the least valuable, and of those the one that came last.
    """
    if len(waiting) < MAX_WAITING:
        return None
    return min(waiting, key=lambda id_: (waiting[id_].value, -waiting[id_].since, id_))


class Offer(NamedTuple):
    """Something that waits where the customer comes by themselves. Instants are UTC milliseconds.

    An answer that was heard where the offer does not lie stands for itself, as an offer without a
    campaign, and is brought together with it when the customer is looked at.

    Attributes:
        kind: an offer to the customer, or a task for whoever meets them.
        channels: where it is shown.
        content: what is shown, as its template made it.
        state: what the customer said in the end.
        answered_at: when they first said that; 0 while they have not.
        snoozed_at: when they last said: not now; 0 where they never did.
        snooze_ms: for how long that hides it.
    """

    journey: str
    campaign: str
    step: str
    kind: Literal["offer", "task"]
    channels: tuple[str, ...]
    purpose: str
    value: float
    at: int
    expires_at: int
    content: dict[str, Any]
    state: OfferState = "open"
    answered_at: int = 0
    snoozed_at: int = 0
    snooze_ms: int = SNOOZE_MS

    @property
    def hidden_until(self) -> int:
        """Not shown again before, because they said: not now."""
        return self.snoozed_at + self.snooze_ms if self.snoozed_at else 0
