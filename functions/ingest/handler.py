"""Take events over HTTP, and answer once the queue has them."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.intake.collection import Outside
from portrait.intake.requests import Request
from portrait.intake.routes import respond
from portrait.settings import get_settings
from portrait.store import archive, definitions, queues

logger = Logger(service="ingest")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API."""
    now = time.time_ns() // 1_000_000
    settings = get_settings()
    outside = Outside(
        catalogue=partial(definitions.catalogue, now),
        send=partial(queues.send, settings.events_queue_url),
        quarantine=partial(archive.quarantine, now=now),
        public_url=settings.public_url,
    )
    answer = respond(Request(event, received_at=now), outside)
    logger.info("request answered", extra={"status": answer.status, **answer.facts})
    return answer.as_response()
