"""Segments on a local AWS: time alone takes a customer out, by one timer that really fires."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from functions.journey.handler import handler as journey
from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.store import definitions, portraits, schedules
from portrait.waking import Wake, read_wake
from tests.demo.stack import Stack
from tests.integration.settling import stream
from tests.integration.test_profile_function import a_batch
from tests.integration.test_trigger_function import now
from tests.local_aws import BUS, QUEUES, SECRET, TIMERS, LocalAws
from tests.unit.core.worlds import an_event

LOOKING = {
    "kind": "segment",
    "key": "looking",
    "name": "Looking around right now",
    "where": {"event": "Product Viewed", "within": "1m", "at_least": 1},
}
AGO_MS = 50_000
"""What happened so long ago leaves a window of a minute soon."""


def eventually(look: Callable[[], Any], seconds: float) -> Any:
    """Return the first true answer of `look`, or its last one when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return answer


def listen(client: Callable[[str], Any], bus: str) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that gives the segment facts told on the bus since it was last asked."""
    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName="segment-facts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"detail-type": ["Segment Entered", "Segment Left"]})
    events.put_rule(Name="segments", EventBusName=bus, EventPattern=pattern)
    target = {"Id": "queue", "Arn": arn["QueueArn"]}
    events.put_targets(Rule="segments", EventBusName=bus, Targets=[target])

    def told() -> list[dict[str, Any]]:
        facts = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            facts += [json.loads(message["Body"]) for message in found]
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return facts

    return told


def short(facts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(fact["detail-type"], fact["detail"]["segment"]) for fact in facts]


@pytest.fixture
def published(aws: LocalAws) -> LocalAws:
    definitions.publish(LOOKING, now=1, expected_version=0)
    return aws


def timers(aws: LocalAws) -> list[str]:
    found = aws.client("scheduler").list_schedules(GroupName=TIMERS)["Schedules"]
    return [one["Name"] for one in found if one["GroupName"] == TIMERS]


def received(aws: LocalAws) -> list[str]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUES["JOURNEYS_QUEUE_URL"])["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in found]


def calls(bodies: list[str]) -> dict[str, Any]:
    """Return the bodies as a batch for the journey function."""
    return {"Records": [{"messageId": f"c{i}", "body": body} for i, body in enumerate(bodies)]}


def views(*ids: str, ago: int = AGO_MS) -> dict[str, Any]:
    happened, at = now() - ago, now()
    events = [an_event(id, at=happened, received_at=at) for id in ids]
    return a_batch(*(encode_envelope((event,)) for event in events), sent_at=at)


def test_a_view_becomes_a_timer_that_fires_once_and_takes_the_customer_out(published: LocalAws):
    told = listen(published.client, BUS)
    profile(views("v1", "v2"), None)
    trigger(stream(published), None)
    trigger(stream(published), None)
    (name,) = timers(published)
    assert {*short(told())} == {("Segment Entered", "looking")}

    bodies = eventually(lambda: received(published), 40)
    late = now() - int(name.rpartition("-")[2])
    journey(calls(bodies), None)
    trigger({"Records": stream(published)["Records"][-1:]}, None)

    (wake,) = map(read_wake, bodies)
    assert f"{wake.home}-{wake.due_at}" == name
    assert 0 <= late < 60_000
    (left,) = told()
    assert short([left]) == [("Segment Left", "looking")]
    assert left["detail"]["at"] == wake.due_at
    assert eventually(lambda: not timers(published), 15)
    record = portraits.follow(home(SECRET.encode(), "user_id", "u1"))
    assert (record.due_at, record.portrait.segments) == (None, {})


def test_a_timer_is_set_and_put_away_however_often_that_is_asked(aws: LocalAws):
    wake = Wake(home="abc", due_at=now() + 3_600_500)

    schedules.arm(wake)
    schedules.arm(wake)
    assert timers(aws) == [f"abc-{wake.due_at}"]

    schedules.disarm(wake)
    schedules.disarm(wake)
    assert timers(aws) == []


def test_a_timer_is_told_whom_to_wake_and_deletes_itself(aws: LocalAws):
    wake = Wake(home="abc", due_at=1_900_000_000_001)
    schedules.arm(wake)

    schedule = aws.client("scheduler").get_schedule(GroupName=TIMERS, Name="abc-1900000000001")

    assert schedule["ScheduleExpression"] == "at(2030-03-17T17:46:41)"  # never early
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert read_wake(schedule["Target"]["Input"]) == wake


def test_the_deployed_product_takes_a_customer_out_of_a_segment_by_time_alone(stack: Stack):
    stack.client("dynamodb").put_item(
        TableName=stack.definitions_table,
        Item={
            "shelf": {"S": "current"},
            "slot": {"S": "segment#looking"},
            "version": {"N": "1"},
            "document": {"S": json.dumps(LOOKING)},
            "published_at": {"N": "1"},
        },
    )
    told = listen(stack.client, stack.bus)
    time.sleep(2)  # definitions are read again after a second

    facts: list[dict[str, Any]] = []

    def ask(kind: str) -> bool:
        facts.extend(told())
        return kind in [fact["detail-type"] for fact in facts]

    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now() - 40_000) / 1000))
    view = {"type": "track", "event": "Product Viewed", "userId": "timed", "timestamp": at}
    stack.client("sqs").send_message(
        QueueUrl=stack.events_queue_url, MessageBody=json.dumps({**view, "messageId": "timed-1"})
    )
    assert eventually(lambda: ask("Segment Entered"), 30)
    assert eventually(lambda: ask("Segment Left"), 60)

    assert short(facts) == [("Segment Entered", "looking"), ("Segment Left", "looking")]
    left = facts[-1]["detail"]
    assert left["at"] - left["since"] < 60_000
