"""Hear what became of messages: callbacks of webhooks, and clicks on links."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.callbacks.outside import Outside
from portrait.callbacks.routes import respond
from portrait.intake.requests import Request
from portrait.settings import get_settings
from portrait.store import definitions, queues
from portrait.store.secrets import secret

logger = Logger(service="callbacks")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to `/v1/callbacks/{template}` or `/l/{token}`."""
    now = time.time_ns() // 1_000_000
    outside = Outside(
        catalogue=partial(definitions.catalogue, now),
        secret=secret,
        send=partial(queues.send, get_settings().events_queue_url),
    )
    answer = respond(Request(event, received_at=now), outside)
    logger.info("callback answered", extra={"status": answer.status, **answer.facts})
    return answer.as_response()
