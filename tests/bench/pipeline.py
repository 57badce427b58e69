"""The real handlers, run one after the other over the counted AWS, as Lambda's pollers would."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.bench.aws.cloud import Cloud, Message
from tests.bench.aws.ledger import Ledger, chunks_of_64_kb
from tests.bench.clock import Clock
from tests.bench.meter import Log, cpu_seconds
from tests.bench.prices import LOG_OVERHEAD_BYTES, gb_seconds
from tests.bench.shop import Handler, record
from tests.bench.template_values import deployed

STAGES = ("ingest", "profile", "trigger", "journey", "dispatch")
FILTER = {"changes", "timer", "erased_at"}
"""Trigger is woken by writes that have one of these, as template.yaml says."""

RECEIVED_AT_ONCE = 10
"""Messages that one ReceiveMessage brings and one DeleteMessageBatch takes away, at most.

Assumed: there are always that many, as there are when events come thick. Where they come thinly,
every message costs a receive and a delete of its own.
"""


class Context:
    """What the handlers ask of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class Pipeline:
    """One way from POST to message, with what every stage of it spends."""

    cloud: Cloud
    log: Log
    handlers: dict[str, Handler]

    def invoke(self, stage: str, event: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """Run one invocation, enter what it spends, and return its processor seconds and answer."""
        self.cloud.stage = stage
        ledger, lines, size = self.cloud.ledger, self.log.lines, self.log.size
        cpu, answer = cpu_seconds(self.cloud, lambda: self.handlers[stage](event, Context()))
        ledger.cpu += cpu
        ledger.log_bytes += self.log.size - size
        overhead = LOG_OVERHEAD_BYTES * (self.log.lines - lines)
        ledger.charge("log_byte", self.log.size - size + overhead)
        ledger.charge("lambda_request", 1)
        return cpu, answer

    def post(self, request: dict[str, Any]) -> float:
        """Let ingest answer one POST; return its processor seconds."""
        cpu, answer = self.invoke("ingest", request)
        self.cloud.ledger.charge("http_api", 1)
        if answer["statusCode"] != 200 or "rejected" in answer["body"]:
            raise RuntimeError(f"ingest refused a good event: {answer['body'][:300]}")
        return cpu

    def drain(self, queue: str, stage: str, batch_size: int) -> float:
        """Let a function have everything on its queue, in batches; return its processor seconds."""
        messages, self.cloud.queues[queue] = self.cloud.queues[queue], []
        cpu = 0.0
        for batch in chunked(messages, batch_size):
            self._poll(stage, batch)
            spent, answer = self.invoke(stage, self.records(batch))
            cpu += spent
            if answer["batchItemFailures"]:
                raise RuntimeError(f"{stage} gave messages back; it logged {self.log.last}")
        return cpu

    def records(self, messages: Iterable[Message]) -> dict[str, Any]:
        """Return messages of a queue as Lambda hands them to a function."""
        return {"Records": [record(each.body, each.sent_at, id=each.id) for each in messages]}

    def react(self) -> float:
        """Let trigger have what passes its filter on the stream; return its processor seconds."""
        table = self.cloud.dynamodb.tables["portraits"]
        images, table.stream = [i for i in table.stream if i.new.keys() & FILTER], []
        cpu = 0.0
        for batch in chunked(images, deployed()["trigger"].batch_size):
            records = [{"dynamodb": {"NewImage": new, "OldImage": old}} for old, new in batch]
            spent, answer = self.invoke("trigger", {"Records": records})
            cpu += spent
            if answer["batchItemFailures"]:
                raise RuntimeError(f"trigger gave records back; it logged {self.log.last}")
        return cpu

    def respond(self) -> dict[str, float]:
        """Let trigger, journey and dispatch each have what there is for them, once.

        Returns:
            Their processor seconds.
        """
        return {
            "trigger": self.react(),
            "journey": self.drain("journeys", "journey", deployed()["journey"].batch_size),
            "dispatch": self.drain("messages", "dispatch", deployed()["dispatch"].batch_size),
        }

    def finish(self) -> dict[str, float]:
        """Let them go on until nothing is left to do; return their processor seconds."""
        cpu: Counter[str] = Counter()
        while self.is_busy:
            cpu.update(self.respond())
        return cpu

    @property
    def is_busy(self) -> bool:
        """Whether somebody has something to do now."""
        stream = self.cloud.dynamodb.tables["portraits"].stream
        queues = (self.cloud.queues["journeys"], self.cloud.queues["messages"])
        return any(image.new.keys() & FILTER for image in stream) or any(queues)

    def wait(self, clock: Clock, until: int) -> None:
        """Let time pass up to `until` (UTC ms): timers fire, each when it is due, and are acted on.

        Functions read the definitions once a minute, whoever is waited for, so what that takes is
        entered beside them, as `definitions`.
        """
        while due := sorted((timer.at, name) for name, timer in self.cloud.schedules.items()):
            if due[0][0] > until:
                break
            self._pass(clock, due[0][0])
            self.cloud.stage = "journey"
            while due and due[0][0] <= clock.now:
                self.cloud.fire(due.pop(0)[1])
            self.finish()
        self._pass(clock, until)

    def _pass(self, clock: Clock, at: int) -> None:
        from portrait.store import definitions

        clock.put(max(at, clock.now))
        self.cloud.stage = "definitions"
        definitions.catalogue(clock.now)

    def settle(self) -> dict[str, Ledger]:
        """Add the billed time of every stage and return the ledgers."""
        for stage, ledger in self.cloud.ledgers.items():
            if stage in deployed():
                ledger.charge("lambda_gb_second", gb_seconds(ledger, deployed()[stage].memory_mb))
        return self.cloud.ledgers

    def _poll(self, stage: str, batch: Sequence[Message]) -> None:
        """Enter what Lambda's poller does before and after an invocation."""
        self.cloud.stage = stage
        for received in chunked(batch, RECEIVED_AT_ONCE):
            size = sum(len(each.body.encode()) for each in received)
            self.cloud.ledger.polls["sqs", "ReceiveMessage"] += 1
            self.cloud.ledger.polls["sqs", "DeleteMessageBatch"] += 1
            self.cloud.ledger.charge("sqs", chunks_of_64_kb(size) + 1)


def chunked(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Yield the items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def handlers() -> dict[str, Callable[..., Any]]:
    """Import and return the real handlers by the name of their folder."""
    from functions.calendar.handler import handler as calendar
    from functions.dispatch.handler import handler as dispatch
    from functions.ingest.handler import handler as ingest
    from functions.journey.handler import handler as journey
    from functions.profile.handler import handler as profile
    from functions.trigger.handler import handler as trigger

    every = (ingest, profile, trigger, journey, dispatch)
    return {**dict(zip(STAGES, every, strict=True)), "calendar": calendar}
