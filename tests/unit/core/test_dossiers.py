"""What let customers in is personal: it is kept for as long as a message may quote it."""

from base64 import b64encode

from portrait.dialogue import Dialogue
from portrait.effects import Entered, Kept, Noted
from portrait.portrait import Portrait
from portrait.reaction import erased
from portrait.store import journeys
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event

DAY_MS = 86_400_000
BASKET = {"event": "Order Completed", "absent": {"event": "Refunded", "within": "40d"}}


def an_order():
    return an_event("o1", name="Order Completed", properties={"revenue": 150})


def test_it_goes_with_the_last_step():
    actions = journeys._noting(Noted("j", "thanks", "treated", "left", NOON, "0", "done"))

    assert set(actions) == {"left_at", "left_by", "happening"}


def test_of_the_control_group_nothing_is_kept():
    world = Clockwork(catalogue_of(a_campaign(control=1), a_policy()), NOON)
    world.tell(an_order())

    assert [one.happening for one in world.effects if isinstance(one, Entered)] == [None]


def test_of_somebody_who_is_only_held_it_is_kept_until_it_is_sure():
    world = Clockwork(catalogue_of(a_campaign(entry=BASKET, steps=[say()]), a_policy()), NOON)
    world.tell(an_order())

    (kept,) = [one for one in world.effects if isinstance(one, Kept)]
    assert kept.until == NOON + 40 * DAY_MS


def test_who_is_erased_leaves_none_of_it():
    portrait = Portrait("h")
    for key, state in (("a", "running"), ("b", "held"), ("c", "ended"), ("d", "watching")):
        portrait.strand("h").dialogues[key] = Dialogue("c", 1, state, "treated", NOON, NOON)
    state = b64encode(portrait.encode()).decode()
    common = {"home": {"S": "h"}, "version": {"N": "1"}, "updated_at": {"N": "1"}}
    old = {**common, "state": {"B": state}}
    tombstone = {**common, "erased_at": {"N": "5"}}
    returned = {**old, "erased_at": {"N": "5"}}

    assert list(erased([{"OldImage": old, "NewImage": tombstone}])) == ["a", "b"]
    assert list(erased([{"OldImage": old, "NewImage": returned}])) == []
    assert list(erased([{"OldImage": tombstone, "NewImage": returned}])) == []
