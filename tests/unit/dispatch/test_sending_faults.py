"""Faults while sending: an ambiguous answer, a refusal, a crash; never a second message."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from portrait.compiled import Cap, Policy
from portrait.dispatch import Fate, send_message
from portrait.faults import Conflict, Unavailable
from portrait.tickets import LEASE_MS, START_WITHIN_MS
from tests.unit.dispatch.desks import HOME, NOW, World, a_contact, a_message, a_portrait

ID = "a" * 24


def answered(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendEmail"
    )


THROTTLED = answered("TooManyRequestsException", 429)
UNREACHABLE = EndpointConnectionError(endpoint_url="https://ses")
TIMED_OUT = ReadTimeoutError(endpoint_url="https://ses")
BROKEN_DOWN = answered("InternalFailure", 500)
REJECTED = answered("MessageRejected", 400)


@pytest.mark.parametrize("answer", [TIMED_OUT, BROKEN_DOWN], ids=["no answer", "500"])
def test_an_ambiguous_answer_is_unknown_and_never_sent_again(answer):
    world = World()
    world.ses.answers = [answer]

    first = send_message(a_message(), world.desk)
    second = send_message(a_message(), world.desk)

    assert (first.state, second.state) == ("unknown", "unknown")
    assert len(world.ses.requests) == 1
    assert world.table.contacts() == {ID: "unknown"}


def test_a_definite_refusal_fails_the_message():
    world = World()
    world.ses.answers = [REJECTED]

    assert send_message(a_message(), world.desk) == Fate("failed", "MessageRejected")
    assert world.table.contacts() == {ID: "failed"}


@pytest.mark.parametrize("answer", [THROTTLED, UNREACHABLE], ids=["throttled", "unreachable"])
def test_what_surely_was_not_sent_gives_its_ticket_back_and_is_sent_later(answer):
    world = World(policy=Policy(caps=(Cap(1, 3_600_000),)))
    world.ses.answers = [answer]

    with pytest.raises(Unavailable):
        send_message(a_message(), world.desk)
    assert world.table.contacts() == {}
    assert world.table.outcomes() == []

    assert send_message(a_message(), world.desk) == Fate("sent")


def test_a_ticket_is_not_given_back_when_something_else_was_learnt_of_the_message():
    world = World()
    world.ses.answers = [THROTTLED]

    def feedback():
        if len(world.ses.requests) == 1:  # between the refusal and the release
            world.table.before_write = lambda: None
            world.table.amend(
                lambda p: p.strand(HOME).set_contact(a_contact(ID, state="delivered"))
            )

    world.table.before_write = feedback
    with pytest.raises(Unavailable):
        send_message(a_message(), world.desk)

    assert world.table.contacts() == {ID: "delivered"}
    assert send_message(a_message(), world.desk) == Fate("sent")
    assert len(world.ses.requests) == 1


def test_while_another_process_holds_the_claim_the_message_waits():
    world = World(a_portrait(contacts=[a_contact(ID, state="claimed")]))
    world.clock.now += LEASE_MS - 1

    with pytest.raises(Unavailable):
        send_message(a_message(), world.desk)
    assert world.table.contacts() == {ID: "claimed"}


def test_a_claim_whose_process_is_gone_ends_as_unknown():
    world = World(a_portrait(contacts=[a_contact(ID, state="claimed", campaign="welcome")]))
    world.clock.now += LEASE_MS

    assert send_message(a_message(), world.desk) == Fate("unknown", "lease_expired")
    assert world.table.contacts() == {ID: "unknown"}
    assert world.ses.requests == []


def test_a_claim_that_took_too_long_to_write_is_given_back():
    world = World()

    def dawdle():
        world.table.before_write = lambda: None
        world.clock.now += START_WITHIN_MS + 1

    world.table.before_write = dawdle

    with pytest.raises(Unavailable, match="claim_too_old"):
        send_message(a_message(), world.desk)
    assert world.ses.requests == []
    assert world.table.contacts() == {}


class Crash(Exception):
    """The process dies here."""


FAULTS = st.sampled_from([None, "conflict", "lost", "crash before", "crash after"])
ANSWERS = st.sampled_from(
    [None, THROTTLED, TIMED_OUT, BROKEN_DOWN, REJECTED, "crash", "crash after"]
)


@given(
    deliveries=st.lists(st.integers(0, LEASE_MS), min_size=1, max_size=6),
    faults=st.lists(FAULTS, max_size=20),
    answers=st.lists(ANSWERS, max_size=6),
)
def test_no_sequence_of_faults_hands_a_message_over_twice(deliveries, faults, answers):
    world = World()
    accepted = []
    write, send_email = world.table.write, world.ses.send_email

    def faulty_write(work, *, now):
        fault = faults.pop(0) if faults else None
        if fault == "conflict":
            raise Conflict
        if fault == "crash before":
            raise Crash
        write(work, now=now)
        if fault == "lost":
            raise Unavailable
        if fault == "crash after":
            raise Crash

    def faulty_send(**request):
        answer = answers.pop(0) if answers else None
        if answer == "crash":
            raise Crash
        if answer in (None, TIMED_OUT, BROKEN_DOWN, "crash after"):
            accepted.append(request)  # the ambiguous ones did send
        if answer == "crash after":
            raise Crash
        world.ses.answers = [answer] if answer else []
        return send_email(**request)

    world.table.write, world.ses.send_email = faulty_write, faulty_send
    for elapsed in deliveries:
        world.clock.now += elapsed
        try:
            send_message(a_message(expires_at=NOW + 10**9), world.desk)
        except (Unavailable, Crash):
            continue

    assert len(accepted) <= 1
    state = world.table.contacts().get(ID)
    if accepted:  # what was accepted is never forgotten, so it can never be sent again
        assert state in ("claimed", "sent", "unknown")
