"""Schedules: when a calendar campaign happens, by the customers' clocks or the company's."""

from typing import Annotated

from portrait.definitions.fields import Form, Line, TimeZone
from portrait.definitions.parts import Part


class Schedule(Part):
    """An hour that comes once or again and again."""

    cron: Line | None = None
    """Five fields of cron: minute, hour, day of the month, month, day of the week."""
    at: (
        Annotated[
            str,
            Form(
                r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", "a local date and time such as 2026-12-24T09:00"
            ),
        ]
        | None
    ) = None
    """Once: a local date and time."""
    time_zone: TimeZone | None = None
    """An IANA zone; not given, the customer's own, so that nine o'clock is nine o'clock for all."""
