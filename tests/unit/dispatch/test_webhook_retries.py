"""When webhooks are tried again: the ladder, what receivers ask for, and circuits."""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.channels import Deferred, Delivery, Refused, Sent, webhook
from portrait.channels.circuit import FAILURES, FIRST_MS, LONGEST_MS, PROBE_MS, open_for
from portrait.channels.https import Answer, NotSent
from portrait.channels.retries import JITTER, LADDER, MAX_ASKED_MS, asked_wait, delay
from tests.unit.dispatch.breakers import InMemoryEndpoints
from tests.unit.dispatch.desks import ALERT, NOW, Clock, a_webhook_channel, an_outgoing

HOUR = 3_600_000
DRAWS = st.floats(0, 1, exclude_max=True)


def test_ten_tries_take_a_little_more_than_three_days():
    waits = [delay(attempt, None, 0.0) for attempt in range(10)]

    assert waits == [*LADDER, None]
    assert 72 * HOUR < sum(LADDER) < 80 * HOUR


@given(st.integers(0, 20), st.none() | st.integers(0, 10 * MAX_ASKED_MS), DRAWS)
def test_a_wait_is_the_ladder_s_or_what_was_asked_for_within_bounds(attempt, asked, draw):
    wait = delay(attempt, asked, draw)

    if attempt >= len(LADDER):
        assert wait is None
    else:
        assert wait is not None
        assert LADDER[attempt] <= wait
        assert wait <= max(LADDER[attempt] * (1 + JITTER), min(asked or 0, MAX_ASKED_MS))
        assert wait >= min(asked or 0, MAX_ASKED_MS)


@given(DRAWS, DRAWS)
def test_waits_spread_by_the_draw(one, other):
    assert (delay(3, None, one) < delay(3, None, other)) <= (one < other)


def test_a_receiver_may_ask_in_seconds_or_by_date():
    at = datetime.fromtimestamp(NOW / 1000, UTC).replace(microsecond=0)
    later = format_datetime(at.replace(minute=at.minute + 2), usegmt=True)

    assert asked_wait(" 120 ", NOW) == 120_000
    assert asked_wait(later, NOW) == 120_000
    assert asked_wait("Wed, 21 Oct 2015 07:28:00 GMT", NOW) == 0
    assert asked_wait("Wed, 21 Oct 2099 07:28:00 GMT", NOW) == MAX_ASKED_MS
    assert [asked_wait(odd, NOW) for odd in (None, "", "soon", "-5", "1.5", "²")] == [None] * 6


@given(st.text())
def test_whatever_is_said_is_a_wait_within_bounds_or_none(header):
    assert 0 <= (asked_wait(header, NOW) or 0) <= MAX_ASKED_MS


class Receiver:
    """An endpoint whose answers the test decides, and a channel that sends to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.endpoints = InMemoryEndpoints()
        self.answer: int | None = 500
        self.asked = 0
        monkeypatch.setattr(webhook, "post", self._post)

    def _post(self, *_: Any, **__: Any) -> Answer:
        self.asked += 1
        if self.answer is None:
            raise NotSent("unreachable")
        return Answer(self.answer, None)

    def send(self, **template: Any) -> Delivery:
        channel = a_webhook_channel(
            self.clock, endpoints=self.endpoints, resolver=lambda _host, _port: ["93.184.215.14"]
        )
        return channel.compose(an_outgoing(replace(ALERT, body="{}", **template)))()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    return Receiver(monkeypatch)


@pytest.mark.parametrize("answer", [500, 503, None])
def test_an_endpoint_that_fails_five_times_is_left_alone_and_that_counts_for_no_message(
    receiver, answer
):
    receiver.answer = answer
    for _ in range(FAILURES):
        assert receiver.send().counts

    assert receiver.send() == Deferred("circuit_open", FIRST_MS, counts=False)
    assert receiver.asked == FAILURES


@pytest.mark.parametrize("answer", [200, 400, 404, 408, 429])
def test_an_endpoint_that_answers_is_at_work_whatever_it_says(receiver, answer):
    for status in [500] * (FAILURES - 1) + [answer] + [500] * (FAILURES - 1):
        receiver.answer = status
        receiver.send()

    assert receiver.asked == 2 * FAILURES - 1
    assert receiver.endpoints != {}
    receiver.answer = 200
    assert receiver.send() == Sent()


def test_once_the_time_is_over_one_message_asks_and_the_others_wait(receiver):
    for _ in range(FAILURES):
        receiver.send()
    receiver.clock.now += FIRST_MS
    (key, seen), *_ = receiver.endpoints.items()
    assert receiver.endpoints.claim_probe(key, seen, receiver.clock.now)  # another process

    receiver.endpoints.look = lambda *_: seen  # and this one has not heard of it

    assert receiver.send() == Deferred("circuit_open", PROBE_MS, counts=False)
    assert receiver.asked == FAILURES


def test_a_probe_that_fails_opens_it_for_twice_as_long_and_one_that_succeeds_closes_it(receiver):
    for _ in range(FAILURES):
        receiver.send()
    receiver.clock.now += FIRST_MS
    receiver.send()

    assert receiver.send() == Deferred("circuit_open", 2 * FIRST_MS)
    receiver.clock.now += 2 * FIRST_MS
    receiver.answer = 200
    assert [receiver.send(), receiver.send()] == [Sent(), Sent()]
    assert all(circuit.is_clean for circuit in receiver.endpoints.values())


def test_it_never_stays_open_for_more_than_an_hour():
    assert [open_for(n) // 60_000 for n in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert open_for(10_000) == LONGEST_MS


def test_who_says_gone_is_not_asked_again_until_the_template_changes(receiver):
    receiver.answer = 410
    assert [receiver.send(), receiver.send()] == [Refused("gone")] * 2
    assert receiver.asked == 1

    receiver.answer = 200
    assert receiver.send(version=2) == Sent()
    assert receiver.send() == Refused("gone")


def test_templates_and_servers_have_circuits_of_their_own(receiver):
    for _ in range(FAILURES):
        receiver.send()
    receiver.answer = 200

    assert receiver.send(key="other") == Sent()
    assert receiver.send(url="https://hooks2.example.com/orders") == Sent()
    assert receiver.send(url="https://hooks.example.com/other-path").reason == "circuit_open"
