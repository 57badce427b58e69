"""Show what waits for a customer where they come by themselves, and take their answers."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.inbox.outside import Outside
from portrait.inbox.routes import respond
from portrait.intake.requests import Request
from portrait.settings import get_settings
from portrait.store import definitions, portraits, queues
from portrait.store.secrets import secret

logger = Logger(service="inbox")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to `/v1/inbox/…`; whoever looks or answers is on record."""
    now = time.time_ns() // 1_000_000
    outside = Outside(
        catalogue=partial(definitions.catalogue, now),
        secret=secret,
        portraits=portraits,
        send=partial(queues.send, get_settings().events_queue_url),
    )
    answer = respond(Request(event, received_at=now), outside)
    logger.info("inbox", extra={"status": answer.status, **answer.facts})
    return answer.as_response()
