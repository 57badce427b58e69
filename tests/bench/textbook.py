"""The peer to beat: the handlers that the documentation of Powertools, PynamoDB and boto3 shows.

Validated by models at the door, one queue message per event, idempotency by Powertools' DynamoDB
layer, a profile read and saved, an item for the event, a fact on the bus, two log lines for each.
"""

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from pydantic import BaseModel
from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.models import Model

from tests.bench.validation import SegmentEvent

REGION = os.environ["AWS_REGION"]
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/textbook"
TIMELINE = 10

logger = Logger(service="textbook")
app = APIGatewayHttpResolver(enable_validation=True)
sqs = boto3.client("sqs")
events = boto3.client("events")
once = IdempotencyConfig(event_key_jmespath="message_id")
persistence = DynamoDBPersistenceLayer("textbook-idempotency")
processor = BatchProcessor(event_type=EventType.SQS)


class Batch(BaseModel):
    """Body of `POST /v1/batch`."""

    batch: list[SegmentEvent]


class ProfileItem(Model):
    """One customer: traits, counters by event and day, the last interactions."""

    class Meta:
        table_name = "textbook-profiles"
        region = REGION

    user_id = UnicodeAttribute(hash_key=True)
    traits = JSONAttribute(default=dict)
    counters = JSONAttribute(default=dict)
    timeline = JSONAttribute(default=list)
    events = NumberAttribute(default=0)
    last_seen = UTCDateTimeAttribute(null=True)
    version = VersionAttribute()


class EventItem(Model):
    """One event as it came."""

    class Meta:
        table_name = "textbook-events"
        region = REGION

    user_id = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(range_key=True)
    body = JSONAttribute()
    received_at = UTCDateTimeAttribute()


@app.post("/v1/batch")
def collect(batch: Batch) -> dict[str, bool]:
    for event in batch.batch:
        body = event.model_dump_json(by_alias=True, exclude_none=True)
        sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=body)
        logger.info("event queued", extra={"message_id": event.message_id, "type": event.type})
    return {"success": True}


def ingest(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Queue the events of one POST."""
    return app.resolve(event, context)


def profile(event: dict[str, Any], context: Any) -> Any:
    """Apply a batch of the queue, record by record."""
    once.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=_record, processor=processor, context=context
    )


def _record(record: SQSRecord) -> None:
    event = SegmentEvent.model_validate_json(record.body)
    _apply(event=event.model_dump(mode="json", exclude_none=True))


@idempotent_function(data_keyword_argument="event", persistence_store=persistence, config=once)
def _apply(event: dict[str, Any]) -> dict[str, str]:
    now = datetime.now(UTC)
    customer = event.get("user_id") or event["anonymous_id"]
    name = event.get("event") or event["type"]
    profile = _find_or_new(customer)
    profile.traits.update(event.get("traits", {}))
    days = profile.counters.setdefault(name, {})
    days[f"{now:%Y-%m-%d}"] = days.get(f"{now:%Y-%m-%d}", 0) + 1
    profile.timeline = [[event["timestamp"], name], *profile.timeline][:TIMELINE]
    profile.events += 1
    profile.last_seen = now
    profile.save()
    EventItem(customer, event["message_id"], body=event, received_at=now).save()
    detail = json.dumps({"user_id": customer, "message_id": event["message_id"], "name": name})
    entry = {"Source": "textbook", "DetailType": "Profile Updated", "Detail": detail}
    events.put_events(Entries=[entry])
    logger.info("profile updated", extra={"message_id": event["message_id"], "event": name})
    return {"status": "applied"}


def _find_or_new(user_id: str) -> ProfileItem:
    try:
        return ProfileItem.get(user_id)
    except ProfileItem.DoesNotExist:
        return ProfileItem(user_id)
