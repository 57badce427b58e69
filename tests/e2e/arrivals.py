"""What arrived from a client: the rows that the archive has of its source."""

import gzip
import json
import time
from typing import Any

from tests.demo.stack import Stack

SECONDS_TO_ARRIVE = 60
SECONDS_OF_SILENCE = 2
"""After which nothing more is on its way: a client repeats at once what it takes for lost."""


def arrived(stack: Stack, source: str, *, expected: int) -> list[dict[str, Any]]:
    """Return all events of a source once as many as expected are there, and nothing follows them.

    A row is there once for each time its event was queued, so a repeated event is in it twice.
    """
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    while len(rows(stack, source)) < expected and time.monotonic() < deadline:
        time.sleep(0.25)
    time.sleep(SECONDS_OF_SILENCE)
    return rows(stack, source)


def rows(stack: Stack, source: str) -> list[dict[str, Any]]:
    """Return the archived events of a source."""
    s3, bucket = stack.client("s3"), stack.data_bucket
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/")
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    lines = [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]
    return [line for line in lines if line["source"] == source]


def check_calls(found: list[dict[str, Any]]) -> None:
    """Assert that each of the six calls that every client script makes is there once, and whole."""
    calls = {row["kind"]: row for row in found}
    assert sorted(row["kind"] for row in found) == sorted(calls)
    assert set(calls) == {"identify", "track", "page", "screen", "group", "alias"}
    assert len({row["id"] for row in found}) == len(found)
    assert calls["identify"]["traits"] == {"plan": "pro"}  # the archive keeps no addresses
    assert len(calls["identify"]["homes"]) == 3  # user id, e-mail, anonymous id
    assert calls["track"]["name"] == "Order Completed"
    assert calls["track"]["properties"] == {"order_id": "o1", "revenue": 25.5}
    assert calls["page"]["name"] == calls["screen"]["name"] == "Boots"
    assert calls["page"]["properties"]["category"] == "Shoes"
    assert calls["screen"]["properties"] == {"size": 43, "category": "Shoes"}
    assert calls["group"]["properties"] == {"groupId": "firm-1", "traits": {"employees": 3}}
    assert calls["alias"]["homes"][0] == calls["identify"]["homes"][0]
    assert all(row["original_timestamp"] and row["sent_at"] for row in found)
