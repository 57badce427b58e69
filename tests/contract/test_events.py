"""events/ holds full envelopes, as AWS makes them, for every function."""

import json

import pytest

from tests.contract.conftest import FUNCTIONS
from tests.demo.environments import ROOT

CASES = sorted((ROOT / "events").glob("*/*.json"))
SOURCES = {"SQS": "aws:sqs", "DynamoDB": "aws:dynamodb"}
REQUEST = {"version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext"}
MESSAGE = {"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"}
SCHEDULED = {"version", "id", "detail-type", "source", "account", "time", "region", "resources"}
CHANGE = {"eventID", "eventName", "eventVersion", "awsRegion", "dynamodb"}


def event_types_of(folder):
    """Return what wakes the function of a folder: HTTP, or some of SQS, DynamoDB and Schedule."""
    events = FUNCTIONS[f"{folder.capitalize()}Function"].get("Events", {})
    return {event["Type"] for event in events.values()} or {"HTTP"}


def test_every_function_has_a_case_and_every_folder_a_function():
    folders = {path.parent.name for path in CASES}
    assert folders == {name.removesuffix("Function").lower() for name in FUNCTIONS}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_is_the_whole_envelope(path):
    event, kinds = json.loads(path.read_text()), event_types_of(path.parent.name)
    kind = "Schedule" if "detail" in event else next(iter(kinds - {"Schedule"}))

    assert kind in kinds
    if kind == "HTTP":
        assert event.keys() >= REQUEST
        assert event["version"] == "2.0"
        return
    if kind == "Schedule":
        assert event.keys() == SCHEDULED | {"detail"}
        assert event["source"] == "aws.events"
        return
    parts = {"SQS": MESSAGE, "DynamoDB": CHANGE}[kind] | {"eventSource", "eventSourceARN"}
    for record in event["Records"]:
        assert record.keys() >= parts
        assert record["eventSource"] == SOURCES[kind]
