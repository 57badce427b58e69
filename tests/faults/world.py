"""The deployed system in one process: the real handlers, woken as Lambda wakes them."""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from portrait.faults import Unavailable
from tests.faults.account import Reach, handlers
from tests.faults.ages import HOUR_MS
from tests.faults.aws import Crash, Faults
from tests.faults.clients import Clients
from tests.faults.pollers import QueuePoller, StreamPoller, Timers
from tests.faults.said import Said
from tests.faults.sends import Sends

Work = Callable[[], None]
MAX_ROUNDS = 20_000
MAX_REDRIVES = 10


@dataclass(frozen=True)
class Weather:
    """How bad it gets. Each is a probability.

    Attributes:
        rates: of faults in calls of AWS, by kind.
        again: of a client sending again what was accepted, of a queue delivering again what was
            done, of a stream going back to what was done.
        cold: of an invocation in a new sandbox.
        width: how many invocations there are at once, at most.
    """

    rates: tuple[tuple[str, float], ...] = ()
    again: float = 0.0
    cold: float = 0.0
    width: int = 1


CALM = Weather()
STORM = Weather(
    (
        ("crash_before", 0.004), ("crash_after", 0.004), ("reply_lost", 0.01),
        ("throttled", 0.005), ("failed", 0.003), ("conflict", 0.01), ("stale_read", 0.05),
        ("partial", 0.02),
    ),
    again=0.2, cold=0.02, width=3,
)  # fmt: skip


class Context:
    """What the handlers ask of Lambda's context."""

    aws_request_id = "1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class World:
    """One account in which a script is played; everything that happens follows from the seed."""

    def __init__(
        self,
        reach: Reach,
        *,
        seed: int,
        weather: Weather = CALM,
        faults: Faults | None = None,
        programme: str = "",
    ) -> None:
        self.random = Random(seed)
        self.weather = weather
        faults = faults or Faults(seed, rates=dict(weather.rates))
        self.keys = reach.keys
        self.account = reach.open(Random(seed + 1), faults, programme)
        self.clients = Clients(self)
        self.events = QueuePoller(self, "profile", "events")
        self.journeys = QueuePoller(self, "journey", "journeys")
        self.messages = QueuePoller(self, "dispatch", "messages")
        self.timers = Timers(self)
        self.stream = StreamPoller(self, "trigger", "portraits")
        self.sends = Sends(self)
        self.ended: Counter[str] = Counter()

    @property
    def _queues(self) -> tuple[QueuePoller, ...]:
        return (self.events, self.journeys, self.messages)

    @property
    def _sources(self) -> tuple[Clients | QueuePoller | StreamPoller | Timers, ...]:
        return (self.clients, *self._queues, self.stream, self.timers)

    @property
    def now(self) -> int:
        return self.account.clock.now_ms

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Run one invocation in this thread; whatever ends it is the caller's to judge."""
        self.account.stage.act_as(function)
        self.account.take_over(function, cold=self.random.random() < self.weather.cold)
        return handlers()[function](event, Context())

    def play(self, said: Sequence[Said], *, clicks: int = 0) -> None:
        """Let it be told, with everything that goes wrong, until all is quiet.

        Args:
            clicks: how many mails of before somebody unsubscribes with meanwhile, at most.
        """
        mails = self.sends.marketing()
        for mail in self.random.sample(mails, min(clicks, len(mails))):
            self.clients.click(mail, at=self.now + self.random.randrange(HOUR_MS))
        self.account.faults.active = True
        self.clients.plan(said)
        self.run()
        self.settle()

    def run(self) -> None:
        """Let things happen until nothing is left to do but what lies in dead-letter queues."""
        for _ in range(MAX_ROUNDS):
            if works := self._works():
                self._judge(self.account.stage.run(works))
                self.account.clock.advance(self.random.randrange(40))
            elif (later := self._next_instant()) is not None:
                self.account.clock.advance_to(later)
            else:
                return
        raise RuntimeError("the world does not come to rest")

    def settle(self) -> None:
        """End all faults, bring back what lies in dead-letter queues, and finish everything."""
        self.account.faults.active = False
        for _ in range(MAX_REDRIVES):
            if not any(one.waiting for one in (*self._queues, self.stream)):
                return
            if self.events.redrive():
                self.clients.redriven()
            self.journeys.redrive()
            self.messages.redrive()
            self.run()
        raise RuntimeError("what is redriven comes back for ever")

    def _judge(self, results: Sequence[Any]) -> None:
        """Count by its type what ended invocations before they were done; few are foreseen."""
        ended = [one for one in results if one is not None]
        self.ended.update(type(one).__name__ for one in ended)
        for fault in ended:
            if not isinstance(fault, Crash | Unavailable):
                place = traceback.format_exception(fault)[-3:]
                self.clients.problems.append(f"an invocation ended by {''.join(place)}")

    def _works(self) -> list[Work]:
        ready: deque[Work] = deque()
        for source in self._sources:
            ready.extend(source.ready())
        works = list(ready)
        self.random.shuffle(works)
        return works[: self.random.randint(1, self.weather.width)]

    def _next_instant(self) -> int | None:
        instants = [at for source in self._sources if (at := source.next_instant()) is not None]
        return max(self.now + 1, min(instants)) if instants else None
