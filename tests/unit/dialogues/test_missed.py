"""What a customer does before their dialogue is in the portrait that would have listened."""

import pytest

from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event

SECOND = 1_000
HOUR = 3_600_000
STEPS = [wait(**{"for": "1h"}), say()]


def an_order(id="o1", at=NOON):
    return an_event(id, name="Order Completed", at=at, properties={"revenue": 150})


def a_refund(at, **fields):
    return an_event("r", name="Refunded", at=at, **fields)


def left(world):
    (one,) = world.dialogues.values()
    return one.state, one.reason


@pytest.mark.parametrize("fields", [
    {"exits": [{"event": "Refunded"}]}, {"goal": {"event": "Refunded"}},
])  # fmt: skip
def test_an_exit_that_happens_before_the_dialogue_is_written_is_heard(fields):
    world = Clockwork(catalogue_of(a_campaign(steps=STEPS, **fields), a_policy()), NOON)
    world.feed(an_order())
    world.feed(a_refund(NOON + SECOND), now=NOON + SECOND)  # before trigger told of the order
    world.now = NOON + SECOND
    world.settle()
    world.pass_time(NOON + 2 * HOUR)

    assert left(world)[0] == "ended"
    assert world.said == []


def test_what_happened_before_the_customer_came_in_is_no_exit():
    world = Clockwork(
        catalogue_of(a_campaign(steps=STEPS, exits=[{"event": "Refunded"}]), a_policy()), NOON
    )
    world.feed(a_refund(NOON - SECOND))
    world.feed(an_order())
    world.settle()

    assert left(world)[0] == "running"


def test_the_goal_of_the_control_group_is_heard_as_well():
    world = Clockwork(
        catalogue_of(
            a_campaign(steps=STEPS, control=1, goal={"event": "Refunded", "within": "1d"}),
            a_policy(),
        ),
        NOON,
    )
    world.feed(an_order())
    world.feed(a_refund(NOON + SECOND), now=NOON + SECOND)
    world.now = NOON + SECOND
    world.settle()

    (one,) = world.dialogues.values()
    assert one.goal_at == NOON + SECOND
