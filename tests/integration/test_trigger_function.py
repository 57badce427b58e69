"""The trigger function on a local AWS: a real stream record starts each campaign once."""

import json
import time

import pytest

from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait.event import encode_envelope
from portrait.faults import Unavailable
from portrait.store import definitions, journeys
from tests.integration.settling import entries, settle, stream
from tests.integration.test_profile_function import a_batch
from tests.local_aws import LocalAws
from tests.unit.core.campaigns import a_campaign, a_policy
from tests.unit.core.worlds import NOON, an_event


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    for document in (a_campaign(), a_policy()):
        definitions.publish(document, now=NOON, expected_version=0)


def now() -> int:
    return time.time_ns() // 1_000_000


def order(id: str, revenue: int = 150) -> str:
    # An order of long ago would start nothing.
    event = an_event(id, name="Order Completed", at=now(), properties={"revenue": revenue})
    return encode_envelope((event,))


def test_an_order_becomes_a_journey_and_a_message(aws: LocalAws):
    profile(a_batch(order("o1"), order("o2", revenue=5), sent_at=now()), None)

    (message,) = settle(aws)

    entry = journeys.find(message.journey)
    assert (entry.campaign, entry.arm, entry.version) == ("thanks", "treated", 1)
    assert message.happening["properties"] == {"revenue": 150}


def test_a_stream_that_is_read_twice_enters_nobody_twice(aws: LocalAws):
    profile(a_batch(order("o1"), sent_at=now()), None)

    messages = settle(aws) + settle(aws)

    assert len({message.id for message in messages}) == 1
    assert len(entries(aws, "thanks")) == 1


def test_a_queue_that_does_not_answer_leaves_the_record_on_the_stream(aws: LocalAws):
    sqs = aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="journeys")["QueueUrl"])
    profile(a_batch(order("o1"), sent_at=now()), None)

    with pytest.raises(Unavailable, match="the queue did not answer"):
        trigger(stream(aws), None)


def test_a_write_that_nobody_listens_to_carries_no_changes(aws: LocalAws):
    profile(a_batch(encode_envelope((an_event(name="Product Viewed"),))), None)

    images = [record["dynamodb"]["NewImage"] for record in stream(aws)["Records"]]

    assert images
    assert not any("changes" in image for image in images)
    assert "Product" not in json.dumps(images)
