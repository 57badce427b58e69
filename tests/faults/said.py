"""What customers do in a shop that is full of faults: drawn from a seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.faults.ages import DAY_MS, HOUR_MS, MINUTE_MS

Identifier = tuple[str, str]
SOURCES = ("web", "shop", "till")

MIX = {
    "Product Viewed": 46,
    "$page": 16,
    "$identify": 12,
    "Order Completed": 11,
    "Checkout Started": 4,
    "Consent Granted": 9,
    "Consent Withdrawn": 3,
    "Unsubscribed": 1,
}
"""Weights. What counts happens more often here than in a shop: it is what faults could harm."""


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Said(NamedTuple):
    """One thing a customer did, as the client means it. Instants are UTC milliseconds.

    `told_at` is when the client first tells it; `good` is False where it is no event at all.
    """

    id: str
    source: str
    name: str
    who: tuple[Identifier, ...]
    at: int
    told_at: int
    properties: Mapping[str, Any] = NOTHING
    traits: Mapping[str, Any] = NOTHING
    good: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What a repeat is recognised by."""
        return self.source, self.id


@dataclass
class Person:
    """Somebody with identifiers of their own, and the pairs of them that some event shows."""

    number: int
    devices: list[str]
    user: str | None = None
    emails: list[str] = field(default_factory=list)
    phone: str | None = None

    def who(self, random: Random) -> tuple[Identifier, ...]:
        """Draw the identifiers of one event: a device alone, or what ties it to somebody."""
        known: list[Identifier] = [("anonymous_id", random.choice(self.devices))]
        if self.user and random.random() < 0.45:
            known.insert(0, ("user_id", self.user))
        if self.emails and random.random() < 0.3:
            known.append(("email", random.choice(self.emails)))
        if self.phone and random.random() < 0.1:
            known.append(("phone", self.phone))
        if len(known) > 1 and random.random() < 0.3:
            del known[random.randrange(len(known))]
        return tuple(sorted(known, key=lambda one: ORDER[one[0]]))


ORDER = {"user_id": 0, "email": 1, "phone": 2, "anonymous_id": 3}


def a_person(number: int, random: Random) -> Person:
    """Draw somebody within the limits of the identity rules, who shares nothing with anybody."""
    person = Person(number, [f"dev-{number}-{n}" for n in range(random.choice((1, 1, 2, 3)))])
    if random.random() < 0.7:
        person.user = f"C-{100_000 + number}"
    person.emails = [f"p{number}.{n}@shop.example.se" for n in range(random.choice((0, 1, 1, 2)))]
    if random.random() < 0.3:
        person.phone = f"+4670{1_740_000 + number}"
    return person


def script(random: Random, *, people: int, events: int, start: int, days: float) -> list[Said]:
    """Return what happens, in the order in which it is told: bursts, late arrivals, bad events."""
    crowd = [a_person(number, random) for number in range(people)]
    span = int(days * DAY_MS)
    bursts = [start + random.randrange(span) for _ in range(max(1, events // 250))]
    drawn = (
        _said(f"m-{number}", random.choice(crowd), random.choice(bursts), random)
        for number in range(events)
    )
    said = {one.key: one for one in drawn}
    return sorted(said.values(), key=lambda one: (one.told_at, one.key))


def _said(id: str, person: Person, burst: int, random: Random) -> Said:
    name = random.choices(list(MIX), list(MIX.values()))[0]
    told_at = burst + random.randrange(5 * MINUTE_MS)
    late = random.choices(
        (0, random.randrange(HOUR_MS), random.randrange(20 * DAY_MS)), (85, 10, 5)
    )
    at = told_at - late[0]
    source = random.choices(SOURCES, (60, 36, 4))[0]
    if random.random() < 0.04:  # what two sources call the same is not the same
        id = f"m-same-{random.randrange(2)}-{person.number}"
    if name == "Consent Granted" and person.number % 3 == 2:  # some never say yes
        name = "Consent Withdrawn"
    said = Said(id, source, name, person.who(random), at, told_at)
    if name == "Order Completed":
        return said._replace(properties={"revenue": random.randrange(1, 50_000) / 100})
    if name == "$identify":
        traits = {"plan": random.choice(("free", "plus", None)), "visits": random.randrange(99)}
        email = next((value for namespace, value in said.who if namespace == "email"), None)
        return said._replace(traits={**traits, **({"email": email} if email else {})})
    if name in ("Consent Granted", "Consent Withdrawn"):
        purpose = random.choice(("marketing", "marketing", "tips"))
        return said._replace(properties={"channel": "email", "purpose": purpose})
    if name == "Product Viewed" and random.random() < 0.05:
        return said._replace(name="", good=False)
    return said


def call(said: Said, *, skew: int = 0) -> dict[str, Any]:
    """Return it as a Segment client writes it; `skew` is how wrong the client's clock goes."""
    who: dict[str, str] = {}
    others = [one for one in said.who if who.setdefault(*one) != one[1]]
    context: dict[str, Any] = {
        "traits": {name: who[name] for name in ("email", "phone") if name in who}
    }
    if others:
        context["externalIds"] = [
            {"type": name, "id": value, "collection": "users"} for name, value in others
        ]
    told: dict[str, Any] = {
        "messageId": said.id,
        "timestamp": iso(said.at + skew),
        "userId": who.get("user_id"),
        "anonymousId": who.get("anonymous_id"),
        "context": context,
    }
    if said.name == "$identify":
        return {**told, "type": "identify", "traits": dict(said.traits)}
    if said.name == "$page":
        return {**told, "type": "page", "properties": dict(said.properties)}
    return {
        **told,
        "type": "track",
        "event": said.name or None,
        "properties": dict(said.properties),
    }


def iso(at: int) -> str:
    """Return UTC milliseconds as clients write them."""
    moment = datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
