"""What the project has set itself, at 20 events a POST and 4 of a customer in a batch."""

from typing import NamedTuple


class Bar(NamedTuple):
    """A figure that must not be passed, and the one to aim at; None where only one was set."""

    name: str
    unit: str
    bar: float
    aim: float | None = None


REQUESTS = Bar("AWS requests of ingest and profile", "per event", 0.35)
WRITE_UNITS = Bar("DynamoDB write units of ingest and profile", "per event", 1.0, 0.25)
INVOCATIONS = Bar("Lambda invocations, all functions", "per 1,000 events", 55)
DOLLARS = Bar("dollars without SES", "per million events", 0.80, 0.35)
INGEST_CPU = Bar("ingest, processor time", "x bare validation", 7)
PROFILE_CPU = Bar("profile, processor time", "x bare validation", 60)
INGEST_COLD = Bar("ingest, cold import", "x import boto3", 1.6, 1.15)
PROFILE_COLD = Bar("profile, cold import", "x import boto3", 2.0, 1.2)


def verdict(value: float, limit: float | None) -> str:
    """Return the limit with a plain word for whether the value keeps it."""
    if limit is None:
        return ""
    return f"{limit:g} {'met' if value <= limit else 'MISSED'}"
