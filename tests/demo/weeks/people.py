"""Who comes in three weeks, and what they would do if nobody wrote to them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from tests.faults.ages import DAY_MS, HOUR_MS, MINUTE_MS
from tests.faults.said import Said

WEEKS_MS = 21 * DAY_MS
ZONES = (
    ("Europe/Stockholm", 60), ("Europe/Helsinki", 15), ("America/New_York", 15),
    ("Australia/Sydney", 10),
)  # fmt: skip
NAMES = ("Ada", "Bjorn", "Chidi", "Dara", "Elin", "Faisal", "Greta", "Hugo", "Ines", "Jonas")


@dataclass
class Shopper:
    """Somebody, by the kind of customer that they are.

    Attributes:
        orders_after: by campaign, how likely a message of it is followed by an order.
    """

    number: int
    kind: str
    zone: str
    orders_after: dict[str, float] = field(default_factory=dict)
    birthday: str | None = None

    @property
    def email(self) -> str:
        """Where they are written to."""
        return f"{NAMES[self.number % len(NAMES)].lower()}.{self.number}@mail.example"

    @property
    def who(self) -> tuple[tuple[str, str], ...]:
        """The identifiers of what they do when they are signed in."""
        return ("user_id", f"C-{self.number}"), ("email", self.email)


class Script:
    """Collects what somebody does."""

    def __init__(self, random: Random, start: int) -> None:
        self.random, self.start = random, start
        self._ids = count()

    def say(
        self, shopper: Shopper, name: str, at: int, *, source: str = "shop", **said: Any
    ) -> Said:
        """Return one thing that they do at an instant, told at once, or when the weeks begin."""
        traits = said.pop("traits", {})
        id_ = f"{source}-{shopper.number}-{next(self._ids)}"
        return Said(id_, source, name, shopper.who, at, max(at, self.start), said, traits)

    def account(self, shopper: Shopper, at: int, *, yes: bool = True) -> Iterator[Said]:
        """Open an account, and say yes to e-mails or not."""
        traits = {
            "email": shopper.email, "firstName": NAMES[shopper.number % len(NAMES)],
            "timezone": shopper.zone,
        }  # fmt: skip
        if shopper.birthday:
            traits["birthday"] = shopper.birthday
        yield self.say(shopper, "$identify", at, traits=traits)
        if yes:
            consent = {"channel": "email", "purpose": "marketing"}
            yield self.say(shopper, "Consent Granted", at + 1000, **consent)

    def order(self, shopper: Shopper, at: int, *, source: str = "shop") -> Said:
        """Order something."""
        number, revenue = f"{shopper.number}-{at}", self.random.randrange(1500, 25_000) / 100
        return self.say(
            shopper, "Order Completed", at, source=source, order_id=number, revenue=revenue
        )

    def waking_hour(self, day: int) -> int:
        """Return an instant of a day of the weeks at which people shop."""
        return self.start + day * DAY_MS + int(self.random.uniform(6, 21) * HOUR_MS)


def newcomer(script: Script, shopper: Shopper) -> Iterator[Said]:
    """Sign up in the first two weeks; some order by themselves."""
    at = script.waking_hour(script.random.randrange(14))
    shopper.orders_after = {"onboarding": 0.16}
    yield from script.account(shopper, at)
    if script.random.random() < 0.12:
        yield script.order(shopper, at + int(script.random.uniform(1, 6) * DAY_MS))


def undecided(script: Script, shopper: Shopper) -> Iterator[Said]:
    """Go to the checkout now and then; half order at once, the others need a word."""
    shopper.orders_after = {"abandoned_basket": 0.3}
    yield from script.account(shopper, script.start - 40 * DAY_MS)
    for _ in range(script.random.randint(1, 3)):
        at = script.waking_hour(script.random.randrange(20))
        products = [{"product_id": f"T-{script.random.randrange(40)}", "name": "Tea"}]
        yield script.say(shopper, "Checkout Started", at, products=products)
        draw = script.random.random()
        if draw < 0.45:
            yield script.order(shopper, at + int(script.random.uniform(3, 40) * MINUTE_MS))
        elif draw < 0.52:
            yield script.order(shopper, at + int(script.random.uniform(2, 48) * HOUR_MS))


def regular(script: Script, shopper: Shopper) -> Iterator[Said]:
    """Buy every week or two for half a year, and forget it once in these weeks."""
    every = script.random.uniform(8, 13) * DAY_MS
    last = script.start + script.random.uniform(-every, 0.2 * every)
    shopper.orders_after = {"replenishment": 0.45}
    yield from script.account(shopper, script.start - 200 * DAY_MS)
    for number in range(12):
        yield script.order(shopper, int(last - number * every), source="import")
    if script.random.random() < 0.4:
        yield script.order(shopper, int(last + every * script.random.uniform(0.9, 1.15)))


def lapsing(script: Script, shopper: Shopper) -> Iterator[Said]:
    """Have bought half a year ago and never since."""
    shopper.orders_after = {"win_back": 0.15}
    last = script.start - 180 * DAY_MS + script.random.uniform(0.2, 19) * DAY_MS
    yield from script.account(shopper, script.start - 300 * DAY_MS)
    for number in range(script.random.randint(1, 4)):
        yield script.order(shopper, int(last - number * 30 * DAY_MS), source="import")


def leaving(script: Script, shopper: Shopper) -> Iterator[Said]:
    """Be scored every night, higher and higher; the score trembles around the line."""
    shopper.orders_after = {"churn_risk": 0.25}
    yield from script.account(shopper, script.start - 300 * DAY_MS)
    for number in range(script.random.randint(2, 8)):
        at = script.start - (40 + number * 25) * DAY_MS
        yield script.order(shopper, at, source="import")
    score = script.random.uniform(0.3, 0.6)
    for day in range(20):
        at = script.start + day * DAY_MS + 2 * HOUR_MS
        score = min(0.95, max(0.05, score + script.random.uniform(-0.08, 0.14)))
        yield script.say(shopper, "$identify", at, traits={"score.churn": round(score, 3)})


KINDS: dict[str, tuple[int, Callable[[Script, Shopper], Iterator[Said]]]] = {
    "newcomer": (30, newcomer),
    "undecided": (25, undecided),
    "regular": (20, regular),
    "lapsing": (15, lapsing),
    "leaving": (10, leaving),
}


def crowd(random: Random, size: int) -> list[Shopper]:
    """Draw people; one in six has a birthday in these weeks."""
    kinds = random.choices(list(KINDS), [share for share, _ in KINDS.values()], k=size)
    zones = random.choices([zone for zone, _ in ZONES], [share for _, share in ZONES], k=size)
    return [
        Shopper(number, kind, zone, birthday=_birthday(random))
        for number, (kind, zone) in enumerate(zip(kinds, zones, strict=True))
    ]


def _birthday(random: Random) -> str | None:
    if random.random() < 0.5:
        return None
    day = random.randint(16, 31) if random.random() < 0.33 else random.randint(1, 28)
    month = 3 if day > 15 else random.choice((1, 5, 7, 9, 11))
    return f"19{random.randint(50, 99)}-{month:02d}-{day:02d}"
