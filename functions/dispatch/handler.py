"""Send messages from the queue, each at most once."""

import random
import time
import traceback
from collections import Counter
from typing import Any, Protocol

import msgspec
from aws_lambda_powertools import Logger

from portrait.channels import Channel
from portrait.channels.aws import Connection
from portrait.channels.destination import private_hosts
from portrait.channels.email import EmailChannel, configuration_sets
from portrait.channels.push import PushChannel
from portrait.channels.sms import SmsChannel
from portrait.channels.webhook import WebhookChannel
from portrait.composer import Composer
from portrait.dispatch import Desk, send_message
from portrait.faults import Unavailable
from portrait.hearing import listener
from portrait.learning.recommending import Recommender
from portrait.learning.taste import load
from portrait.message import decode_message
from portrait.settings import get_settings
from portrait.store import definitions, endpoints, portraits
from portrait.store.models import Champion
from portrait.store.secrets import secret
from portrait.store.session import client
from portrait.tickets import Tickets

RESERVE_MS = 25_000
"""What one message may take at worst: a push to devices of which the last does not answer."""

PUSH_TIMEOUT_SECONDS = 3.0
"""For each of up to three requests for a device."""

MODEL_PATIENCE_SECONDS = 1.0
"""For each of three small files, once a minute at most, and if a template asks for it."""

logger = Logger(service="dispatch")

_taste = Champion("taste", lambda model: load(model.export), patience=MODEL_PATIENCE_SECONDS)
_recommender = Recommender(_taste)


class Context(Protocol):
    """What is used of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Take a batch from the `messages` queue; return the messages the queue must keep.

    A message that cannot be read goes back too, and in the end to the dead-letter queue: only our
    own trigger writes here, so it may be one that a newer version can read.
    """
    desk = _desk()
    desk.composer.forget_connections()
    counts: Counter[str] = Counter()
    kept = []
    for record in event["Records"]:
        in_time = context.get_remaining_time_in_millis() > RESERVE_MS
        outcome = _send(record["body"], desk) if in_time else "kept.out_of_time"
        counts[outcome] += 1
        if outcome.startswith("kept."):
            kept.append({"itemIdentifier": record["messageId"]})
    if _taste.refused:
        told = {"model": _taste.name, "reason": _taste.refused, "kept": _taste.version}
        logger.error("a model was refused", extra=told)
    logger.info("messages handled", extra=dict(counts))
    return {"batchItemFailures": kept}


def _send(body: str, desk: Desk) -> str:
    """Send one message and say what became of it; no fault of one may reach its neighbours."""
    try:
        outcome = send_message(decode_message(body), desk)
    except Unavailable as fault:
        return f"kept.unavailable: {fault}"
    except msgspec.MsgspecError:
        return "kept.unreadable"
    except Exception as fault:  # its text could quote the customer, so only the place is logged
        where = {"fault": type(fault).__name__, "stack": traceback.format_tb(fault.__traceback__)}
        logger.error("message failed", extra=where)  # noqa: TRY400
        return "kept.fault"
    return f"{outcome.state}.{outcome.reason}" if outcome.reason else outcome.state


def _desk() -> Desk:
    settings = get_settings()
    catalogue = definitions.catalogue(_now())
    composer = Composer(catalogue, _channels(), secret(), settings.public_url, _recommender)
    return Desk(Tickets(portraits, _now, _pause, listener(catalogue)), composer)


def _channels() -> dict[str, Channel]:
    """Return every channel; what it sends through is made when a message needs it."""
    settings = get_settings()
    return {
        "email": EmailChannel(
            Connection(lambda: client("sesv2", attempts=1)),
            settings.sender_email,
            settings.ses_configuration_set,
            configuration_sets(settings.ses_configuration_sets),
        ),
        "sms": SmsChannel(
            Connection(lambda: client("pinpoint-sms-voice-v2", attempts=1)),
            settings.sms_origination,
            settings.sms_configuration_set,
            settings.sms_max_price,
        ),
        "push": PushChannel(
            Connection(lambda: client("sns", attempts=1, read_timeout=PUSH_TIMEOUT_SECONDS)),
            _now,
            {"ios": settings.apns_application_arn, "android": settings.fcm_application_arn},
        ),
        "webhook": WebhookChannel(
            secret(),
            _now,
            endpoints,
            random.random,
            private_hosts(settings.webhook_private_hosts),
        ),
    }


def _now() -> int:
    return time.time_ns() // 1_000_000


def _pause(attempt: int) -> None:
    # Full jitter, so that two writers that met once do not meet again.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))
