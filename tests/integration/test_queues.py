"""Queueing: all of it or an error, by the short way or the long one."""

import pytest

from portrait.faults import Unavailable
from portrait.settings import get_settings
from portrait.store import direct, queues
from portrait.store.session import client
from tests.local_aws import LocalAws


def url() -> str:
    return get_settings().messages_queue_url


def queued(aws: LocalAws) -> list[str]:
    sqs, bodies = aws.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url(), MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


@pytest.mark.parametrize("body", ["plain", '{"price": "9 €", "note": "\\u0000 👍"}'])
def test_one_body_goes_the_short_way_and_arrives_as_it_is(aws: LocalAws, body: str):
    assert direct.send_message(client("sqs"), url(), body)
    assert queued(aws) == [body]


def test_what_the_short_way_cannot_do_is_left_to_the_client(aws: LocalAws):
    assert not direct.send_message(client("sqs"), f"{url()}-that-is-not-there", "x")

    with pytest.raises(Unavailable, match="the queue did not answer"):
        queues.send(f"{url()}-that-is-not-there", ["x"])


def test_a_short_way_that_is_closed_costs_only_time(aws: LocalAws, monkeypatch):
    monkeypatch.setattr(direct, "send_message", lambda sqs, url, body: False)

    queues.send(url(), ["x"])

    assert queued(aws) == ["x"]


def test_many_bodies_share_requests_within_the_limits_of_sqs(aws: LocalAws):
    bodies = [f"{i}" for i in range(23)] + ["é" * 300_000, "b" * 300_000]

    queues.send(url(), bodies)

    assert sorted(queued(aws)) == sorted(bodies)
