"""Schedules: when a calendar campaign lets its customers in."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.cron import parse_cron
from portrait.definitions.fields import Clock, Duration, Form, Whole, time_zone
from portrait.definitions.parts import Part
from portrait.durations import milliseconds
from portrait.recurrence import CUSTOMER
from portrait.schedule import LATEST_MS, MOST_A_DAY, SCHEDULES

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _cron(text: str) -> str:
    try:
        cron = parse_cron(text)
    except ValueError as error:
        raise PydanticCustomError("cron", "{message}", {"message": str(error)}) from error
    if len(cron.times) > MOST_A_DAY:
        raise PydanticCustomError(
            "cron",
            "expected at most {most} times a day, got {times}: each goes over all customers",
            {"most": MOST_A_DAY, "times": len(cron.times)},
        )
    return " ".join(text.split())


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("form", "{message}", {"message": str(error)}) from error
    return text


def _zone(name: str) -> str:
    return name if name == CUSTOMER else time_zone(name)


LocalMoment = Annotated[
    str,
    Form(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", "a local time such as 2026-12-24T09:00"),
    AfterValidator(_moment),
]


class Weekly(Part):
    """Once on each of some days of the week."""

    on: Annotated[
        tuple[Weekday, ...],
        BeforeValidator(_listed, json_schema_input_type=Weekday | tuple[Weekday, ...]),
        Field(min_length=1, max_length=7),
    ]
    """The days, such as mon or [mon, thu]."""
    at: Clock
    """Local time of day, such as 09:00."""


class Monthly(Part):
    """Once a month."""

    day: Annotated[Whole, Field(ge=1, le=28)] | Literal["last"]
    """The day of the month, 1 to 28, or last: not every month has a day 29."""
    at: Clock
    """Local time of day, such as 09:00."""


class Schedule(Part):
    """One of cron, at, daily, weekly and monthly, by the clocks of a time zone.

    A time that daylight saving leaves out comes right after the gap; one that it repeats comes the
    first time only.
    """

    cron: Annotated[str, AfterValidator(_cron)] | None = None
    """Five fields, such as 0 9 * * MON-FRI: minute, hour, day of month (L is the last), month, day
    of week."""
    at: LocalMoment | None = None
    """Once, such as 2026-12-24T09:00."""
    daily: Clock | None = None
    """Every day at a time, such as 09:00."""
    weekly: Weekly | None = None
    """On some days of the week."""
    monthly: Monthly | None = None
    """On one day of every month."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "customer"
    """Whose clock: customer, each customer's own; or an IANA time zone for all of them."""
    valid_for: Duration = "6h"
    """How late it may begin, after an outage; what is later than that is missed. At most 1d."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        found = [name for name in SCHEDULES if getattr(self, name) is not None]
        if len(found) != 1:
            raise PydanticCustomError(
                "schedule",
                "expected one of {names}{found}",
                {
                    "names": ", ".join(SCHEDULES),
                    "found": f", got {' and '.join(found)}" if found else "",
                },
            )
        if milliseconds(self.valid_for) > LATEST_MS:
            raise PydanticCustomError("schedule", "valid_for: expected at most 1d")
        return self
