"""Versions: what was said on one is not said on the next, and only its own word moves a step on."""

from typing import Any

from portrait.effects import Outcome
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import an_event
from tests.unit.dialogues.campaigns import HOME, NOW, Customer, a_campaign, catalogue, definition
from tests.unit.dialogues.shop import DAY_MS, HOUR, POLICY, letter

HELLO, BYE = {"name": "hello", **letter(valid_for="9d")}, {"name": "bye", **letter()}


def wait(length: str, name: str | None = None) -> dict[str, Any]:
    return {**({"name": name} if name else {}), "wait": {"for": length}}


def version(number: int, *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**a_campaign(steps, **fields), "version": number}


def started(old: dict[str, Any], *, answered: bool = True) -> Clockwork:
    """Return a world in which one customer has entered the old version."""
    world = Clockwork(catalogue(old, POLICY), NOW)
    world.fate = lambda _: ("sent", "") if answered else None
    world.feed(an_event("m1", name="Started", at=NOW, who={"user_id": "anna"}))
    world.settle()
    return world


def publish(world: Clockwork, new: dict[str, Any], old: dict[str, Any]) -> None:
    """Let the new version be current, and wake the customer an hour later."""
    from portrait.waking import Wake, encode_wake

    world.catalogue = catalogue(new, POLICY, running=[old])
    world.now += HOUR
    (home,) = world.roots
    world.queue.append(encode_wake(Wake(home=home, due_at=world.now)))
    world.settle()


def test_who_begins_anew_passes_at_once_what_was_said_to_them_before():
    old = version(1, HELLO, wait("20d"), BYE)
    world = started(old)
    publish(world, version(2, HELLO, wait("1d"), BYE, running="restart"), old)

    (one,) = world.dialogues.values()
    assert (one.version, one.step, one.since) == (2, "1", NOW + HOUR)
    assert one.entered_at == NOW
    world.pass_time(NOW + HOUR + DAY_MS)
    assert [message.step for message in world.said] == ["hello", "bye"]


def test_a_named_message_that_is_still_on_its_way_is_waited_for_and_not_asked_for_twice():
    old = version(1, HELLO, wait("20d"))
    world = started(old, answered=False)
    publish(world, version(2, HELLO, wait("1d"), running="restart"), old)
    assert {message.id for message in world.messages} == {world.messages[0].id}
    world.fate = lambda _: ("sent", "")
    world.settle()

    (one,) = world.dialogues.values()
    assert one.step == "1"
    assert world.table.writes < 20


def test_the_word_on_a_message_of_another_version_does_not_move_a_step_on():
    customer = Customer(definition(a_campaign([letter(), wait("1d")])))
    (said,) = customer.asked
    customer.hear(Outcome(said.journey, said.step, "f" * 24, "sent", customer.now, HOME))

    assert customer.state.step == said.step


def test_where_a_step_is_moved_to_counts_from_now_and_others_stay_where_they_are():
    old = version(1, wait("20d", "long"), BYE)
    new = version(2, wait("2d", "short"), BYE, running={"move": {"long": "short"}})
    moved, stays = started(old), started(version(1, wait("20d", "other"), BYE))
    publish(moved, new, old)
    publish(stays, new, version(1, wait("20d", "other"), BYE))

    (one,), (other,) = moved.dialogues.values(), stays.dialogues.values()
    assert (one.version, one.step, one.since) == (2, "short", NOW + HOUR)
    assert one.due_at == NOW + HOUR + 2 * DAY_MS
    assert (other.version, other.step, other.due_at) == (1, "other", NOW + 20 * DAY_MS)
    assert [wake.due_at for wake in moved.timers] == [one.due_at]


def test_the_control_group_stays_where_it_is_whatever_is_published():
    goal = {"event": "Ordered", "within": "9d"}
    old = version(1, BYE, control=1, goal=goal)
    world = started(old)
    publish(world, version(2, BYE, control=0, goal=goal, running="restart"), old)

    (one,) = world.dialogues.values()
    assert (one.version, one.state, one.arm) == (1, "watching", "control")
    assert world.said == []


def test_who_is_only_held_waits_as_the_new_version_says():
    def absent(length: str) -> dict[str, Any]:
        return {"event": "Started", "absent": {"event": "Ordered", "within": length}}

    old = version(1, BYE, entry=absent("2h"))
    world = started(old)
    publish(world, version(2, BYE, entry=absent("5h"), running="restart"), old)
    world.pass_time(NOW + 5 * HOUR - 1)
    assert world.said == []
    world.pass_time(NOW + 5 * HOUR)

    assert [message.version for message in world.said] == [2]


def test_migrating_twice_changes_nothing_more():
    old = version(1, HELLO, wait("20d"))
    new = version(2, HELLO, wait("10d"), running="restart")
    world = started(old)
    publish(world, new, old)
    before = world.table.states()
    publish(world, new, old)

    assert world.table.states() == before
