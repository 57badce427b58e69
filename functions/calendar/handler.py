"""Fan calendar campaigns out over the portraits table, a page at a time."""

import time
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from aws_lambda_powertools import Logger

from portrait.calendar_pages import Page, decode_page, scheduled, turn
from portrait.calendar_runs import chains_for, sweeps_due, tick
from portrait.faults import Fault
from portrait.overdue import Overdue, wake_overdue
from portrait.settings import get_settings
from portrait.store import calendar_runs, definitions, journey_pages, portrait_pages, queues
from portrait.sweeps import Sweep, sweep

logger = Logger(service="calendar")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Begin the runs that are due, at a tick; do pages, from the `pages` queue."""
    now = time.time_ns() // 1_000_000
    return _pages(event["Records"], now) if "Records" in event else _tick(now)


def _tick(now: int) -> dict[str, Any]:
    catalogue = definitions.catalogue(now)
    counts = tick(
        scheduled(catalogue),
        calendar_runs,
        sweeps=sweeps_due(catalogue, now=now),
        fallback=catalogue.policy.time_zone,
        everywhere=available_timezones,
        chains=lambda: chains_for(portrait_pages.items()),
        send=partial(queues.send, get_settings().pages_queue_url),
        now=now,
    )
    if counts["missed"]:
        logger.error("runs of calendar campaigns were missed", extra=dict(counts))
    elif counts["begun"] or counts["swept"]:
        logger.info("runs begun", extra=dict(counts))
    return dict(counts)


def _pages(records: list[dict[str, Any]], now: int) -> dict[str, Any]:
    failed = []
    for record in records:
        try:
            page = decode_page(record["body"])
            _take(page, now)
        except Fault as fault:
            logger.warning("a page must come again: %s", fault)
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}


def _take(page: Page | Sweep | Overdue, now: int) -> None:
    if isinstance(page, Sweep):
        _sweep(page)
    elif isinstance(page, Overdue):
        _wake_overdue(page)
    else:
        _page(page, now)


def _page(page: Page, now: int) -> None:
    catalogue, settings = definitions.catalogue(now), get_settings()
    counts = turn(
        page,
        portrait_pages,
        scheduled(catalogue),
        catalogue=catalogue,
        zone_of=lambda view: str(view.zone),
        note=partial(calendar_runs.note, now=now),
        start=partial(queues.send, settings.journeys_queue_url),
        go_on=partial(queues.send, settings.pages_queue_url),
    )
    if counts["unreadable"]:
        logger.error("portraits could not be read", extra=dict(counts))
    if counts["last"] and calendar_runs.end_chain(page, now=now):
        logger.info("a pass is over", extra={"instant": page.instant, "runs": len(page.entries)})


def _wake_overdue(page: Overdue) -> None:
    settings = get_settings()
    counts = wake_overdue(
        page,
        portrait_pages,
        chains=lambda: chains_for(portrait_pages.items()),
        wake=partial(queues.send, settings.journeys_queue_url),
        go_on=partial(queues.send, settings.pages_queue_url),
    )
    if counts["woken"]:
        logger.error("timers of portraits were lost", extra=dict(counts))


def _sweep(page: Sweep) -> None:
    settings = get_settings()
    counts = sweep(
        page,
        journey_pages,
        wake=partial(queues.send, settings.journeys_queue_url),
        go_on=partial(queues.send, settings.pages_queue_url),
    )
    logger.info("swept", extra={"campaign": page.campaign, **counts})
