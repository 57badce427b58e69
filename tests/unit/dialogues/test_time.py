"""Time: whatever is due is on the portrait's one timer, and nothing is done too early or twice."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.agenda import UNHEARD_MS, is_last
from portrait.conversation import converse
from portrait.dialogue import Dialogue
from portrait.effects import Say
from portrait.erasure import erase
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.stimulus import encode_stimulus
from portrait.triggers import stimulus
from portrait.waiting import Waiting
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import an_event
from tests.unit.dialogues.campaigns import EVENTS, HOME, NOW, a_campaign, catalogue, documents
from tests.unit.dialogues.shop import HOUR, MINUTE, POLICY, letter

ANNA = {"user_id": "anna"}
COOKIE = {"anonymous_id": "c1"}
BASKET = {"event": "Checkout Started", "absent": {"event": "Ordered", "within": "45m"}}


def a_world(*documents: dict[str, Any], **fields: Any) -> Clockwork:
    return Clockwork(catalogue(*documents, POLICY, **fields), NOW)


class Told:
    """Tells a world what customers do, each time something new."""

    def __init__(self, world: Clockwork) -> None:
        self.world, self.number = world, 0

    def __call__(self, name: str, who: dict[str, str] | None = None, at: int | None = None) -> None:
        self.number += 1
        world = self.world
        event = an_event(
            f"m{self.number}", name=name, at=world.now if at is None else at, who=who or ANNA,
            received_at=world.now,
        )  # fmt: skip
        world.feed(event)
        world.settle()


histories = st.lists(
    st.tuples(
        st.sampled_from(["Started", "time", "Checkout Started", "time", "Started", *EVENTS]),
        st.sampled_from([ANNA, COOKIE, {**ANNA, **COOKIE}]),
        st.integers(0, 2 * DAY_MS),
    ),
    min_size=3,
    max_size=14,
).map(lambda some: [("Started", ANNA, 0), *some])


@settings(max_examples=150, deadline=None)
@given(document=documents, history=histories, answered=st.booleans())
def test_whoever_is_in_a_step_is_woken_before_their_time_is_over(document, history, answered):
    world = a_world(document, a_campaign([letter()], entry=BASKET) | {"key": "basket"})
    world.fate = lambda _: ("sent", "") if answered else None
    tell = Told(world)
    for name, who, ms in history:
        if name == "time":
            world.pass_time(world.now + ms)
        else:
            tell(name, who, world.now - ms % HOUR)
        for home, record in world.table.items.items():
            if not record.state:
                continue
            armed = [wake.due_at for wake in world.timers if wake.home == home]
            assert armed == ([] if record.due_at is None else [record.due_at])
            for one in record.portrait.view(world.catalogue, world.now).dialogues.values():
                campaign = world.catalogue.versions[one.campaign, one.version]
                if one.in_steps and not is_last(one, campaign):
                    lasts = one.entered_at + campaign.lasts_ms if one.entered_at else one.due_at
                    assert record.due_at is not None
                    assert world.now < record.due_at <= min(one.due_at, lasts)
    world.pass_time(world.now + 400 * DAY_MS)

    # What only the word on its last message, or a goal's window, keeps open needs no timer.
    for one in world.dialogues.values():
        campaign = world.catalogue.versions[one.campaign, one.version]
        assert not one.is_open or is_last(one, campaign)
    assert world.timers == set()


@settings(max_examples=100, deadline=None)
@given(document=documents, history=histories)
def test_a_wake_that_nothing_is_due_for_changes_nothing(document, history):
    world = a_world(document)
    tell = Told(world)
    for name, who, ms in history:
        if name == "time":
            world.pass_time(world.now + ms)
        else:
            tell(name, who)
    for record in (one for one in world.table.items.values() if one.state):
        found = record.portrait.view(world.catalogue, world.now).dialogues.values()
        # What time only ends has no timer, and is ended by whatever wakes the customer next.
        over = (
            one.is_open
            and is_last(one, world.catalogue.versions[one.campaign, one.version])
            and one.due_at <= world.now
            for one in found
        )
        assert any(over) or converse(record, (), world.catalogue, world.now) is None


def test_an_early_wake_does_nothing_and_a_late_one_does_what_was_due():
    world = a_world(a_campaign([{"wait": {"for": "1d"}}, letter()]))
    Told(world)("Started")
    (record,) = world.table.items.values()

    assert converse(record, (), world.catalogue, NOW + DAY_MS - 1) is None
    assert converse(record, (), world.catalogue, NOW + 9 * DAY_MS) is not None


def test_a_portrait_goes_through_its_bytes_with_all_its_dialogues():
    world = a_world(
        a_campaign([letter(), {"wait": {"for": "1d"}}]),
        a_campaign([letter()], entry=BASKET) | {"key": "basket"},
        a_campaign([letter()], control=1) | {"key": "held_out"},
    )
    tell = Told(world)
    tell("Started")
    tell("Checkout Started")
    (record,) = world.table.items.values()

    again = Portrait.decode(record.home, record.portrait.encode())
    assert again.encode() == record.state
    assert {one.state for one in world.dialogues.values()} == {"running", "held", "ended"}


# Erasure


def bury(world: Clockwork) -> None:
    (root,) = world.roots
    world.now += 1
    erase(root, world, clock=lambda: world.now, pause=lambda _: None)
    world.settle()


@pytest.mark.parametrize("name", ["Started", "Checkout Started"])
def test_of_the_erased_no_dialogue_and_no_timer_is_left(name):
    world = a_world(
        a_campaign([{"wait": {"for": "9d"}}, letter()]),
        a_campaign([letter()], entry=BASKET) | {"key": "basket"},
    )
    Told(world)(name)
    assert len(world.timers) == 1

    bury(world)
    world.pass_time(NOW + 30 * DAY_MS)

    assert world.timers == set()
    assert world.dialogues == {}
    assert world.said == []


def test_a_start_that_was_under_way_during_an_erasure_does_not_come_back():
    world = a_world(a_campaign([letter()]))
    world.feed(an_event("m1", name="Started", at=NOW, who=ANNA))
    world.trigger()
    (start,) = world.queue
    world.queue.clear()
    bury(world)
    world.now += 1
    Told(world)("Viewed")  # they return, as somebody new
    world.queue.append(start)
    world.settle()

    assert len(world.roots) == 1
    assert world.dialogues == {}
    assert world.said == []


def test_a_timer_that_fires_after_an_erasure_finds_nobody():
    world = a_world(a_campaign([{"wait": {"for": "1d"}}, letter()]))
    Told(world)("Started")
    (wake,) = world.timers
    bury(world)
    world.timers.add(wake)
    world.pass_time(NOW + 2 * DAY_MS)

    assert world.said == []


# Messages that wait


def waiting(**fields: Any) -> Waiting:
    given = {
        "journey": "j" * 32, "campaign": "c", "version": 1, "step": "0", "channel": "email",
        "template": "t", "purpose": "marketing", "value": 1.0, "occurred_at": NOW,
        "received_at": NOW, "expires_at": NOW + 9 * DAY_MS, "since": NOW,
        "not_before": NOW + HOUR, "reason": "quiet_hours",
    }  # fmt: skip
    return Waiting(**{**given, **fields})


def the_record(one: Waiting | None, **fields: Any) -> Record:
    """Return a customer for whom a message waits that a dialogue asked for."""
    portrait = Portrait(HOME)
    strand = portrait.strand(HOME)
    strand.dialogues["j" * 32] = Dialogue(
        "c", 1, "running", "treated", NOW, NOW, NOW, "0", NOW, NOW + 9 * DAY_MS
    )
    if one is not None:
        strand.waiting["a" * 24] = one
    return Record(HOME, 1, portrait.encode(), updated_at=NOW, **fields)


def releases(record: Record, now: int) -> tuple[list[Say], Record]:
    """Wake the customer; return the messages that go on their way, and what was written."""
    known = catalogue(a_campaign([letter(valid_for="9d"), {"wait": {"for": "1d"}}]))
    found = converse(record, (), known, now)
    if found is None:
        return [], record
    portrait, told, due_at = found
    from portrait.changes import decode

    effects = decode(told).effects if told else ()
    written = Record(HOME, record.version + 1, portrait.encode(), due_at=due_at, updated_at=now)
    return [one for one in effects if isinstance(one, Say)], written


def test_a_message_that_waits_goes_on_its_way_at_its_instant_and_once():
    record = the_record(waiting(), due_at=NOW + HOUR)
    assert releases(record, NOW + HOUR - 1)[0] == []

    said, written = releases(record, NOW + HOUR)
    again, _ = releases(written, NOW + HOUR + MINUTE)

    assert [(one.message, one.step, one.template) for one in said] == [("a" * 24, "0", "t")]
    assert said[0].expires_at == NOW + 9 * DAY_MS
    assert again == []


def test_of_whose_trying_nothing_was_heard_in_an_hour_is_tried_again():
    _, written = releases(the_record(waiting(), due_at=NOW + HOUR), NOW + HOUR)
    assert written.due_at == NOW + HOUR + UNHEARD_MS
    assert releases(written, NOW + HOUR + UNHEARD_MS - 1)[0] == []

    said, again = releases(written, NOW + HOUR + UNHEARD_MS)

    assert len(said) == 1
    assert again.due_at == NOW + HOUR + 2 * UNHEARD_MS


def test_what_a_channel_has_tried_is_counted_on_when_it_is_tried_again():
    said, _ = releases(the_record(waiting(attempt=3), due_at=NOW + HOUR), NOW + HOUR)

    assert [one.attempt for one in said] == [3]


# Limits that must not outlast what they count


def test_a_dialogue_whose_last_word_was_lost_takes_no_place_for_ever():
    world = a_world(a_campaign([letter(valid_for="1d")], at_most=1))
    world.fate = lambda _: None
    tell = Told(world)
    tell("Started")
    world.messages.clear()  # into the dead letters, and out of sight
    world.now += DAY_MS + HOUR - 1
    tell("Started")
    assert len(world.entries()) == 1
    world.now += 1
    tell("Started")

    assert len(world.entries()) == 2


def test_after_its_time_a_late_timer_says_nothing_more():
    document = a_campaign([{"wait": {"for": "3d"}}, letter()], lasts_at_most="2d")
    world = a_world(document)
    Told(world)("Started")
    world.pass_time(NOW + 9 * DAY_MS, late=5 * DAY_MS)

    (one,) = world.dialogues.values()
    assert (one.state, one.reason) == ("ended", "timed_out")
    assert world.said == []


# Definitions that not every process has read yet


def test_a_dialogue_on_a_version_that_is_not_read_here_yet_is_left_and_hears_of_it_later():
    old = {**a_campaign([letter()]), "version": 1}
    goal = {"event": "Ordered", "within": "9d"}
    new = {**a_campaign([{"wait": {"for": "9d"}}, letter()], goal=goal), "version": 2}
    world = a_world(new)
    tell = Told(world)
    tell("Started")
    world.feed(an_event("o", name="Ordered", at=world.now + 1, who=ANNA, received_at=world.now + 1))
    written = world.stream[-1]
    behind = catalogue(old, POLICY)

    told = stimulus(written.record, written.changes, behind, now=written.written_at)
    assert told is not None
    assert [one.name for one in told.happenings] == ["Ordered"]
    world.stream.clear()
    world.queue.append(encode_stimulus(told))
    ahead, world.catalogue = world.catalogue, behind
    done = world.journey()
    assert len(done.failed) == 1
    world.catalogue = ahead
    world.settle()

    assert [one.reason for one in world.dialogues.values()] == ["goal"]
