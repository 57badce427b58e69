"""Messages that are asked for at the same time: the one that is worth more goes, in any order."""

from dataclasses import replace
from itertools import permutations

import pytest

from portrait.campaigns import Campaign
from portrait.compiled import Cap, Policy
from portrait.dialogue import Dialogue
from portrait.dispatch import send_message
from portrait.message import message_id
from portrait.waiting import Waiting
from tests.unit.core.campaigns import a_campaign, say
from tests.unit.dispatch.desks import HOME, NOW, World, a_message, a_portrait

DAY_MS = 86_400_000
ONE_A_DAY = Policy(caps=(Cap(1, DAY_MS),))


def a_world(values: dict[str, float], *, asked_at: int = NOW) -> World:
    """A customer in one campaign for each value, each of which has just asked for a message."""
    portrait = a_portrait()
    versions = {}
    for key, value in values.items():
        document = a_campaign(1, key=key, value=value, steps=[say("welcome", valid_for="1h")])
        versions[key, 1] = Campaign.from_document(document)
        portrait.strand(HOME).dialogues[key] = Dialogue(
            key, 1, "running", "treated", asked_at, asked_at, asked_at, "0", asked_at,
            asked_at + 2 * DAY_MS,
        )  # fmt: skip
    world = World(portrait, ONE_A_DAY)
    catalogue = replace(world.desk.composer.catalogue, versions=versions)
    composer = replace(world.desk.composer, catalogue=catalogue)
    world.desk = replace(world.desk, composer=composer)
    return world


def a_letter(key: str, value: float):
    return a_message(
        message_id(key, "0"), journey=key, campaign=key, value=value, expires_at=NOW + 3_600_000
    )


@pytest.mark.parametrize("order", list(permutations("abc")))
@pytest.mark.parametrize("values", [(1, 2, 3), (2, 2, 2), (3, 1, 3)])
def test_of_messages_asked_for_at_once_the_most_valuable_goes_and_one_goes_at_once(order, values):
    worth = dict(zip("abc", values, strict=True))
    world = a_world(worth)
    for key in order:
        send_message(a_letter(key, worth[key]), world.desk)
        world.clock.now += 1_000

    sent = [key for key in "abc" if world.table.contacts().get(message_id(key, "0")) == "sent"]
    assert len(sent) == 1
    assert worth[sent[0]] == max(values)


def test_a_message_that_nobody_heard_of_for_long_keeps_nothing_back():
    world = a_world({"a": 1, "b": 2}, asked_at=NOW - 2 * 3_600_000)

    assert send_message(a_letter("a", 1), world.desk).state == "sent"


def test_a_message_whose_dialogue_has_gone_on_keeps_nothing_back():
    world = a_world({"a": 1})

    def left(portrait):
        strand = portrait.strand(HOME)
        strand.dialogues["b"] = Dialogue("b", 1, "ended", "treated", NOW, NOW, ended_at=NOW)
        strand.waiting["b1"] = Waiting(
            "b", "b", 1, "0", "email", "welcome", "marketing", 9.0, NOW, NOW, NOW + DAY_MS, NOW,
            NOW + 3_600_000, "quiet_hours",
        )  # fmt: skip

    world.table.amend(left)

    assert send_message(a_letter("a", 1), world.desk).state == "sent"
