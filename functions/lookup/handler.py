"""Read a portrait over HTTP, for tills, call centres and servers."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.intake.requests import Request
from portrait.lookup.profiles import Outside, respond
from portrait.store import definitions, portraits
from portrait.store.secrets import secret

logger = Logger(service="lookup")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to `/v1/profiles/…`; whoever asks about somebody is on record."""
    now = time.time_ns() // 1_000_000
    outside = Outside(partial(definitions.catalogue, now), secret, portraits)
    answer = respond(Request(event, received_at=now), outside)
    logger.info("profile read", extra={"status": answer.status, **answer.facts})
    return answer.as_response()
