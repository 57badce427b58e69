"""Bring what just happened to portraits to whom it concerns, and keep the timers that wake them."""

import time
from collections import Counter
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.audiences.hints import hints
from portrait.judgement import WAIT_S
from portrait.learning.scoring import told_anew
from portrait.reaction import Queues, erased, react, read_stream_record
from portrait.settings import get_settings
from portrait.store import bus, definitions, journeys, queues, schedules
from portrait.timers import read_timers, set_timers

logger = Logger(service="trigger")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a batch from the portraits stream; a fault returns the batch from its first record.

    Everything here may be repeated, so a batch is one unit of work.
    """
    records = [record["dynamodb"] for record in event["Records"]]
    counts: Counter[str] = Counter()
    written = [
        one
        for record in records
        if (one := read_stream_record(record.get("NewImage", {}))) is not None
    ]
    settings, catalogue = get_settings(), definitions.catalogue(_now())
    to_journey = partial(queues.send, settings.journeys_queue_url)
    if written:
        out = Queues(
            partial(queues.send, settings.messages_queue_url), to_journey, bus.publish,
            partial(queues.send, settings.events_queue_url, delay_s=WAIT_S),
        )  # fmt: skip
        counts += react(written, journeys, out, catalogue=catalogue)
    for journey in erased(records):
        journeys.forget(journey)
        counts["forgotten"] += 1
    if timers := read_timers(records):
        counts += set_timers(timers, schedules, now=_now(), send=to_journey)
    if bodies := hints(records, catalogue):
        queues.send(settings.audiences_queue_url, bodies)
        counts["hints"] = len(bodies)
    if bodies := told_anew(written, catalogue):
        queues.send(settings.scores_queue_url, bodies)
        counts["scored_anew"] = len(bodies)
    if counts:
        logger.info("portraits changed", extra=dict(counts))
    return {"batchItemFailures": []}


def _now() -> int:
    return time.time_ns() // 1_000_000
