"""Who tells: clients that send again until they are answered, tills, SES, and people who click."""

import heapq
import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.faults.account import Mail
from tests.faults.ages import MINUTE_MS
from tests.faults.deployment import variables
from tests.faults.oracle import Heard
from tests.faults.said import Identifier, Said, call, iso
from tests.faults.stores import Stores

if TYPE_CHECKING:
    from tests.faults.world import World

PER_POST = 40
ONE_BY_ONE = frozenset({"till", "ses", "erase"})
ONCE = frozenset({"click", "erase"})
"""What is not told again by somebody who was answered."""

GARBAGE = '{"batch": "of what?"}'


class Clients:
    """Everything outside of the product. `heard` is what it was told, and must not forget.

    Attributes:
        accepted: the keys of events that were answered for with 200, or that a queue took.
        refused: the keys of what ingest said is no event.
        problems: answers that no client should get.
        withdrawn: mails with whose link somebody unsubscribed, asked and answered when (UTC ms).
        erased: who was erased, as it was reported and when.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self._number = count()
        self._due: list[tuple[int, int, str, tuple[Said, ...]]] = []
        self._times: dict[tuple[str, str], Heard] = {}
        self.accepted: set[tuple[str, str]] = set()
        self.refused: set[tuple[str, str]] = set()
        self.problems: list[str] = []
        self.garbage = 0
        self.withdrawn: list[tuple[Mail, int, int]] = []
        self.erased: list[tuple[Identifier, Any, int]] = []

    @property
    def heard(self) -> list[Heard]:
        """Return what was accepted, each event once."""
        return [one for key, one in self._times.items() if key in self.accepted]

    def ready(self) -> list[Callable[[], None]]:
        """Return what can be told now, three at once at most."""
        waiting = sum(due[0] <= self._world.now for due in self._due[:3])
        return [self._tell_next] * waiting

    def _tell_next(self) -> None:
        if self._due and self._due[0][0] <= self._world.now:
            _, _, source, said = heapq.heappop(self._due)
            self._tell(source, said)

    def next_instant(self) -> int | None:
        return self._due[0][0] if self._due else None

    def click(self, mail: Mail, *, at: int) -> None:
        """Plan that somebody unsubscribes with the link of a mail."""
        said = Said(f"click-{mail.message}", "click", "Click", (("email", mail.to),), at, at)
        self._push(at, "click", (said._replace(properties={"mail": mail}),))

    def redriven(self) -> None:
        """Reckon that what tills had told may be heard only now: a redrive makes a new message."""
        for key, one in self._times.items():
            if key[0] == "till":
                self._times[key] = one._replace(last=self._world.now)

    def plan(self, said: Sequence[Said]) -> None:
        """Plan to tell this, each thing when its time comes, in posts of one source."""
        for source in sorted({one.source for one in said}):
            own = [one for one in said if one.source == source]
            step = 1 if source in ONE_BY_ONE else PER_POST
            start = 0
            while start < len(own):
                size = self._world.random.choice((1, step, step))
                group = tuple(own[start : start + size])
                self._push(group[-1].told_at, source, group)
                start += size

    def _push(self, at: int, source: str, said: tuple[Said, ...]) -> None:
        heapq.heappush(self._due, (at, next(self._number), source, said))

    def _tell(self, source: str, said: tuple[Said, ...]) -> None:
        tell = {
            "till": self._queue, "click": self._click, "ses": self._report, "erase": self._erase
        }.get(source, self._post)  # fmt: skip
        for one in said:
            known = self._times.get(one.key)
            first = known.first if known else self._world.now
            self._times[one.key] = Heard(one, first, self._world.now)
        random = self._world.random
        later = self._world.now + random.randrange(1000, 10 * MINUTE_MS)
        done = False
        try:
            done = tell(source, said)
        finally:
            if not done or (source not in ONCE and random.random() < self._world.weather.again):
                self._push(later, source, said)
        if done:
            self.accepted.update(one.key for one in said if one.good)

    def _post(self, source: str, said: tuple[Said, ...]) -> bool:
        world = self._world
        skew = world.random.choice((0, 0, -3_600_000, 86_400_000))
        batch = [call(one, skew=skew) for one in said]
        body = {
            "batch": batch,
            "sentAt": iso(world.now + skew),
            "writeKey": self._world.keys[source],
        }
        answer = world.invoke("ingest", request("POST", "/v1/batch", json.dumps(body), self._id()))
        if answer["statusCode"] not in (200, 503):
            self.problems.append(f"{source} was answered {answer}")
            return True
        if answer["statusCode"] != 200:
            return False
        refused = {one["index"] for one in json.loads(answer["body"]).get("rejected", ())}
        if refused != {place for place, one in enumerate(said) if not one.good}:
            self.problems.append(f"{source} was refused {sorted(refused)}: {answer['body'][:300]}")
        self.refused.update(one.key for one in said if not one.good)
        return True

    def _queue(self, source: str, said: tuple[Said, ...]) -> bool:
        """Put an event on the queue as a till does: its own client sees to it that it is there."""
        world = self._world
        bodies = [json.dumps({**call(said[0]), "writeKey": self._world.keys[source]})]
        if world.random.random() < 0.02:
            bodies.append(GARBAGE)
            self.garbage += 1
        for each in bodies:
            world.account.put(variables()["EVENTS_QUEUE_URL"], each)
        return True

    def _click(self, source: str, said: tuple[Said, ...]) -> bool:
        (one,) = said
        mail, asked_at = one.properties["mail"], self._world.now
        path = "/unsubscribe/" + mail.link.rpartition("/")[2]
        answer = self._world.invoke("privacy", request("POST", path, "", self._id()))
        done = bool(answer["statusCode"] == 200)
        if done:
            self.withdrawn.append((mail, asked_at, self._world.now))
        return done

    def _report(self, source: str, said: tuple[Said, ...]) -> bool:
        """Put on the queue what SES reports about a message."""
        self._world.account.put(variables()["EVENTS_QUEUE_URL"], said[0].properties["report"])
        return True

    def _erase(self, source: str, said: tuple[Said, ...]) -> bool:
        """Have somebody erased, again and again until it is done."""
        from portrait.erasure import erase
        from portrait.store import portraits

        world = self._world
        world.account.stage.act_as("privacy")
        world.account.take_over("privacy")
        who = said[0].who[0]
        home = Stores(world.account).home(who)
        done = erase(
            home, portraits, clock=lambda: world.now,
            pause=lambda attempt: world.account.clock.advance(20 * attempt),
        )  # fmt: skip
        self.erased.append((who, done, world.now))
        return True

    def _id(self) -> str:
        return f"request-{next(self._number)}"


def request(method: str, path: str, body: str, id: str) -> dict[str, Any]:
    """Return a request as API Gateway hands it to a function (HTTP API, payload format 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "domainName": "api.shop.example.se",
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            "requestId": id,
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }
