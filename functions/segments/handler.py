"""Estimate how large the segments are, and wake whoever of the sample is not up to date."""

import random
import time
from typing import Any

from aws_lambda_powertools import Logger

from portrait.segment_sizes import measure
from portrait.settings import get_settings
from portrait.store import definitions, queues, segment_sizes
from portrait.waking import Wake, encode_wake

logger = Logger(service="segments")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a random sample of the portraits; the answer is for whoever invokes it by hand."""
    now = time.time_ns() // 1_000_000
    catalogue = definitions.catalogue(now)
    total = segment_sizes.slices()
    order = random.sample(range(total), total)
    sizes = measure(
        (segment_sizes.portraits_in(each, total) for each in order), total, catalogue, now=now
    )
    segment_sizes.keep(sizes)
    queues.send(
        get_settings().journeys_queue_url,
        [encode_wake(Wake(home=home, due_at=now)) for home in sizes.stale],
    )
    counts = {"people": sizes.people.size, "sampled": sizes.people.found, "woken": len(sizes.stale)}
    logger.info("segments measured", extra=counts)
    return {**counts, "segments": {key: each._asdict() for key, each in sizes.segments.items()}}
