"""Sizes: a customer of whom much is heard at once, in many campaigns, fits queue and item."""

from portrait.dialogue import Dialogue
from portrait.stimulus import decode_stimulus, encode_stimulus
from portrait.triggers import stimulus
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event

MIB = 1_048_576
ITEM = 400_000


def an_order(id, size):
    return an_event(id, name="Order Completed", properties={"revenue": 150, "note": "x" * size})


def a_world(campaigns=20, **fields) -> Clockwork:
    steps = [wait(**{"for": "1h"}), say()]
    many = [a_campaign(key=f"c{number}", steps=steps, **fields) for number in range(campaigns)]
    return Clockwork(catalogue_of(*many, a_policy()), NOON)


def test_what_many_events_start_in_many_campaigns_fits_one_message():
    world = a_world()
    world.feed(*(an_order(f"o{number}", 3_000) for number in range(30)))
    (one,) = world.stream

    told = stimulus(one.record, one.changes, world.catalogue, now=NOON)
    body = encode_stimulus(told)

    assert len(told.starts) == 600
    assert len(body) < MIB
    assert decode_stimulus(body) == told


def test_a_large_event_that_starts_many_campaigns_fits_the_item_of_its_customer():
    world = a_world()
    sizes = []
    write = world.write

    def weighed(work, *, now):
        sizes.append(sum(len(part.state) + len(part.changes or b"") for part in work.parts))
        write(work, now=now)

    world.write = weighed
    world.feed(an_order("o", 32_000))
    world.settle()

    assert len(world.entries()) == 20
    assert max(sizes) < ITEM


def test_a_customer_of_whom_a_goal_is_watched_for_is_not_let_in_without_end():
    """The control group takes no step, so nothing else would bound how many it is in."""
    goal = {"event": "Refunded", "within": "30d"}
    world = a_world(1, control=1, goal=goal)
    for number in range(300):
        world.now = NOON + number
        world.tell(an_event(f"o{number}", name="Order Completed", at=world.now,
                            properties={"revenue": 150}))  # fmt: skip

    open_: list[Dialogue] = [one for one in world.dialogues.values() if one.is_open]
    assert len(open_) == 100
