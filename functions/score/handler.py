"""Score customers by the models in force: all of them at night, and whoever bought by day."""

import random
import time
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from models.in_force import in_force
from models.rows import ROWS
from portrait.catalogue import Catalogue
from portrait.faults import Fault
from portrait.learning.scoring import (
    Homes,
    InForce,
    Portraits,
    Scoring,
    Slice,
    decode_call,
    encode_call,
)
from portrait.settings import get_settings
from portrait.store import definitions, portrait_pages, queues, segment_sizes
from portrait.store.models import Champion

logger = Logger(service="score")
_champions: dict[tuple[str, int], Champion[InForce]] = {}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Queue the slices of the table, at night; score, from the `scores` queue.

    Where no model is in force, nothing is done.
    """
    now = _now()
    catalogue = definitions.catalogue(now)
    models = _models(catalogue, now)
    if "Records" in event:
        return _score(event["Records"], models, catalogue)
    total = segment_sizes.slices() if models else 0
    bodies = [encode_call(Slice(each, total)) for each in range(total)]
    queues.send(get_settings().scores_queue_url, bodies)
    counts = {"models": len(models), "slices": total}
    logger.info("scoring begun", extra=counts)
    return counts


def _models(catalogue: Catalogue, now: int) -> list[InForce]:
    learning = catalogue.learning
    if learning is None:
        return []
    found = []
    for name in ROWS.keys() & set(catalogue.models):
        make = partial(in_force, name, learning=learning)
        champion = _champions.setdefault((name, learning.version), Champion(name, make))
        model = champion.at(now)
        if champion.refused:
            extra = {"model": name, "reason": champion.refused, "kept": champion.version}
            logger.error("a model was refused", extra=extra)
        if model is not None:
            found.append(model)
    return found


def _score(
    records: list[dict[str, Any]], models: list[InForce], catalogue: Catalogue
) -> dict[str, Any]:
    learning = catalogue.learning
    if learning is None or not models:
        return {"batchItemFailures": []}
    portraits: Portraits = portrait_pages
    step = get_settings().score_step
    scoring = Scoring(models, portraits, catalogue, learning, step, _now, _pause)
    failed, homes = [], {}
    for record in records:
        try:
            call = decode_call(record["body"])
            if isinstance(call, Homes):
                homes[record["messageId"]] = call.homes
            else:
                scoring.slice(call)
        except Fault as fault:
            logger.warning("scores must come again: %s", fault)
            failed.append(record["messageId"])
    try:
        scoring.homes(home for some in homes.values() for home in some)
    except Fault as fault:
        logger.warning("scores must come again: %s", fault)
        failed += homes
    logger.info("scored", extra=dict(scoring.counts))
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _pause(attempt: int) -> None:
    # Full jitter, so that two writers that met once do not meet again.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))
