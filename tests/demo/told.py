"""What the demo writes down about an event: as it was sent, and as the oracle hears it."""

import json
from datetime import datetime
from typing import Any, NamedTuple

ONE_CLICK = "unsubscribe"
"""The source of clicks on the way out in an e-mail, which are words but no events."""


class Sent(NamedTuple):
    """One event as it left: to which phase it belongs, and when it was sent by the true clock.

    `order` rises in the order of sending; it is the order of receipt for what one lane sends.
    `body` is the event as JSON would give it back, or the text that was put on the queue where it
    is no JSON at all.
    """

    phase: int
    order: int
    source: str
    body: Any
    sent_at: int


class Heard(NamedTuple):
    """One event that counts. `at` is in UTC milliseconds by the true clock; `age` is a length."""

    phase: int
    order: int
    source: str
    id: str
    kind: str
    name: str
    identifiers: tuple[tuple[str, str], ...]
    at: int
    age: int
    properties: dict[str, Any]
    traits: dict[str, Any]

    @property
    def counts(self) -> bool:
        """Tell whether it is an event, and not just a word."""
        return self.source != ONE_CLICK

    @property
    def events(self) -> int:
        """Return how many events it comes to: what looks like a person's click is told again."""
        return self.counts + (self.name == "Email Click")

    @property
    def sent_at(self) -> int:
        """Return when it was sent, in UTC milliseconds by the true clock."""
        return self.at + self.age

    @property
    def closes_address(self) -> bool:
        """Tell whether nothing more may be sent to the address it is about."""
        bounced = self.name == "Email Bounce" and self.properties["type"] == "Permanent"
        return bounced or self.name == "Email Complaint"

    def clicks(self, subject: str) -> bool:
        """Tell whether a person clicked in an e-mail whose subject begins so."""
        return self.name == "Email Click" and self.properties["subject"].startswith(subject)


class Unheard(NamedTuple):
    """One event that nobody can count, and why."""

    phase: int
    reason: str


def parse(raw: str) -> Any:
    """Return what a raw queue message says, itself where it is no JSON."""
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def milliseconds(text: str) -> int:
    """Return an ISO 8601 instant with an offset (or Z) as UTC milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def plain(namespace: str, value: str) -> str:
    """Return an identifier in the form in which it is the same however it was typed."""
    value = value.strip()
    return value.lower() if namespace == "email" else value
