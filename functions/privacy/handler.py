"""Withdraw consent with one click; looking at the page changes nothing."""

import random
import time
from typing import Any

from aws_lambda_powertools import Logger

from portrait import pages, unsubscribe
from portrait.faults import Unavailable
from portrait.pages import Page
from portrait.store import portraits
from portrait.store.secrets import secret
from portrait.withdrawal import withdraw

logger = Logger(service="privacy")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to `/unsubscribe/{token}`: GET and HEAD ask, POST withdraws.

    The body is not read, and no cookie, login or redirect is involved (RFC 8058).
    """
    method = event["requestContext"]["http"]["method"]
    page = _answer(method, event["rawPath"])
    logger.info("unsubscribe", extra={"method": method, "status": page.status})
    return page.as_response(with_body=method != "HEAD")


def _answer(method: str, path: str) -> Page:
    what = unsubscribe.read(secret(), path.strip("/").rpartition("/")[2], now=_now())
    if what is None:
        return pages.NOT_FOUND
    if method in ("GET", "HEAD"):
        return pages.QUESTION
    if method != "POST":
        return pages.NOT_ALLOWED
    try:
        withdraw(what, portraits, clock=_now, pause=_pause)
    except Unavailable:
        return pages.TRY_AGAIN
    return pages.DONE


def _now() -> int:
    return time.time_ns() // 1_000_000


def _pause(attempt: int) -> None:
    # Full jitter, and never so long that the answer would be late.
    time.sleep(random.uniform(0.02, min(0.4, 0.02 * 2**attempt)))
