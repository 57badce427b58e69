"""EventBridge Scheduler in memory: one-shot schedules, fired by whoever asks what is due.

Source: Amazon EventBridge Scheduler API Reference.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.aws.clock import Clock
from tests.faults.aws.refusals import Refused

Request = Mapping[str, Any]
GROUP = "default"
_NAME = re.compile(r"[0-9a-zA-Z\-_.]{1,64}")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_MUST = ("ScheduleExpression", "FlexibleTimeWindow", "Target")


class Schedules(dict[tuple[str, str], dict[str, Any]]):
    """Schedules by group and name, as they were last written.

    Attributes:
        linger_ms: for how long a schedule that fired is still there before it is deleted; what is
            written under its name meanwhile is deleted with it.
    """

    linger_ms = 0

    def __init__(self) -> None:
        super().__init__()
        self.doomed: dict[tuple[str, str], int] = {}

    def due(self, now: int) -> list[dict[str, Any]]:
        """Fire what is due at `now` (UTC ms), earliest first; return the schedules that fired.

        Each fires once; what has `ActionAfterCompletion: DELETE` is gone afterwards.
        """
        self.purge(now)
        firing = [one for one in self.values() if not one["Fired"] and one["At"] <= now
                  and one.get("State", "ENABLED") == "ENABLED"]  # fmt: skip
        for one in firing:
            one["Fired"] = True
            if one.get("ActionAfterCompletion") == "DELETE":
                self.doomed[one["GroupName"], one["Name"]] = now + self.linger_ms
        self.purge(now)
        return sorted(firing, key=lambda one: one["At"])

    def purge(self, now: int) -> None:
        """Delete what fired long enough ago."""
        for key in [key for key, at in self.doomed.items() if at <= now]:
            del self.doomed[key]
            self.pop(key, None)

    def next_at(self) -> int | None:
        """Return when the next schedule is due (UTC ms), or None."""
        return min((one["At"] for one in self.values() if not one["Fired"]), default=None)


class Scheduler:
    """The schedules, and what their clients may ask of them."""

    def __init__(self, clock: Clock, region: str, account: str) -> None:
        self.clock, self.schedules = clock, Schedules()
        self._arn = f"arn:aws:scheduler:{region}:{account}:schedule"
        self._operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "CreateSchedule": self._create,
            "DeleteSchedule": self._delete,
            "GetSchedule": self._get,
            "UpdateSchedule": self._update,
        }

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Do what the request says.

        Raises:
            Refused: it is malformed, or the schedule exists where it must not, or the reverse.
        """
        self.schedules.purge(self.clock.now_ms)
        if not _NAME.fullmatch(request["Name"]):
            raise _invalid("Name failed to satisfy constraint: [0-9a-zA-Z-_.]{1,64}")
        return self._operations[operation](request)

    def _create(self, request: Request) -> dict[str, Any]:
        key, token = _key(request), request.get("ClientToken")
        written = _written(request)
        there = self.schedules.get(key)
        if there is not None:
            if token is None or there.get("ClientToken") != token:
                raise Refused("ConflictException", f"Schedule {key[1]} already exists.", status=409)
            return {"ScheduleArn": self._named(key)}
        self.schedules[key] = written
        return {"ScheduleArn": self._named(key)}

    def _update(self, request: Request) -> dict[str, Any]:
        key = _key(request)
        written = _written(request)
        self._known(key)
        self.schedules[key] = written
        return {"ScheduleArn": self._named(key)}

    def _get(self, request: Request) -> dict[str, Any]:
        key = _key(request)
        known = self._known(key)
        told = {name: value for name, value in known.items() if name not in ("At", "Fired")}
        told.pop("ClientToken", None)
        return {"Arn": self._named(key), "State": "ENABLED", **told}

    def _delete(self, request: Request) -> dict[str, Any]:
        self._known(_key(request))
        del self.schedules[_key(request)]
        self.schedules.doomed.pop(_key(request), None)
        return {}

    def _known(self, key: tuple[str, str]) -> dict[str, Any]:
        if key not in self.schedules:
            raise Refused(
                "ResourceNotFoundException", f"Schedule {key[1]} does not exist.", status=404
            )
        return self.schedules[key]

    def _named(self, key: tuple[str, str]) -> str:
        return f"{self._arn}/{key[0]}/{key[1]}"


def _key(request: Request) -> tuple[str, str]:
    return request.get("GroupName", GROUP), request["Name"]


def _written(request: Request) -> dict[str, Any]:
    if missing := [field for field in _MUST if field not in request]:
        raise _invalid(f"{missing[0]} must not be null")
    match = _AT.fullmatch(request["ScheduleExpression"])
    if match is None:
        raise _invalid(f"Invalid Schedule Expression {request['ScheduleExpression']}.")
    try:
        zone = ZoneInfo(request.get("ScheduleExpressionTimezone") or "UTC")
        local = datetime.fromisoformat(match[1]).replace(tzinfo=zone)
    except (KeyError, ValueError) as error:
        raise _invalid("Invalid Schedule Expression") from error
    at = int(local.timestamp() * 1000)
    return {"GroupName": GROUP, **request, "At": at, "Fired": False}


def _invalid(message: str) -> Refused:
    return Refused("ValidationException", message)
