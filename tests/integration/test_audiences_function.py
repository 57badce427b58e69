"""Audiences on a local AWS: from an event over the stream and the queue to the platforms' lists."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from functions.audiences import handler as audiences
from functions.journey.handler import handler as journey
from functions.profile.handler import handler as profile
from functions.trigger.handler import handler as trigger
from portrait.audience_fill import __main__ as filling
from portrait.audiences.identifiers import digest
from portrait.erasure import erase
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.settings import get_settings
from portrait.store import definitions, portrait_scan, portraits
from tests.demo.ministack import REGION
from tests.integration.settling import stream
from tests.integration.test_profile_function import a_batch
from tests.local_aws import ACCOUNT, SECRET, LocalAws
from tests.unit.audiences.conftest import address, platform
from tests.unit.audiences.platforms import (
    GOOGLE_LIST,
    GOOGLE_SECRET,
    META_LIST,
    META_SECRET,
    Platform,
)
from tests.unit.audiences.worlds import BUYERS, CONSENT, DOCUMENTS, IDENTITY
from tests.unit.core.worlds import an_event
from tests.unit.dispatch.test_dispatch_handler import Context

__all__ = ["address", "platform"]


@pytest.fixture(autouse=True)
def _on(aws: LocalAws, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sqs = aws.client("sqs")
    content = json.dumps({"google": GOOGLE_SECRET, "meta": META_SECRET})
    secret = aws.client("secretsmanager").create_secret(Name="audiences", SecretString=content)
    monkeypatch.setenv("AUDIENCE_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("AUDIENCE_ENDPOINT", f"https://{address}")
    monkeypatch.setenv("WEBHOOK_PRIVATE_HOSTS", address)
    for name in ("journeys", "journeys-dlq"):
        setting = name.upper().replace("S-", "S_")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        monkeypatch.setenv(f"{setting}_QUEUE_URL", url)
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        monkeypatch.setenv(f"{setting}_ARN" if "DLQ" in setting else f"{setting}_QUEUE_ARN", arn)
    monkeypatch.setenv("PORTRAITS_TABLE", "portraits")
    monkeypatch.setattr(audiences, "_tokens", {})
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def publish(*documents: dict[str, Any]) -> None:
    for document in documents:
        definitions.publish(document, now=now(), expected_version=0)


def now() -> int:
    return time.time_ns() // 1_000_000


def tell(*events: Any) -> None:
    batch = a_batch(encode_envelope(events), sent_at=max(each.received_at for each in events))
    assert profile(batch, None) == {"batchItemFailures": []}


def joins(user: str) -> None:
    traits = {"email": f"{user}@shop.example"}
    who = {"user_id": user, **traits}
    tell(
        an_event(f"{user}i", kind="identify", name="", at=now(), who=who, traits=traits),
        an_event(f"{user}c", name="Consent Granted", at=now(), who=who, properties=CONSENT),
        an_event(f"{user}o", name="Order Completed", at=now(), who=who),
    )


def queued(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    """Return what the queue holds, as Lambda hands it over."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append({"messageId": message["MessageId"], "body": message["Body"]})
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def react(aws: LocalAws) -> None:
    """Let trigger see the whole stream, and everybody do what they were told."""
    assert trigger(stream(aws), None) == {"batchItemFailures": []}
    hints = {"Records": queued(aws, "audiences")}
    assert audiences.handler(hints, Context(left=180_000)) == {"batchItemFailures": []}


def hashes(*users: str) -> set[tuple[str, str]]:
    return {("email", digest(f"{user}@shop.example")) for user in users}


def test_members_come_and_go_with_consent_and_erasure(aws: LocalAws, platform: Platform):
    publish(*DOCUMENTS)
    joins("u1")
    joins("u2")
    joins("u3")
    react(aws)
    assert platform.lists == dict.fromkeys((GOOGLE_LIST, META_LIST), hashes("u1", "u2", "u3"))

    withdrawn = an_event(
        "w", name="Consent Withdrawn", at=now(), who={"user_id": "u1"}, properties=CONSENT
    )
    tell(withdrawn)
    place = home(SECRET.encode(), "user_id", "u2")
    erase(place, portraits, clock=now, pause=lambda _: None)
    react(aws)

    assert platform.lists == dict.fromkeys((GOOGLE_LIST, META_LIST), hashes("u3"))


def test_the_fill_finds_whoever_belonged_before_in_pages_and_from_a_place(
    aws: LocalAws,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    users = [f"u{n}" for n in range(12)]
    publish(BUYERS, IDENTITY)
    for user in users:
        joins(user)
    queued(aws, "journeys")
    publish(*(one for one in DOCUMENTS if one["kind"] == "audience"))
    monkeypatch.setattr(portrait_scan, "PAGE_ITEMS", 5)
    monkeypatch.setattr(filling.time, "sleep", lambda seconds: None)

    assert filling.main(["buyers_meta"]) == 0
    said = capsys.readouterr()
    assert said.out == "buyers_meta: 12 portraits, 0 members, 12 woken\n"
    places = [line.rpartition("--after ")[2] for line in said.err.splitlines() if "--after" in line]
    assert len(places) == 2
    journey({"Records": queued(aws, "journeys")}, None)
    react(aws)
    assert platform.lists[META_LIST] == hashes(*users)

    platform.lists[META_LIST].clear()  # somebody emptied it by hand
    assert filling.main(["buyers_meta", "--after", places[0]]) == 0
    some = queued(aws, "audiences")
    assert 0 < len(some) < 12
    assert filling.main(["buyers_meta"]) == 0
    hints = {"Records": queued(aws, "audiences")}
    assert audiences.handler(hints, Context(left=180_000)) == {"batchItemFailures": []}
    assert platform.lists[META_LIST] == hashes(*users)


def test_the_fill_says_which_audiences_there_are(aws: LocalAws, capsys: pytest.CaptureFixture[str]):
    publish(*DOCUMENTS)
    assert filling.main(["buyers"]) == filling.INVALID
    expected = "there is no audience 'buyers'; expected one of: buyers_google, buyers_meta\n"
    assert capsys.readouterr().err == expected


def test_without_a_secret_everything_stays_and_needs_a_person(
    aws: LocalAws, platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AUDIENCE_SECRET_ARN", "")
    get_settings.cache_clear()
    publish(*DOCUMENTS)
    joins("u1")
    trigger(stream(aws), None)
    hints = {"Records": queued(aws, "audiences")}

    answer = audiences.handler(hints, Context(left=180_000))

    assert len(answer["batchItemFailures"]) == 2
    assert platform.asked == []
