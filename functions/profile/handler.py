"""Apply events from the queue to portraits."""

import random
import time
from collections.abc import Iterable
from typing import Any

from aws_lambda_powertools import Logger

from portrait.reception import Delivery, receive
from portrait.store import archive, definitions, portraits
from portrait.store.secrets import secret

logger = Logger(service="profile")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a batch from the `events` queue; return the messages the queue must keep."""
    now = time.time_ns() // 1_000_000
    report = receive(
        [_delivery(record) for record in event["Records"]],
        portraits,
        archive,
        catalogue=definitions.catalogue(now),
        secret=secret(),
        now=now,
        pause=_pause,
        note=lambda zones: _note(zones, now),
    )
    logger.info("events received", extra=dict(report.counts))
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in sorted(report.failed)]}


def _note(zones: Iterable[str], now: int) -> None:
    from portrait.store import calendar_runs  # for campaigns by the customers' clocks alone

    calendar_runs.note(zones, now=now)


def _delivery(record: dict[str, Any]) -> Delivery:
    sent_at = int(record["attributes"]["SentTimestamp"])
    return Delivery(record["messageId"], record["body"], sent_at)


def _pause(attempt: int) -> None:
    # Full jitter, so that two batches that met once do not meet again.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))
