"""Withdrawing by one click: it holds from the answer on, and looking never does it."""

import pytest

from portrait.dispatch import Fate, send_message
from portrait.faults import Conflict, Unavailable
from portrait.record import Record
from portrait.strand import Consent
from portrait.tickets import START_WITHIN_MS
from portrait.unsubscribe import Unsubscription
from portrait.view import View
from portrait.withdrawal import withdraw
from tests.unit.dispatch.desks import HOME, NOW, World, a_contact, a_message, a_portrait

WHAT = Unsubscription(HOME, "a" * 24, "email", "marketing")


def consent(world: World, purpose: str = "marketing") -> str | None:
    record = world.table.follow(HOME)
    return View(record.portrait, {}, NOW).consent("email", purpose) if record else None


def take_back(world: World) -> bool:
    return withdraw(WHAT, world.table, clock=world.clock, pause=world.clock.pause)


def test_after_the_answer_nothing_of_the_kind_is_sent():
    world = World()

    assert take_back(world)

    assert consent(world) == "withdrawn"
    assert send_message(a_message(), world.desk) == Fate("held", "no_consent")


def test_only_what_was_withdrawn_is_withdrawn():
    portrait = a_portrait()
    portrait.strand(HOME).set_consent("email:news", Consent("granted", NOW, "web", b"m"))
    world = World(portrait)

    take_back(world)

    assert consent(world, "news") == "granted"


def test_doing_it_again_writes_nothing():
    world = World()
    take_back(world)
    version = world.table.items[HOME].version

    assert not take_back(world)
    assert world.table.items[HOME].version == version


def test_a_later_yes_can_be_withdrawn_again():
    world = World()
    take_back(world)
    world.clock.now += 1
    yes = Consent("granted", world.clock.now, "web", b"n")
    world.table.amend(lambda p: p.strand(HOME).set_consent("email:marketing", yes))
    world.clock.now += 1

    assert take_back(world)
    assert consent(world) == "withdrawn"


def test_it_follows_the_customer_through_a_merge():
    world = World()
    root = a_portrait()
    root.home = "a" + HOME[1:]
    world.table.items = {
        root.home: Record(root.home, 4, root.encode()),
        HOME: Record(HOME, 2, merged_into=root.home),
    }

    take_back(world)

    assert consent(world) == "withdrawn"


@pytest.mark.parametrize("record", [None, Record(HOME, 3, b"", erased_at=NOW)])
def test_where_nobody_is_nothing_needs_doing(record):
    world = World()
    world.table.items = {HOME: record} if record else {}

    assert not take_back(world)


def test_a_message_that_is_just_being_sent_is_waited_for():
    world = World(a_portrait(contacts=[a_contact(state="claimed")]))

    def pause(attempt: int) -> None:
        world.clock.pause(attempt)
        if attempt == 3:
            world.table.amend(lambda p: p.strand(HOME).set_contact(a_contact(state="sent")))

    withdraw(WHAT, world.table, clock=world.clock, pause=pause)

    assert world.clock.pauses == [1, 2, 3]


@pytest.mark.parametrize(
    "contact",
    [
        a_contact(state="sent"),
        a_contact(state="claimed", purpose="news"),
        a_contact(state="claimed", channel="webhook"),
        a_contact(state="claimed", at=NOW - START_WITHIN_MS),
    ],
    ids=["sent", "another purpose", "another channel", "its process is gone"],
)
def test_nothing_else_is_waited_for(contact):
    world = World(a_portrait(contacts=[contact]))

    take_back(world)

    assert world.clock.pauses == []


def test_the_wait_has_an_end():
    world = World(a_portrait(contacts=[a_contact(state="claimed")]))

    take_back(world)

    assert START_WITHIN_MS <= world.clock.now - NOW <= START_WITHIN_MS + 10


def test_a_race_is_tried_again_and_never_answered_as_done():
    world = World()

    def interfere() -> None:
        raise Conflict

    world.table.before_write = interfere

    with pytest.raises(Unavailable):
        take_back(world)
