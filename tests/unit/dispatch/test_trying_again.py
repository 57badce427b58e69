"""Messages that a channel could not deliver yet: kept in the portrait, counted, and not forever."""

from dataclasses import replace
from typing import Any

import pytest

from portrait import changes
from portrait.channels import Deferred, Delivery, Outgoing, Sent, Unknown
from portrait.dispatch import Fate, send_message
from portrait.faults import Unavailable
from portrait.portrait import Portrait
from tests.unit.dispatch.desks import HOME, NOW, World, a_message, a_portrait

ID = "a" * 24


class Scripted:
    """A channel whose deliveries the test decides; it remembers how often each was tried before."""

    def __init__(self, *deliveries: Delivery) -> None:
        self._deliveries = list(deliveries)
        self.attempts: list[int] = []

    def compose(self, outgoing: Outgoing) -> Any:
        self.attempts.append(outgoing.attempt)
        return lambda: self._deliveries.pop(0)

    def forget_connections(self) -> None: ...


def a_world(*deliveries: Delivery) -> tuple[World, Scripted]:
    world, channel = World(a_portrait()), Scripted(*deliveries)
    composer = replace(world.desk.composer, channels={"email": channel})
    world.desk = replace(world.desk, composer=composer)
    return world, channel


def portrait_of(world: World) -> Portrait:
    record = world.table.follow(HOME)
    assert record is not None
    return record.portrait


def test_a_message_that_may_be_tried_again_waits_in_the_portrait_and_its_ticket_is_given_back():
    world, _ = a_world(Deferred("status_500", 5_000, counts=True))

    assert send_message(a_message(), world.desk) == Fate("waiting", "status_500")

    strand = portrait_of(world).strand(HOME)
    kept = strand.waiting[ID]
    assert strand.contacts == {}
    assert (kept.not_before, kept.attempt, kept.reason) == (NOW + 5_000, 1, "status_500")
    record = world.table.follow(HOME)
    assert record is not None
    assert record.due_at == NOW + 5_000
    told = [each for packed in world.table.changes for each in changes.decode(packed).outcomes]
    assert [(each.state, each.reason) for each in told] == [("waiting", "status_500")]


def test_a_try_that_was_none_is_not_counted():
    world, _ = a_world(Deferred("circuit_open", 60_000))

    send_message(a_message(attempt=3), world.desk)

    assert portrait_of(world).strand(HOME).waiting[ID].attempt == 3


def test_it_does_not_wait_beyond_its_time():
    world, _ = a_world(Deferred("status_500", 86_400_000, counts=True))
    message = a_message()

    send_message(message, world.desk)

    assert portrait_of(world).strand(HOME).waiting[ID].not_before == message.expires_at


def test_when_it_comes_again_the_channel_knows_how_often_it_was_tried():
    world, channel = a_world(Deferred("status_500", 5_000, counts=True), Sent("1"))
    send_message(a_message(), world.desk)
    world.clock.now += 5_000
    kept = portrait_of(world).strand(HOME).waiting[ID]

    assert send_message(a_message(attempt=kept.attempt), world.desk).state == "sent"

    assert channel.attempts == [0, 1]
    strand = portrait_of(world).strand(HOME)
    assert strand.waiting == {}
    assert world.table.contacts() == {ID: "sent"}


def test_without_a_moment_the_queue_brings_it_back():
    world, _ = a_world(Deferred("ThrottlingException"))

    with pytest.raises(Unavailable):
        send_message(a_message(), world.desk)

    assert world.table.contacts() == {}
    assert portrait_of(world).strand(HOME).waiting == {}


def test_what_may_have_been_sent_is_never_kept():
    world, _ = a_world(Unknown("status_500"))

    assert send_message(a_message(), world.desk) == Fate("unknown", "status_500")
    assert portrait_of(world).strand(HOME).waiting == {}


def test_a_message_of_which_something_was_learnt_meanwhile_is_not_kept():
    world, _ = a_world()
    channel = Scripted()

    def learn() -> Delivery:
        contact = portrait_of(world).strand(HOME).contacts[ID]
        world.table.amend(lambda p: p.strand(HOME).set_contact(contact._replace(state="delivered")))
        return Deferred("status_500", 5_000, counts=True)

    channel.compose = lambda _outgoing: learn  # type: ignore[method-assign]
    composer = replace(world.desk.composer, channels={"email": channel})

    send_message(a_message(), replace(world.desk, composer=composer))

    assert portrait_of(world).strand(HOME).waiting == {}
    assert world.table.contacts() == {ID: "delivered"}
