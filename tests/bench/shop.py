"""A shop's AWS account in memory: its tables, the starter campaigns, and customers with a past."""

import contextlib
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.bench.aws.capacity import Item
from tests.bench.aws.cloud import Cloud
from tests.bench.aws.dynamodb import Key, Table
from tests.bench.aws.wire import connected
from tests.bench.shoppers import Call, Shopper, call, shoppers, what
from tests.bench.template_values import tables
from tests.bench.traffic import WRITE_KEY, iso

QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012"
ENVIRONMENT: Mapping[str, str] = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "an-example-that-opens-nothing",
    "AWS_SESSION_TOKEN": "an-example-of-the-length-that-roles-have" * 8,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "portrait-bench",
    "STAGE": "bench",
    "PORTRAITS_TABLE": "portraits",
    "JOURNEYS_TABLE": "journeys",
    "DEFINITIONS_TABLE": "definitions",
    "DATA_BUCKET": "portrait-bench-data",
    "EVENTS_QUEUE_URL": f"{QUEUES}/events",
    "MESSAGES_QUEUE_URL": f"{QUEUES}/messages",
    "AUDIENCES_QUEUE_URL": f"{QUEUES}/audiences",
    "PAGES_QUEUE_URL": f"{QUEUES}/pages",
    "JOURNEYS_QUEUE_URL": f"{QUEUES}/journeys",
    "JOURNEYS_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:journeys",
    "JOURNEYS_DLQ_ARN": "arn:aws:sqs:us-east-1:123456789012:journeys-dlq",
    "SCHEDULE_GROUP": "portrait",
    "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/portrait-schedule",
    "EVENT_BUS": "portrait",
    "SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:portrait",
    "PUBLIC_URL": "https://api.shop.example.com",
    "SENDER_EMAIL": "hello@shop.example.com",
    "DEFINITIONS_MAX_AGE_SECONDS": "60",
    "POWERTOOLS_SERVICE_NAME": "portrait",
}
"""What template.yaml gives the functions. Set it before any of them is imported."""

SECRET = "0123456789abcdef" * 4
DAY_MS = 86_400_000
VISITS_DAYS_AGO = (61, 40, 27, 19, 11, 6, 3)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def settle() -> None:
    """Make this process look like one of the functions: no AWS account of anybody's is in reach."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT, AWS_CONFIG_FILE=os.devnull)
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


@dataclass(frozen=True)
class Shop:
    """Customers, what the tables hold of them, and how many events that came from."""

    people: Sequence[Shopper]
    past: int
    items: Mapping[str, Mapping[Key, Item]]

    def account(self) -> Cloud:
        """Return an account of its own in which the past has happened and nothing else."""
        cloud = account()
        for name, items in self.items.items():
            cloud.dynamodb.tables[name].items.update(items)
        return cloud


def account() -> Cloud:
    """Return an empty account with the tables of the template, and those of the textbook."""
    textbook = {
        "textbook-idempotency": Table(("id",)),
        "textbook-profiles": Table(("user_id",)),
        "textbook-events": Table(("user_id", "message_id")),
    }
    return Cloud({**tables(), **textbook}, secret=SECRET)


def open_shop(customers: int, profile: Handler, random: Random) -> Shop:
    """Return a shop with the starter campaigns and customers with a past of two months.

    The campaign that calls a webhook is paused: the other end is somebody else's machine.
    """
    people = shoppers(customers, random)
    with connected(account()) as cloud:
        publish()
        past = live_through(people, profile, random, now=time.time_ns() // 1_000_000)
        items = {name: dict(table.items) for name, table in cloud.dynamodb.tables.items()}
    return Shop(people, past, items)


def publish() -> None:
    from portrait.definitions.__main__ import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        options = {
            "--table": "definitions",
            "--write-key": f"shop={WRITE_KEY}",
            "--set": "campaign/high_value_order.status=paused",
        }
        code = main(["publish", *(word for option in options.items() for word in option)])
    if code:
        raise RuntimeError(f"the starters could not be published: {said.getvalue()}")


def forget_definitions() -> None:
    """Make the functions read the definitions of whichever account comes next."""
    from portrait.store import definitions

    definitions._held = definitions._Held()


def live_through(people: Sequence[Shopper], profile: Handler, random: Random, *, now: int) -> int:
    """Give the customers a past of two months; return how many events it had.

    Members signed up, said yes to the newsletter and ordered; visitors looked around. Yesterday
    everybody saw a page, so no item still says that something else was done to it.
    """
    count = 0
    for start in range(0, len(people), 50):
        few = people[start : start + 50]
        visits = [
            (visit(_said(person, age, random), now - age * DAY_MS), now - age * DAY_MS)
            for person in few
            for age in VISITS_DAYS_AGO
        ]
        at = now - DAY_MS
        yesterday = [(visit([call(each, "$page", random)], at), at) for each in few]
        for said in (visits, yesterday):
            count += sum(len(body["batch"]) for body, _ in said)
            tell(profile, said)
    return count


def tell(profile: Handler, visits: Sequence[tuple[Call, int]]) -> None:
    """Let profile have the bodies of visits, each as the queue took it at its instant."""
    records = [record(json.dumps(body), at) for body, at in visits if body["batch"]]
    if profile({"Records": records}, None)["batchItemFailures"]:
        raise RuntimeError("the past could not be written")


def visit(calls: Sequence[Call], at: int) -> Call:
    """Return what one customer did at an instant (UTC ms), as a queue message says it."""
    timed = [{**each, "timestamp": iso(at + 1000 * place)} for place, each in enumerate(calls)]
    return {"batch": timed, "sentAt": iso(at + 1000 * len(timed)), "writeKey": WRITE_KEY}


def _said(person: Shopper, age: int, random: Random) -> list[Call]:
    """Return what one customer does on one day: nothing at all on half of the days."""
    events: list[str] = []
    if age == VISITS_DAYS_AGO[0] and person.member:
        events = ["$page", "$identify", "Consent Granted", "Order Completed"]
    elif random.random() < (0.5 if person.member else 0.25):
        events = ["$page", *(what(person, random) for _ in range(random.randint(1, 7)))]
    if not person.member:
        events = [event for event in events if event != "$identify"]
    return [call(person, event, random) for event in events]


def record(body: str, at: int, *, id: str = "") -> dict[str, Any]:
    """Return a queue message as Lambda hands it to a function."""
    return {
        "messageId": id or f"past-{hash(body):x}",
        "receiptHandle": "AQEB" * 40,
        "body": body,
        "attributes": {"SentTimestamp": str(at), "ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }
