"""The inbox on a local AWS: an answer at the till is gone from the web, and moves the dialogue."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import urllib3

from functions.dispatch.handler import handler as dispatch
from functions.inbox.handler import handler, logger
from functions.profile.handler import handler as profile
from portrait.definitions.documents import canonical, parse
from portrait.event import decode_envelope, encode_envelope
from portrait.identity import home
from portrait.message import Message, encode_message
from portrait.store import definitions, portraits
from tests.demo.shop_day import WRITE_KEYS, publish
from tests.demo.stack import Stack
from tests.integration.test_profile_function import a_batch
from tests.local_aws import QUEUES, SECRET, LocalAws
from tests.unit.core.worlds import an_event

ENVELOPES = Path(__file__).parents[2] / "events"
ANNA = "anna@mail.example"
OFFER = "0123456789abcdef01234567"
KEYS = {"till": "wk_till_0123456789abcdef", "web": "wk_web_0123456789abcdef"}
TEMPLATE = {
    "kind": "template", "key": "coffee", "channel": "inbox",
    "title": "Coffee, {{ customer.firstName | default: 'friend' }}", "text": "A free cup.",
}  # fmt: skip
CAMPAIGN = {
    "kind": "campaign", "key": "coffee_hour", "name": "Coffee hour", "purpose": "marketing",
    "entry": {"event": "Coffee Machine Registered"},
    "steps": [
        {"name": "coffee", "offer": {"template": "coffee", "channels": ["web", "till"]}},
        {
            "wait_for": {
                "branches": [
                    {
                        "name": "yes", "event": "Offer Accepted", "to": "coffee",
                        "steps": [{"task": {"template": "brew", "channels": ["till"]}}],
                    }
                ],
                "timeout": "7d",
            }
        },
    ],
}  # fmt: skip
BREW = {**TEMPLATE, "key": "brew", "title": "Brew it", "script": "With milk?"}


def now() -> int:
    return time.time_ns() // 1_000_000


def document(raw: dict[str, Any]) -> dict[str, Any]:
    return canonical(parse(raw, raw["key"]))


def basic(key: str) -> dict[str, str]:
    return urllib3.make_headers(basic_auth=f"{key}:")


# ─── Through the handlers ─────────────────────────────────────────────────────────────────────────


class Context:
    """Lambda's context with time to spare."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def inbox(aws: LocalAws) -> LocalAws:
    """Anna, who is known by three identifiers and has a coffee on offer."""
    kinds = {"till": "server", "web": "browser"}
    for key, kind in kinds.items():
        source = {"kind": "source", "key": key, "name": key, "type": kind}
        keyed = canonical(parse(source, key)) | {"write_keys": [_hashed(KEYS[key])]}
        definitions.publish(keyed, now=1, expected_version=0)
    for raw in (TEMPLATE, {"kind": "policy", "key": "default"}):
        definitions.publish(document(raw), now=1, expected_version=0)
    who = {"user_id": "u1", "email": ANNA, "anonymous_id": "c1"}
    traits = {"firstName": "Anna"}
    tell(an_event("i1", kind="identify", name="", at=now(), who=who, traits=traits))
    at = home(SECRET.encode(), "user_id", "u1")
    message = Message(
        id=OFFER, journey="j1", home=at, strand=at, campaign="winback", version=1, step="coffee",
        channel="inbox", template="coffee", purpose="marketing", arm="treated",
        occurred_at=now(), received_at=now(), expires_at=now() + 86_400_000, pull=("web", "till"),
    )  # fmt: skip
    record = {"messageId": "m1", "body": encode_message(message)}
    assert dispatch({"Records": [record]}, Context()) == {"batchItemFailures": []}
    return aws


def _hashed(key: str) -> dict[str, str]:
    return {"sha256": sha256(key.encode()).hexdigest(), "last4": key[-4:]}


def tell(*events: Any) -> None:
    batch = a_batch(encode_envelope(events), sent_at=max(each.received_at for each in events))
    assert profile(batch, None) == {"batchItemFailures": []}


def asked(envelope: str, **changes: Any) -> tuple[int, Any]:
    event = json.loads((ENVELOPES / f"inbox/{envelope}.json").read_text())
    answer = handler({**event, **changes}, None)
    return answer["statusCode"], json.loads(answer["body"])


def titles(envelope: str, **changes: Any) -> list[str]:
    status, told = asked(envelope, **changes)
    assert status == 200
    return [one["content"]["title"] for one in told["offers"]]


ON_THE_WEB = {"rawPath": "/v1/inbox/anonymous_id:c1", "rawQueryString": "channel=web"}


def receive(aws: LocalAws) -> list[str]:
    """Take what is on the events queue, for the profile function."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUES["EVENTS_QUEUE_URL"])["QueueUrl"]
    bodies: list[str] = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def test_an_answer_at_the_till_is_queued_once_folded_once_and_gone_from_the_web(inbox: LocalAws):
    assert titles("waiting_at_till") == ["Coffee, Anna"]
    assert titles("browser_asks_by_email", **ON_THE_WEB) == ["Coffee, Anna"]
    assert asked("shown_in_browser")[0] == 202
    assert [asked("accept_at_till")[0] for _ in range(2)] == [202, 202]

    bodies = receive(inbox)
    assert len(bodies) == 3
    for _ in range(2):  # a queue delivers at least once
        assert profile(a_batch(*bodies, sent_at=now()), None) == {"batchItemFailures": []}

    assert titles("browser_asks_by_email", **ON_THE_WEB) == []
    assert asked("accept_at_till")[0] == 200
    assert receive(inbox) == []
    record = portraits.follow(home(SECRET.encode(), "email", ANNA))
    assert record is not None
    view = record.portrait.view(definitions.catalogue(now()), now())
    assert [one.state for one in view.contacts] == ["accepted"]
    assert sum(strand.events for strand in record.portrait.strands.values()) == 3
    names = [event.name for body in bodies for event in decode_envelope(body)]
    assert names == ["Offer Shown", "Offer Accepted", "Offer Accepted"]


@pytest.mark.parametrize(
    ("who", "rounds"), [("user_id:u1", 1), (f"email:{ANNA}", 2), ("user_id:no", 1)]
)
def test_a_look_is_one_round_trip_and_two_after_a_pointer(
    inbox: LocalAws, calls: Counter[str], who: str, rounds: int
):
    asked("waiting_at_till", rawPath=f"/v1/inbox/{who}")
    assert calls["BatchGetItem"] == rounds
    assert calls.keys() <= {"BatchGetItem", "Query"}  # of the definitions, once a minute in AWS


def test_an_answer_reads_as_a_look_does_and_puts_one_message(inbox: LocalAws, calls: Counter[str]):
    asked("accept_at_till", rawPath=f"/v1/inbox/user_id:u1/{OFFER}")
    assert calls["BatchGetItem"] == 1
    assert calls.keys() <= {"BatchGetItem", "Query"}
    assert len(receive(inbox)) == 1


@pytest.fixture
def log() -> Iterator[list[logging.LogRecord]]:
    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    records: list[logging.LogRecord] = []
    lines = Lines()
    logger.addHandler(lines)
    yield records
    logger.removeHandler(lines)


def test_each_request_leaves_one_line_that_names_nobody(inbox: LocalAws, log: list[Any]):
    asked("waiting_at_till")
    asked("accept_at_till")
    asked("browser_asks_by_email")

    anna = home(SECRET.encode(), "email", ANNA)
    assert [(one.status, one.source, one.home, one.section) for one in log] == [
        (200, "till", anna, "inbox"),
        (202, "till", anna, "inbox.accept"),
        (403, "web", "", ""),
    ]
    assert not any("anna" in str(vars(one)) for one in log)


# ─── Through the deployed stack ───────────────────────────────────────────────────────────────────


@pytest.fixture
def shop(stack: Stack) -> Stack:
    publish(stack, {"policy/default.control": "0"})  # nobody is held out by chance
    for raw in (TEMPLATE, BREW, CAMPAIGN):
        stack.client("dynamodb").put_item(
            TableName=stack.definitions_table,
            Item={
                "shelf": {"S": "current"},
                "slot": {"S": f"{raw['kind']}#{raw['key']}"},
                "version": {"N": "1"},
                "document": {"S": json.dumps(document(raw))},
                "published_at": {"N": "1"},
            },
        )
    time.sleep(2)  # definitions are read again after a second
    return stack


def call(stack: Stack, source: str, path: str, body: Any = None, **headers: str) -> Any:
    headers = {**basic(WRITE_KEYS[source]), **headers}
    method = "GET" if body is None else "POST"
    url = f"{stack.api_url}/v1/{path}"
    return urllib3.request(method, url, json=body, headers=headers, timeout=60)


def waiting(stack: Stack, source: str, who: str, channel: str) -> list[dict[str, Any]]:
    answer = call(stack, source, f"inbox/{who}?channel={channel}")
    assert answer.status == 200, answer.data
    return answer.json()["offers"]


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


def test_the_deployed_product_offers_hears_and_goes_on_by_itself(shop: Stack):
    who = {"userId": "coffee-lover", "anonymousId": "coffee-cookie"}
    call(shop, "shop", "identify", {**who, "traits": {"firstName": "Anna"}})
    call(shop, "shop", "track", {**who, "event": "Coffee Machine Registered"})

    (offer,) = eventually(lambda: waiting(shop, "web", "anonymous_id:coffee-cookie", "web"))
    assert offer["content"]["title"] == "Coffee, Anna"
    (same,) = waiting(shop, "till", "user_id:coffee-lover", "till")
    assert same["id"] == offer["id"]

    answer = call(
        shop, "till", f"inbox/user_id:coffee-lover/{offer['id']}",
        {"answer": "accept", "channel": "till"},
    )  # fmt: skip
    started = time.monotonic()
    assert answer.status == 202, answer.data

    assert eventually(lambda: not waiting(shop, "web", "anonymous_id:coffee-cookie", "web"), 20)
    print(f"gone from the web after {time.monotonic() - started:.1f} s")
    (task,) = eventually(lambda: waiting(shop, "till", "user_id:coffee-lover", "till"))
    print(f"the next step at the till after {time.monotonic() - started:.1f} s")
    assert (task["kind"], task["content"]["script"]) == ("task", "With milk?")


def test_a_browser_is_let_in_from_anywhere_with_its_own_key_and_no_other(shop: Stack):
    origin = {"Origin": "https://shop.example"}
    url = f"{shop.api_url}/v1/inbox/anonymous_id:x?channel=web"
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = urllib3.request("OPTIONS", url, headers={**origin, **asked}, timeout=60)

    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    seen = call(shop, "web", "inbox/anonymous_id:x?channel=web", **origin)
    assert (seen.status, seen.json()) == (200, {"offers": []})
    assert seen.headers["access-control-allow-origin"] == "*"
    assert call(shop, "till", "inbox/anonymous_id:x?channel=web", **origin).status == 403
