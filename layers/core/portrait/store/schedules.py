"""EventBridge Scheduler: one-shot timers that wake a portrait and then delete themselves."""

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store.session import client
from portrait.waking import Wake, encode_wake

_ARMED = "ConflictException"
_GONE = "ResourceNotFoundException"


def arm(wake: Wake) -> None:
    """Set a timer that puts the wake on the journeys queue, unless it is set already.

    A schedule that has fired lingers for a moment before it is deleted, and one set anew under its
    name would be deleted with it: so the instant is part of the name.

    Raises:
        Unavailable: Scheduler did not take it.
    """
    settings = get_settings()
    call = {
        "Name": _name(wake),
        "GroupName": settings.schedule_group,
        "ScheduleExpression": f"at({_moment(wake.due_at)})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": settings.journeys_queue_arn,
            "RoleArn": settings.schedule_role_arn,
            "Input": encode_wake(wake),
            # Whoever redrives this queue sends the wakes where they were to go.
            "DeadLetterConfig": {"Arn": settings.journeys_dlq_arn},
        },
    }
    try:
        client("scheduler").create_schedule(**call)
    except (BotoCoreError, ClientError) as error:
        _pardon(error, _ARMED)


def disarm(wake: Wake) -> None:
    """Put a timer away, if it still is there.

    Raises:
        Unavailable: Scheduler did not answer.
    """
    group = get_settings().schedule_group
    try:
        client("scheduler").delete_schedule(Name=_name(wake), GroupName=group)
    except (BotoCoreError, ClientError) as error:
        _pardon(error, _GONE)


def _name(wake: Wake) -> str:
    return f"{wake.home}-{wake.due_at}"


def _moment(at: int) -> str:
    """Return the first whole second that is not before `at`, as Scheduler writes it."""
    return f"{datetime.fromtimestamp(-(-at // 1000), UTC):%Y-%m-%dT%H:%M:%S}"


def _pardon(error: BotoCoreError | ClientError, expected: str) -> None:
    answer: dict[str, Any] = getattr(error, "response", None) or {}  # a lost connection has None
    if answer.get("Error", {}).get("Code") != expected:
        raise Unavailable(f"the scheduler did not answer: {type(error).__name__}") from error
