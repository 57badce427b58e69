"""Show why identifiers are one customer's, and take out one that is not."""

import random
import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.intake.requests import Request
from portrait.lookup.corrections import Outside, respond
from portrait.store import definitions, portraits
from portrait.store.secrets import secret
from portrait.unmerging import unmerge

logger = Logger(service="identity")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to `/v1/identity/…`; whoever looks or corrects is on record."""
    now = _now()
    undo = partial(unmerge, portraits=portraits, clock=_now, pause=_pause)
    outside = Outside(partial(definitions.catalogue, now), secret, portraits, undo)
    answer = respond(Request(event, received_at=now), outside)
    logger.info("identity", extra={"status": answer.status, **answer.facts})
    return answer.as_response()


def _now() -> int:
    return time.time_ns() // 1_000_000


def _pause(attempt: int) -> None:
    # Full jitter, and never so long that the answer would be late.
    time.sleep(random.uniform(0.02, min(0.4, 0.02 * 2**attempt)))
