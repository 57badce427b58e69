"""One load played from POST to message: counts, and processor time beside bare validation."""

import gc
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median

from tests.bench.aws.ledger import Ledger
from tests.bench.aws.wire import connected
from tests.bench.clock import moved
from tests.bench.meter import Log, cpu_seconds
from tests.bench.pipeline import Pipeline, handlers
from tests.bench.shop import DAY_MS, Shop, forget_definitions
from tests.bench.shoppers import Call
from tests.bench.traffic import Load, batches, posts, request
from tests.bench.validation import validate

SEED = 20260101
TODAY = SEED + 1
"""Another seed than the past has: equal ones would draw the same message ids again."""


MONTH_DAYS = 31


@dataclass
class Outcome:
    """What a load took.

    Attributes:
        ratios: by stage, the processor time of each batch as a multiple of validating its events.
        microseconds: by stage, and for `validation`, processor time per event of each batch.
        counted: events in the portraits afterwards, less those of the past.
        later: by stage, what the timers that were set bring about in the month after, if played.
    """

    load: Load
    events: int
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    microseconds: dict[str, list[float]] = field(default_factory=dict)
    counted: int = 0
    later: dict[str, Ledger] = field(default_factory=dict)

    def ratio(self, stage: str) -> float:
        """Return the median over the batches."""
        return median(self.ratios[stage])

    def total(self, *stages: str) -> Ledger:
        """Return the ledgers of the stages as one."""
        return sum((self.ledgers.get(stage, Ledger()) for stage in stages), Ledger())


def play(load: Load, shop: Shop, log: Log, *, events: int, month: bool = False) -> Outcome:
    """Send `events` events of the shop's customers through the whole product, until all is quiet.

    What dialogues do takes several turns of trigger, journey and dispatch. After each batch all
    three have one, so what one batch's customers still wait for goes along with the next one's, as
    it does where events keep coming.

    Args:
        month: let the timers of the month after fire too, each when it is due and for itself.

    Raises:
        RuntimeError: an event was refused, lost or counted twice.
    """
    outcome = Outcome(load, events)
    everything = list(batches(load, shop.people, events, Random(TODAY)))
    with moved() as clock, connected(shop.account()) as cloud:
        pipeline = Pipeline(cloud, log, handlers())
        gc.collect()
        gc.freeze()  # a function's collector has no account with a thousand customers to walk
        for calls in everything:
            play_batch(calls, pipeline, outcome, lambda: _stages(pipeline, load))
        gc.unfreeze()
        pipeline.finish()
        outcome.ledgers = dict(pipeline.settle())
        outcome.counted = counted(pipeline) - shop.past
        if month:
            cloud.ledgers.clear()
            pipeline.wait(clock, clock.now + MONTH_DAYS * DAY_MS)
            outcome.later = dict(pipeline.settle())
            forget_definitions()
    if outcome.counted != events:
        raise RuntimeError(f"{events} events were sent and {outcome.counted} were counted")
    return outcome


def play_batch(
    calls: Sequence[Call],
    pipeline: Pipeline,
    outcome: Outcome,
    after: Callable[[], dict[str, float]],
) -> None:
    """POST the calls, let the stages `after` do their part, and enter the time of each.

    Validation of the same bytes is measured before and after, so that a machine that changes its
    pace changes it for both.
    """
    now = time.time_ns() // 1_000_000
    sent = posts(calls, outcome.load, now=now)
    bodies = [
        json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode()
        for post in sent
        for each in post
    ]
    requests = [request(post, now=now) for post in sent]
    yardstick, _ = cpu_seconds(pipeline.cloud, lambda: validate(bodies))
    cpu = {"ingest": sum(pipeline.post(each) for each in requests)} | after()
    again, _ = cpu_seconds(pipeline.cloud, lambda: validate(bodies))
    yardstick = (yardstick + again) / 2
    for stage, seconds in (*cpu.items(), ("validation", yardstick)):
        outcome.ratios.setdefault(stage, []).append(seconds / yardstick)
        outcome.microseconds.setdefault(stage, []).append(seconds / len(bodies) * 1e6)


def _stages(pipeline: Pipeline, load: Load) -> dict[str, float]:
    profile = pipeline.drain("events", "profile", load.messages)
    return {"profile": profile, **pipeline.respond()}


def counted(pipeline: Pipeline) -> int:
    """Return how many events all portraits together have counted."""
    from portrait.store import portraits

    pipeline.cloud.stage = "audit"
    homes = [key[0] for key in pipeline.cloud.dynamodb.tables["portraits"].items]
    records = portraits.load(homes)
    return sum(
        strand.events for record in records.values() for strand in record.portrait.strands.values()
    )
