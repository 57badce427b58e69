"""Push hashed identifiers of customers into the lists of advertising platforms, and out of them."""

import time
from functools import cache, partial
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from portrait.audiences.pushing import Delivery, PlatformLists, push
from portrait.channels.audience_calls import Calls
from portrait.channels.destination import private_hosts
from portrait.channels.google_audience import API as GOOGLE
from portrait.channels.google_audience import TOKENS, AccessToken, GoogleLists
from portrait.channels.meta_audience import API as META
from portrait.channels.meta_audience import MetaLists
from portrait.settings import get_settings
from portrait.store import definitions, portraits
from portrait.store.audience_secret import audience_secret

RESERVE_MS = 90_000
"""What one audience may take when its platform is slow: a token, two requests, and reading."""

logger = Logger(service="audiences")


class Context(Protocol):
    """What is used of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Take a batch from the `audiences` queue; return the messages the queue must keep.

    An audience that only a person can help is logged as an error: its messages wait, and in the
    end lie in the dead-letter queue, from where they can be sent on once it is mended.
    """
    report = push(
        [Delivery(record["messageId"], record["body"]) for record in event["Records"]],
        portraits,
        _platforms(),
        catalogue=definitions.catalogue(_now()),
        clock=_now,
        has_time=lambda: context.get_remaining_time_in_millis() > RESERVE_MS,
    )
    for audience, reason in sorted(report.troubles.items()):
        logger.error("an audience is not up to date", extra={"audience": audience, "why": reason})
    logger.info("audiences pushed", extra=dict(report.counts))
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in sorted(report.kept)]}


_tokens: dict[str, AccessToken] = {}


def _platforms() -> dict[str, PlatformLists]:
    settings = get_settings()
    elsewhere = settings.audience_endpoint  # a platform of the tests
    calls = Calls(private_hosts(settings.webhook_private_hosts))
    if "google" not in _tokens:
        secret, url = partial(audience_secret, "google"), elsewhere or TOKENS
        _tokens["google"] = AccessToken(secret, calls, _now, url)
    return {
        "google": GoogleLists(calls, _tokens["google"], elsewhere or GOOGLE),
        "meta": MetaLists(calls, cache(partial(audience_secret, "meta")), elsewhere or META),
    }


def _now() -> int:
    return time.time_ns() // 1_000_000
