"""The profile function on a local AWS: applied once, archived without names, nothing lost."""

import gzip
import json
import threading

import pytest

from functions.profile.handler import handler
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.store import portraits
from tests.local_aws import BUCKET, SECRET, LocalAws
from tests.unit.core.worlds import NOON, an_event


def a_batch(*bodies: str, sent_at: int = NOON) -> dict:
    """Return an SQS event with the bodies as messages m0, m1, ….."""
    records = [
        {"messageId": f"m{i}", "body": body, "attributes": {"SentTimestamp": str(sent_at)}}
        for i, body in enumerate(bodies)
    ]
    return {"Records": records}


def objects(aws: LocalAws, prefix: str) -> list[dict]:
    """Return the rows of every JSON Lines object under the prefix."""
    s3 = aws.client("s3")
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]
    rows = []
    for key in keys:
        body = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        rows += [json.loads(line) for line in body.splitlines()]
    return rows


def events_of(user: str) -> int:
    record = portraits.follow(home(SECRET.encode(), "user_id", user))
    return sum(strand.events for strand in record.portrait.strands.values()) if record else 0


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    """Every test here starts on an empty AWS."""


def test_a_batch_is_applied_once_however_often_it_is_delivered():
    events = [an_event(f"m{i}", who={"user_id": "u1", "anonymous_id": "a1"}) for i in range(5)]
    batch = a_batch(encode_envelope(tuple(events[:3])), encode_envelope(tuple(events[2:])))

    assert handler(batch, None) == {"batchItemFailures": []}
    assert handler(batch, None) == {"batchItemFailures": []}
    assert events_of("u1") == 5


def test_the_archive_can_be_learnt_from_and_names_nobody(aws: LocalAws):
    who = {"user_id": "customer-17", "email": "anna@mail.example", "anonymous_id": "cookie-99"}
    traits = {"email": "anna@mail.example", "name": "Anna-Karin", "plan": "gold"}
    page = {"url": "https://shop.example/?to=anna%40mail.example&x=1"}
    properties = {
        "note": "call anna@mail.example",
        "name": "Coffee",
        "total": 5,
        "customer": "Customer-17",
    }
    identify = an_event("m1", kind="identify", name="", who=who, traits=traits)
    track = an_event("m2", who=who, properties=properties, context={"page": page})

    handler(a_batch(encode_envelope((identify, track))), None)

    rows = objects(aws, "events/")
    text = json.dumps(rows)
    for name in ("customer-17", "anna", "Anna-Karin", "cookie-99"):
        assert name not in text
    assert rows[0]["traits"] == {"plan": "gold"}
    assert rows[1]["properties"] == {
        "note": "call [address]",
        "name": "Coffee",
        "total": 5,
        "customer": "[identifier]",
    }
    assert rows[1]["homes"][0] == home(SECRET.encode(), "user_id", "customer-17")


def test_a_malformed_message_is_set_aside_with_its_reason_and_harms_nobody(aws: LocalAws):
    good = encode_envelope((an_event(who={"user_id": "u1"}),))

    answer = handler(a_batch("{not json", good, '{"type":"track","event":"x"}'), None)

    assert answer == {"batchItemFailures": []}
    assert events_of("u1") == 1
    reasons = {row["receipt"]: row["reason"] for row in objects(aws, "quarantine/")}
    assert reasons == {"m0:0": "invalid_json", "m2:0": "no_identifier"}


def test_nothing_is_applied_that_could_not_be_archived_first(aws: LocalAws):
    aws.client("s3").delete_bucket(Bucket=BUCKET)
    batch = a_batch(encode_envelope((an_event(who={"user_id": "u1"}),)))

    assert handler(batch, None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert events_of("u1") == 0

    aws.client("s3").create_bucket(Bucket=BUCKET)
    assert handler(batch, None) == {"batchItemFailures": []}
    assert events_of("u1") == 1


def test_only_the_refused_stay_on_the_queue_when_the_quarantine_fails(aws: LocalAws):
    aws.client("s3").delete_bucket(Bucket=BUCKET)

    answer = handler(a_batch("{not json"), None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


def test_many_writers_at_once_lose_and_double_nothing():
    def deliver(writer: int) -> None:
        for start in range(0, 30, 3):
            events = tuple(
                an_event(f"m{writer}-{start + i}", who={"user_id": f"u{(start + i) % 3}"})
                for i in range(3)
            )
            batch = a_batch(encode_envelope(events))
            while handler(batch, None)["batchItemFailures"]:
                pass

    threads = [threading.Thread(target=deliver, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [events_of(f"u{number}") for number in range(3)] == [40, 40, 40]


def test_concurrent_logins_that_tie_the_same_people_end_in_one_customer():
    def deliver(writer: int) -> None:
        who = {"user_id": "u1", "anonymous_id": f"a{writer}", "email": "x@y.se"}
        seen = an_event(f"s{writer}", who={"anonymous_id": f"a{writer}"})
        tied = an_event(f"t{writer}", who=who)
        for event in (seen, tied):
            batch = a_batch(encode_envelope((event,)))
            while handler(batch, None)["batchItemFailures"]:
                pass

    threads = [threading.Thread(target=deliver, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    root = home(SECRET.encode(), "user_id", "u1")
    assert events_of("u1") == 12
    for writer in range(6):
        record = portraits.follow(home(SECRET.encode(), "anonymous_id", f"a{writer}"))
        assert record is not None
        assert record.home == root
