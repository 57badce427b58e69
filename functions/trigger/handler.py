"""Start campaigns for what just happened to portraits."""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from portrait.reaction import react, read_stream_record
from portrait.settings import get_settings
from portrait.store import bus, definitions, journeys, queues

logger = Logger(service="trigger")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a batch from the portraits stream; a fault returns the batch from its first record.

    Everything here may be repeated, so a batch is one unit of work.
    """
    images = [record["dynamodb"].get("NewImage", {}) for record in event["Records"]]
    written = [one for one in map(read_stream_record, images) if one is not None]
    if not written:
        return {"batchItemFailures": []}
    counts = react(
        written,
        journeys,
        catalogue=definitions.catalogue(written[-1].written_at),
        send=partial(queues.send, get_settings().messages_queue_url),
        publish=bus.publish,
    )
    logger.info("portraits changed", extra=dict(counts))
    return {"batchItemFailures": []}
