"""Advance the dialogues of customers: what happened to them, and what is due."""

import random
import time
from typing import Any

from aws_lambda_powertools import Logger

from portrait.attending import attend, read_call
from portrait.store import definitions, portraits

logger = Logger(service="journey")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a batch from the `journeys` queue; return the messages the queue must keep."""
    report = attend(
        [read_call(record["messageId"], record["body"]) for record in event["Records"]],
        portraits,
        catalogue=definitions.catalogue(_now()),
        clock=_now,
        pause=_pause,
    )
    logger.info("dialogues advanced", extra=dict(report.counts))
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in sorted(report.failed)]}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _pause(attempt: int) -> None:
    # Full jitter, so that two writers that met once do not meet again.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))
