"""The plain fold: what the same input must amount to, worked out without a line of the product."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from tests.demo.told import Heard

RANKS = {"user_id": "a", "email": "c", "name_phone": "e", "phone": "g", "anonymous_id": "u"}
CONSENT_WORDS = {
    "Consent Granted": "granted",
    "Consent Withdrawn": "withdrawn",
    "Unsubscribed": "withdrawn",
}
DAY_MS = 86_400_000


class Value(NamedTuple):
    """What was said about a trait, and when; the latest stands."""

    at: int
    value: Any


@dataclass
class Customer:
    """One person as all their events together make them."""

    homes: set[str] = field(default_factory=set)
    heard: list[Heard] = field(default_factory=list)
    strands: dict[str, int] = field(default_factory=dict)
    """Home of the strongest identifier of an event -> the earliest instant heard there."""

    @property
    def root(self) -> str:
        """Return the home the others point to: rank letters make the strongest the smallest."""
        return min(self.homes)

    @property
    def subject(self) -> str:
        """Return the unit of experiments: the strand that was heard of first."""
        return min(self.strands, key=lambda home: (self.strands[home], home))

    @property
    def name(self) -> str:
        """Return what to call them: their strongest identifier."""
        return " ".join(min((i for one in self.heard for i in one.identifiers), key=_strength))

    @property
    def events(self) -> int:
        return sum(one.events for one in self.heard)

    def traits(self) -> dict[str, Any]:
        """Return every trait whose latest word is not a removal."""
        latest: dict[str, Value] = {}
        for heard in self.heard:
            for name, value in heard.traits.items():
                if name not in latest or heard.at > latest[name].at:
                    latest[name] = Value(heard.at, value)
        return {name: said.value for name, said in latest.items() if said.value is not None}

    def consents(self, *, until: float = float("inf")) -> dict[tuple[str, str], str]:
        """Return the word that stands on each channel and purpose of what was sent up to `until`.

        A no counts from when it reached us, a yes from when it was given: one that comes late does
        not undo a no that was heard in the meantime.
        """
        words: dict[tuple[str, str], str] = {}
        said = [h for h in self.heard if h.name in CONSENT_WORDS and h.order <= until]
        for heard in sorted(said, key=_counts_from):
            about = heard.properties
            words[about["channel"], about["purpose"]] = CONSENT_WORDS[heard.name]
        return words

    def last(self, event: str, property: str) -> Any:
        """Return what the latest such event says, None where there is none."""
        said = [(one.at, one.properties[property]) for one in self.heard if one.name == event]
        return max(said)[1] if said else None

    def amounts(self, event: str, property: str | None = None) -> list[tuple[int, Decimal]]:
        """Return (instant, amount) of every such event; the amount is 1 where none is asked for."""
        found = []
        for heard in self.heard:
            if heard.name != event:
                continue
            value = 1 if property is None else heard.properties.get(property)
            if value is not None:
                found.append((heard.at, Decimal(str(value))))
        return sorted(found)

    def total(self, event: str, property: str | None, *, now: int, days: int | None) -> Decimal:
        """Return the sum over (now - days, now]; all of it where `days` is None."""
        since = 0 if days is None else now - days * DAY_MS
        return sum(
            (amount for at, amount in self.amounts(event, property) if since < at <= now),
            Decimal(0),
        )


@cache
def home(secret: bytes, namespace: str, value: str) -> str:
    """Return the key under which an identifier lives: its rank, then 128 keyed bits in base32."""
    digest = hmac.new(secret, f"{namespace}\0{value}".encode(), hashlib.sha256).digest()[:16]
    return RANKS[namespace] + base64.b32encode(digest).decode().lower()[:26]


def _counts_from(heard: Heard) -> tuple[int, int]:
    given = CONSENT_WORDS[heard.name] == "granted"
    return heard.at if given else heard.sent_at, heard.order


def _strength(identifier: tuple[str, str]) -> tuple[str, str]:
    return RANKS[identifier[0]], identifier[1]


def customers(heard: Iterable[Heard], secret: bytes) -> list[Customer]:
    """Return the people behind the events: whoever shares an identifier is one of them."""
    told = [(one, [home(secret, *identifier) for identifier in one.identifiers]) for one in heard]
    groups = Groups()
    for _, homes in told:
        groups.join(homes)
    found: dict[str, Customer] = {}
    for one, homes in told:
        customer = found.setdefault(groups.find(homes[0]), Customer())
        customer.homes.update(homes)
        customer.heard.append(one)
        if one.counts:
            strand = homes[0]
            customer.strands[strand] = min(one.at, customer.strands.get(strand, one.at))
    return list(found.values())


def once(heard: Sequence[Heard]) -> list[Heard]:
    """Return the first hearing of each message id of a source, in the order they were sent."""
    first: dict[tuple[str, str], Heard] = {}
    for one in heard:
        first.setdefault((one.source, one.id), one)
    return list(first.values())


class Groups:
    """Disjoint sets of homes."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def find(self, home: str) -> str:
        while self._above.setdefault(home, home) != home:
            home = self._above[home]
        return home

    def join(self, homes: Sequence[str]) -> None:
        first = self.find(homes[0])
        for other in homes[1:]:
            self._above[self.find(other)] = first
