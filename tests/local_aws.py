"""An empty local AWS that holds what the template declares, for tests of portrait.store."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import urllib3

from portrait.settings import get_settings
from portrait.store import calendar_runs, secrets, session
from portrait.store.calendar_runs import CalendarItem
from portrait.store.definitions import DefinitionItem
from portrait.store.endpoints import EndpointItem
from portrait.store.journeys import JourneyItem
from portrait.store.portraits import PortraitItem
from tests.demo.ministack import CREDENTIALS, REGION
from tests.demo.stack import aws_client
from tests.demo.template import load, resources

TABLES = {  # logical id -> the name that portrait.store falls back on when it is given none
    "PortraitsTable": "portraits",
    "JourneysTable": "journeys",
    "DefinitionsTable": "definitions",
}
CREATED_WITH = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
BUCKET, BUS, SECRET = "data", "facts", "a secret of the tests"
QUEUES = {
    "EVENTS_QUEUE_URL": "events",
    "MESSAGES_QUEUE_URL": "messages",
    "JOURNEYS_QUEUE_URL": "journeys",
    "PAGES_QUEUE_URL": "pages",
    "AUDIENCES_QUEUE_URL": "audiences",
    "SCORES_QUEUE_URL": "scores",
}
TIMERS, ACCOUNT = "timers", "000000000000"


@dataclass(frozen=True)
class LocalAws:
    """A running MiniStack and the settings that point the product at it."""

    endpoint_url: str
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """Return a botocore client, made once per service."""
        if service not in self._clients:
            self._clients[service] = aws_client(self.endpoint_url, service)
        return self._clients[service]

    def fill(self) -> None:
        """Empty it, create what the template declares, and point portrait.settings at it."""
        urllib3.request("POST", f"{self.endpoint_url}/_ministack/reset", timeout=30)
        os.environ.update(self._create())
        forget_settings()

    def _create(self) -> Mapping[str, str]:
        tables = resources(load(), "AWS::DynamoDB::Table")
        for logical_id, name in TABLES.items():
            create_table(self.client("dynamodb"), name, tables[logical_id])
        self.client("s3").create_bucket(Bucket=BUCKET)
        self.client("events").create_event_bus(Name=BUS)
        secret = self.client("secretsmanager").create_secret(Name="secret", SecretString=SECRET)
        queue = partial(self.client("sqs").create_queue)
        urls = {setting: queue(QueueName=name)["QueueUrl"] for setting, name in QUEUES.items()}
        place = {"AWS_ENDPOINT_URL": self.endpoint_url, "AWS_DEFAULT_REGION": REGION}
        settings = {"DATA_BUCKET": BUCKET, "EVENT_BUS": BUS, "SECRET_ARN": secret["ARN"]}
        always = {"DEFINITIONS_MAX_AGE_SECONDS": "0"}  # each test sees what it has published
        return CREDENTIALS | place | settings | urls | always | self._create_timers()

    def _create_timers(self) -> Mapping[str, str]:
        self.client("scheduler").create_schedule_group(Name=TIMERS)
        sqs = self.client("sqs")
        sqs.create_queue(QueueName="journeys-dlq")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:journeys"
        return {
            "SCHEDULE_GROUP": TIMERS,
            "SCHEDULE_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/timers",
            "JOURNEYS_QUEUE_ARN": arn,
            "JOURNEYS_DLQ_ARN": f"{arn}-dlq",
        }


def forget_settings() -> None:
    """Make the product read its settings anew, and whatever it made by them."""
    for remembered in (get_settings, session.client, secrets.secret):
        remembered.cache_clear()
    for model in (PortraitItem, JourneyItem, DefinitionItem, CalendarItem, EndpointItem):
        model._connection = None  # PynamoDB keeps the endpoint it first used
    calendar_runs._noted.clear()


def create_table(dynamodb: Any, name: str, properties: Mapping[str, Any]) -> None:
    """Create a table with the keys, indexes and stream of its template properties."""
    shape = {key: properties[key] for key in CREATED_WITH if key in properties}
    if stream := properties.get("StreamSpecification"):
        shape["StreamSpecification"] = {"StreamEnabled": True, **stream}
    dynamodb.create_table(TableName=name, **shape)
