"""What leaves the demo is what clients send, and what comes back is read as its senders mean it."""

import gzip
import json
import ssl
from random import Random

import pytest
import urllib3

from portrait.intake import queue_message
from tests.demo import feedback, wire
from tests.demo.diary import Said
from tests.demo.hearing import hear
from tests.demo.quiet import State
from tests.demo.receiver import receiving
from tests.demo.told import Sent, milliseconds
from tests.unit.demo.days import starters

NOW = 1_800_000_000_000
VIEW = {"type": "track", "event": "Product Viewed", "anonymousId": "a", "messageId": "m"}


@pytest.mark.parametrize("skew", [0, 63_000_000, -63_000_000])
def test_a_wrong_clock_does_not_change_when_it_happened(skew):
    body = wire.timed(Said(VIEW, ago=90, skew=skew), NOW)

    assert milliseconds(body["sentAt"]) == NOW + skew * 1000
    assert hear(Sent(0, 0, "web", body, NOW)).at == NOW - 90_000


def test_an_event_without_a_clock_happened_when_it_came():
    assert hear(Sent(0, 0, "web", wire.timed(Said(VIEW), NOW), NOW)).at == NOW


def test_a_browser_sends_one_event_by_its_own_route_and_several_as_a_batch():
    one = wire.browser([wire.timed(Said(VIEW, 1), NOW)], "key")
    two = wire.browser([wire.timed(Said(VIEW, 1), NOW), wire.timed(Said(VIEW, 2), NOW)], "key")

    assert one.path == "/v1/t"
    assert json.loads(one.body)["writeKey"] == "key"
    assert two.path == "/v1/b"
    assert json.loads(two.body)["sentAt"] == wire.iso(NOW)
    assert all("sentAt" not in event for event in json.loads(two.body)["batch"])


def test_a_server_sends_gzip():
    request = wire.server([VIEW], "key")

    assert json.loads(gzip.decompress(request.body)) == {"batch": [VIEW]}


def test_the_product_reads_feedback_as_the_oracle_does():
    told = [feedback.Delivered(f"c{number}", f"Who.{number}@Example.com") for number in range(90)]
    catalogue, kinds = starters(), set()
    for post in feedback.reports(told, Random(3), phase=0, now=NOW):
        heard = hear(Sent(0, 0, "ses", json.loads(post.raw), NOW))
        (event,) = queue_message(
            post.raw, catalogue=catalogue, received_at=NOW, message_id="queue-message"
        )
        kinds.add((event.name, event.properties.get("permanent")))
        assert event.identifiers == heard.identifiers
        assert event.properties["message_id"] == heard.properties["contact"]
        closes = event.properties.get("permanent") or event.name == "Email Marked as Spam"
        assert bool(closes) == heard.closes_address

    assert len(kinds) == 7


def test_the_receiver_speaks_https_and_checks_signatures(tmp_path):
    with receiving(tmp_path) as receiver:
        trust = ssl.create_default_context(cafile=str(receiver.ca_bundle))
        stamps = {"webhook-id": "m1", "webhook-timestamp": "1800000000"}
        with urllib3.PoolManager(ssl_context=trust, retries=False) as http:
            answer = http.request("POST", f"{receiver.url}/large", body=b"{}", headers=stamps)
        (delivery,) = receiver.deliveries
        signed = delivery._replace(signature="v1,old " + delivery.sign(b"key"))

    assert answer.status == 204
    assert delivery.path == "/large"
    assert delivery.content() == {}
    assert not delivery.is_signed_with(b"key")
    assert signed.is_signed_with(b"key")
    assert not signed.is_signed_with(b"another key")


def test_everything_else_is_still_trusted_beside_the_receiver(tmp_path):
    usual = ssl.create_default_context().cert_store_stats()["x509_ca"]
    with receiving(tmp_path) as receiver:
        known = ssl.create_default_context(cafile=str(receiver.ca_bundle)).cert_store_stats()

    assert known["x509_ca"] >= usual


@pytest.mark.parametrize(
    ("state", "done"),
    [
        (State(0, 5, 0), True),
        (State(1, 5, 0), False),
        (State(0, 5, 1), False),
        (State(0, 4, 0), False),
    ],
    ids=["all decided", "something waits", "one undecided", "one has not entered"],
)
def test_it_is_quiet_when_all_that_is_due_is_decided(state, done):
    assert state.is_done(due=5) is done
