"""Arbitration: which of the messages that compete for a customer's attention may go when."""

from typing import NamedTuple


class Planned(NamedTuple):
    """A message to this customer that has not gone: when it may go at the earliest, and until when
    it is worth it (UTC ms)."""

    id: str
    channel: str
    purpose: str
    campaign: str
    value: float
    not_before: int
    expires_at: int
