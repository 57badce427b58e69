"""People all over the world who say yes and no, travel, turn out to be one, and are erased."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from tests.faults.ages import DAY_MS, HOUR_MS, MINUTE_MS
from tests.faults.said import Identifier, Said

ZONES = (
    "Europe/Stockholm", "Europe/Helsinki", "Europe/London", "America/New_York",
    "America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney", "Pacific/Auckland",
    "Asia/Kolkata", "Asia/Tokyo",
)  # fmt: skip
COMPANY = "Europe/Stockholm"
"""The clock of whom nothing is known; so says definitions/dialogues.yaml."""

CONSENTS = (("email", "marketing", 0.85), ("sms", "marketing", 0.65), ("email", "tips", 0.7),
            ("sms", "tips", 0.45))  # fmt: skip
MIX = {
    "Product Viewed": 26, "$page": 16, "Checkout Started": 18, "Order Completed": 7,
    "$identify": 8, "Consent Granted": 7, "Consent Withdrawn": 4,
}  # fmt: skip
ERASE = "erase"
"""Source of what is no event: somebody asks to be forgotten."""
HOURS_APART = 3 * HOUR_MS
"""From a visit to an erasure, and from that to the next: longer than it takes to be written to."""


@dataclass
class Half:
    """A customer as one side of the house knows them; of some there are two, who are one person.

    Attributes:
        who: their identifiers, the strongest first.
        traits: what says where to write to them, and by which clock they live.
        zones: from when on they live by which; more than one moves.
    """

    number: int
    who: tuple[Identifier, ...]
    traits: dict[str, Any]
    zones: list[tuple[int, str]] = field(default_factory=list)

    def zone(self, at: int) -> str:
        """Return by which clock they live at an instant."""
        return [zone for since, zone in self.zones if since <= at][-1]

    def told(self, at: int) -> dict[str, Any]:
        """Return what they say of themselves at an instant."""
        explicit = {"timezone": self.zone(at)} if "timezone" in self.traits else {}
        return {**self.traits, **explicit}


class Crowd:
    """Draws people, and what they do from `start` on (UTC ms) for so many days."""

    def __init__(self, random: Random, *, people: int, start: int, days: int) -> None:
        self.random, self.start, self.days = random, start, days
        self._ids = count()
        self.persons = [self._person(number) for number in range(people)]
        self.halves = [half for person in self.persons for half in person]

    def _person(self, number: int) -> list[Half]:
        random = self.random
        kind = random.choice(("explicit", "explicit", "explicit", "moves", "phone", "country", ""))
        zone = {"phone": "Europe/Helsinki", "country": "Asia/Tokyo", "": COMPANY}.get(
            kind, random.choice(ZONES)
        )
        zones = [(0, zone)]
        if kind == "moves":
            at = self.start + random.randrange(self.days * DAY_MS)
            zones.append((at, random.choice([one for one in ZONES if one != zone])))
        two = kind != "moves" and random.random() < 0.4
        return [self._half(number, side, kind, zones) for side in range(2 if two else 1)]

    def _half(self, number: int, side: int, kind: str, zones: list[tuple[int, str]]) -> Half:
        email = f"p{number}.{side}@shop.example.se"
        who: list[Identifier] = [("email", email), ("anonymous_id", f"dev-{number}-{side}")]
        traits: dict[str, Any] = {"email": email}
        if side == 0:
            who.insert(0, ("user_id", f"C-{number}"))
        if kind in ("explicit", "moves", "phone"):
            prefix = "+35840" if kind == "phone" else "+4670"
            traits["phone"] = f"{prefix}{1_740_000 + 10 * number + side}"
        if kind in ("explicit", "moves"):
            traits["timezone"] = zones[0][1]
        if kind == "country":
            traits["country"] = "Japan"
        return Half(number, tuple(who), traits, zones)

    def beginning(self) -> Iterator[Said]:
        """Yield how everybody becomes known, and what they say yes to."""
        for half in self.halves:
            at = self.start + self.random.randrange(HOUR_MS)
            yield self._say(half, "$identify", at, half.who, traits=half.told(at))
            for channel, purpose, share in CONSENTS:
                if self.random.random() < share:
                    at += self.random.randrange(1, HOUR_MS)
                    yield self._consent(half, "Consent Granted", at, channel, purpose)

    def days_of(self, events: int) -> Iterator[Said]:
        """Yield what they do then: so many visits, in bursts at any hour, some told late."""
        random = self.random
        for _ in range(events):
            half, at = random.choice(self.halves), self._moment()
            name = random.choices(list(MIX), list(MIX.values()))[0]
            yield from self._visit(half, name, at)
        for person in self.persons:
            if len(person) == 2:
                yield self._say(person[0], "Product Viewed", self._moment(), _both(person),
                                price=10)  # fmt: skip
            if random.random() < 0.15:
                half, at = random.choice(person), self._moment()
                yield Said(f"erase-{half.who[0][1]}", ERASE, ERASE, half.who[:1], at, at)
                for when in (at - HOURS_APART, at + HOURS_APART):  # their device kept the basket
                    cart = f"{half.number}-kept"
                    yield self._say(half, "Checkout Started", when, half.who, cart_id=cart)
                if len(person) == 2:
                    at += HOURS_APART + HOUR_MS
                    yield self._say(half, "Product Viewed", at, _both(person), price=10)

    def _moment(self) -> int:
        return self.start + 4 * HOUR_MS + self.random.randrange(self.days * DAY_MS)

    def _visit(self, half: Half, name: str, at: int) -> Iterator[Said]:
        random, who = self.random, self._some(half)
        if name == "Checkout Started":
            cart = f"{half.number}-{random.randrange(40)}"
            yield self._say(half, name, at, who, cart_id=cart)
            if random.random() < 0.4:
                at += random.randrange(2 * HOUR_MS)
                yield self._say(half, "Order Completed", at, who, order_id=self._new("o"))
        elif name == "Order Completed":
            yield self._say(half, name, at, who, order_id=self._new("o"))
        elif name == "$identify":
            traits = {**half.told(at), "plan": random.choice(("free", "plus", None))}
            yield self._say(half, name, at, half.who, traits=traits)
        elif name.startswith("Consent"):
            channel, purpose, _ = random.choice(CONSENTS)
            yield self._consent(half, name, at, channel, purpose)
        elif name == "Product Viewed":
            yield self._say(half, name, at, who, price=random.randrange(100))
        else:
            yield self._say(half, name, at, who)

    def _some(self, half: Half) -> tuple[Identifier, ...]:
        """Draw the identifiers of one event: all, or one of them."""
        return half.who if self.random.random() < 0.5 else (self.random.choice(half.who),)

    def _consent(self, half: Half, name: str, at: int, channel: str, purpose: str) -> Said:
        who = self._some(half)
        return self._say(half, name, at, who, channel=channel, purpose=purpose)

    def _new(self, kind: str) -> str:
        return f"{kind}-{next(self._ids)}"

    def _say(
        self, half: Half, name: str, at: int, who: tuple[Identifier, ...], *,
        traits: dict[str, Any] | None = None, **properties: Any,
    ) -> Said:  # fmt: skip
        random = self.random
        late = random.choices(
            (random.randrange(2 * MINUTE_MS), random.randrange(HOUR_MS), random.randrange(DAY_MS)),
            (88, 9, 3),
        )[0]
        source = random.choices(("web", "shop", "till"), (50, 40, 10))[0]
        return Said(self._new("m"), source, name, who, at, at + late, properties, traits or {})


def _both(person: list[Half]) -> tuple[Identifier, ...]:
    """Return what shows that the two halves are one person."""
    return person[0].who[0], person[1].who[0]
