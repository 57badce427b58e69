"""Exposures of real entries: whoever enters is one, in the arm that was drawn, as of the first."""

import msgspec
import pytest

from portrait.dialogue import Entries
from portrait.learning.exposures import exposures, lots
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.strand import Strand
from tests.unit.core.clockwork import Clockwork
from tests.unit.dialogues.campaigns import NOW, a_campaign
from tests.unit.dialogues.shop import MINUTE, letter
from tests.unit.dialogues.test_time import ANNA, BASKET, COOKIE, Told, a_world

ALWAYS = range(0, NOW // DAY_MS + 400)


def told(world: Clockwork):
    """Return the exposures of everybody."""
    drawn = lots(world.catalogue.newest.values(), world.catalogue.policy)
    roots = [one.portrait for one in world.table.items.values() if one.state]
    return [
        each
        for portrait in roots
        for each in exposures(portrait, Learning(), drawn, ALWAYS, horizon=30)
    ]


@pytest.mark.parametrize("share", [0.001, 0.999], ids=["treated", "control"])
def test_whoever_enters_is_exposed_from_when_they_entered_first(share):
    world = a_world(a_campaign([letter()], control=share))
    tell = Told(world)
    for _ in range(3):
        tell("Started")
        world.pass_time(world.now + 40 * DAY_MS)  # what ended long ago is no dialogue any more

    assert len(world.entries()) == 3
    (one,) = told(world)
    assert (one.day, one.contacted) == (NOW // DAY_MS, share < 0.5)
    assert one.chance == pytest.approx(1 - share)


def test_of_two_visitors_who_are_one_customer_the_earlier_entry_counts():
    world = a_world(a_campaign([letter()], control=0.5))
    tell = Told(world)
    tell("Started", COOKIE)
    (first,) = told(world)
    world.pass_time(world.now + 3 * DAY_MS)
    tell("Started", ANNA)
    assert len(told(world)) == 2

    tell("Ordered", {**ANNA, **COOKIE})

    assert told(world) == [first]


def test_who_was_only_held_for_what_did_not_follow_is_none():
    world = a_world(a_campaign([letter()], control=0.5, entry=BASKET))
    tell = Told(world)
    tell("Checkout Started")
    assert told(world) == []
    world.pass_time(NOW + 46 * MINUTE)

    (one,) = told(world)
    assert one.day == NOW // DAY_MS


def test_entries_that_were_written_before_the_first_was_kept_are_read():
    strand = Strand(entries={"c": Entries(2, NOW), "d": Entries(1, NOW)})
    parts = msgspec.msgpack.decode(msgspec.msgpack.encode(strand))
    place = Strand.__struct_fields__.index("entries")
    parts[place] = {key: one[:2] for key, one in parts[place].items()}

    read = msgspec.msgpack.decode(msgspec.msgpack.encode(parts), type=Strand)

    assert read == strand
    assert read.entries["d"].since == NOW
    assert read.entries["c"].since is None


def test_a_portrait_keeps_the_first_entry():
    portrait = Portrait("h", strands={"h": Strand(entries={"c": Entries(3, NOW, NOW - DAY_MS)})})
    assert Portrait.decode("h", portrait.encode()).strands == portrait.strands
