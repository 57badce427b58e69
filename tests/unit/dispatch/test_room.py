"""Room in a portrait: how much may wait in it, and what gives way, each time with the reason."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait import state, waiting
from portrait.compiled import Policy
from portrait.conversation import converse
from portrait.dispatch import send_message
from portrait.metrics import DAY_MS
from portrait.quiet_hours import QuietHours
from portrait.record import Record
from portrait.stimulus import Start, Stimulus
from tests.unit.dialogues.campaigns import NOW, a_campaign, catalogue
from tests.unit.dialogues.shop import HOUR, POLICY, Shop, letter
from tests.unit.dispatch.desks import NOW as NOON
from tests.unit.dispatch.desks import World, a_message

NIGHT = Policy(quiet_hours=QuietHours(0, 1439, "UTC", frozenset({"email"})))
"""Nobody is written to, but at one minute of the day."""


def asked(number: int, value: float = 1.0, **fields):
    return a_message(
        f"{number:024x}", journey=f"j{number}", value=value, expires_at=NOON + 3 * DAY_MS, **fields
    )


def waits(world: World) -> set[int]:
    return {int(id_, 16) for id_ in world.table.waiting()}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=1, max_size=20))
def test_the_most_valuable_wait_and_each_of_the_others_is_told_why_it_does_not(values):
    world = World(policy=NIGHT)
    with patch.object(waiting, "MAX_WAITING", 4):
        for number, value in enumerate(values):
            world.clock.now += 1
            send_message(asked(number, value), world.desk)
            assert len(waits(world)) <= 4
        for number, value in enumerate(values):  # whatever is delivered again
            send_message(asked(number, value), world.desk)

    order = sorted(range(len(values)), key=lambda number: (-values[number], number))
    assert waits(world) == set(order[:4])
    held = {id_ for id_, came_to in world.table.contacts().items() if came_to == "held"}
    assert {int(id_, 16) for id_ in held} == set(order[4:])
    told = world.table.outcomes()
    for number in order[4:]:
        assert (f"j{number}", "0", "held", "too_many_waiting") in told


def test_a_portrait_that_is_full_takes_nothing_that_would_have_to_wait_in_it():
    world = World(policy=NIGHT)
    send_message(asked(1), world.desk)
    with patch.object(state, "MAX_STATE_BYTES", len(world.table.follow(asked(1).home).state)):
        fate = send_message(asked(2), world.desk)
        again = send_message(asked(1), world.desk)

    assert (fate.state, fate.reason) == ("held", "portrait_full")
    assert again.state == "waiting"
    assert waits(world) == {1}


def test_what_may_go_at_once_goes_however_full_it_is():
    world = World()
    with patch.object(state, "MAX_STATE_BYTES", 1):
        assert send_message(asked(1), world.desk).state == "sent"


@pytest.mark.parametrize("room", [0, 1])
def test_nobody_enters_anything_whose_portrait_is_full(room):
    shop = Shop(a_campaign([letter()]))
    shop.happens("Viewed")
    portrait = shop.portrait()
    record = Record(portrait.home, 1, portrait.encode(), updated_at=NOW)
    start = Start("c", 1, "m1", NOW, NOW, portrait.home)
    with patch.object(state, "MAX_STATE_BYTES", len(record.state) + room):
        found = converse(record, (Stimulus(portrait.home, NOW, (start,)),), shop.catalogue, NOW)

    assert (found is not None) == bool(room)


def test_of_whom_it_was_not_sure_yet_it_is_told_why_they_do_not_enter():
    entry = {"event": "Started", "absent": {"event": "Ordered", "within": "45m"}}
    known = catalogue(a_campaign([letter()], entry=entry), POLICY)
    shop = Shop(a_campaign([letter()], entry=entry))
    shop.happens("Started")
    portrait = shop.portrait()
    record = Record(portrait.home, 1, portrait.encode(), updated_at=NOW)
    with patch.object(state, "MAX_STATE_BYTES", len(record.state)):
        found = converse(record, (), known, NOW + HOUR)

    assert found is not None
    (one,) = found[0].view(known, NOW).dialogues.values()
    assert (one.state, one.reason) == ("ended", "portrait_full")
