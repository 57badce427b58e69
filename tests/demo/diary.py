"""What one person says to the shop, in which order and in which request."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.demo.people import Person

PHASES = ("visits", "sign-ups", "baskets", "orders", "second thoughts", "evening")
"""Each ends in a quiet point, so that what the next one relies on is not a race."""

PHASE_SECONDS = 60 * 60
LAST_SECONDS = 25 * 60
"""How long ago the last phase began: a basket of the evening is not abandoned yet, and one of the
phase for baskets was before the orders came."""

STEP_SECONDS = (60, 110)
"""Between two things one person does. Longer than a phase takes to play, so that transit time
cannot change what happened first, whichever way each of them is sent."""

PRODUCTS = (
    ("T-1", "Linen towel", 12.50), ("T-2", "Bath robe", 59.90), ("L-1", "Desk lamp", 45.00),
    ("L-2", "Floor lamp", 189.00), ("C-1", "Oak chair", 129.95), ("C-2", "Lounge chair", 449.00),
    ("M-1", "Mug", 7.25), ("M-2", "Tea set", 38.40), ("B-1", "Wool blanket", 79.00),
)  # fmt: skip

Body = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One event as a client says it.

    `ago` is how many seconds before its sending it happened, None where the client sends no clock
    at all; `skew` how many seconds the client's clock is ahead of the true one.
    """

    body: Body
    ago: int | None = None
    skew: int = 0


@dataclass
class Post:
    """Events that leave in one request. Posts of one lane are sent in order, each after its answer.

    `raw` is what is put on the queue as it stands, where it is not events in our own form.
    """

    phase: int
    source: str
    lane: str
    said: list[Said] = field(default_factory=list)
    raw: str = ""


class Diary:
    """One person's day. Events go to the open post; their times only go forward, phase by phase."""

    def __init__(self, person: Person, random: Random) -> None:
        self.person, self.random = person, random
        self.posts: list[Post] = []
        self._phase = -1
        self._ago = 0
        self._count = 0

    def begin(self, phase: str) -> None:
        """Move the person's clock to the first minutes of the phase, unless it is there already."""
        if self._phase == PHASES.index(phase):
            return
        self._phase = PHASES.index(phase)
        left = len(PHASES) - self._phase
        last = (left - 1) * PHASE_SECONDS + LAST_SECONDS
        self._ago = last - self.random.randint(0, 180)

    def request(self, source: str = "web") -> None:
        """Open a new post: on the web it belongs to this person's browser, else to the sender."""
        own = source in ("web", "import")
        lane = f"{source} {self.person.number if own else self._phase}"
        self.posts.append(Post(self._phase, source, lane))

    def say(self, body: Body, *, ago: int | None = None) -> None:
        """Add one event, some minutes after the one before, or `ago` seconds before it is sent."""
        self._ago -= self.random.randint(*STEP_SECONDS)
        self._count += 1
        post = self.posts[-1]
        identity = {"messageId": f"{post.source}-{self.person.number}-{self._count}"}
        skew = self.person.clock_skew if post.source == "web" else 0
        post.said.append(Said(identity | body, self._ago if ago is None else ago, skew))

    def chance(self, probability: float) -> bool:
        """Toss the day's seeded coin."""
        return self.random.random() < probability


def page(who: Body, name: str) -> Body:
    properties = {"path": f"/{name.lower()}", "url": f"https://shop.example.com/{name.lower()}"}
    return {"type": "page", "name": name, "properties": properties, **who}


def track(who: Body, event: str, **properties: Any) -> Body:
    return {"type": "track", "event": event, "properties": properties, **who}


def product(random: Random, **more: Any) -> Body:
    """Return the properties of one of the shop's products."""
    key, name, price = random.choice(PRODUCTS)
    return {"product_id": key, "name": name, "price": price, **more}


def order(who: Body, order_id: str, random: Random) -> Body:
    """Return a completed order; its revenue is the exact sum of its lines, in whole cents."""
    lines = [product(random, quantity=random.randint(1, 3)) for _ in range(random.randint(1, 4))]
    cents = sum(round(line["price"] * 100) * line["quantity"] for line in lines)
    return track(
        who, "Order Completed", order_id=order_id, revenue=cents / 100, currency="SEK",
        products=lines,
    )  # fmt: skip
