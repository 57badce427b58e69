"""Timers: at most one per portrait, set and put away by what the stream says, healed by wakes."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.attending import attend, read_call
from portrait.catalogue import Catalogue
from portrait.changes import Changes
from portrait.crossings import Crossing
from portrait.facts import happened
from portrait.reception import Delivery, receive
from portrait.record import Record, Write
from portrait.timers import Timer, read_timers, set_timers
from portrait.unsubscribe import Unsubscription
from portrait.waking import Wake, encode_wake, read_wake
from portrait.withdrawal import withdraw
from tests.unit.core import clockwork
from tests.unit.core.test_segments import HOUR_MS, START, STEP, a_catalogue, bought
from tests.unit.core.worlds import SECRET, an_event

CATALOGUE = a_catalogue(bought("6h"))


class Clockwork(clockwork.Clockwork):
    """The pipeline with one segment of whoever bought in the last six hours."""

    def __init__(self, catalogue: Catalogue = CATALOGUE) -> None:
        super().__init__(catalogue)

    def wake(self, *wakes: Wake, now: int) -> Any:
        calls = [read_call(str(n), encode_wake(wake)) for n, wake in enumerate(wakes)]
        return attend(
            calls, self, catalogue=self.catalogue, clock=lambda: now, pause=lambda _: None
        )


def order(id: str, at: int, **fields: Any) -> Any:
    return an_event(id, name="Order Completed", at=at, **fields)


def test_a_customer_leaves_by_a_timer_that_then_is_gone():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    world.trigger(START)
    assert [wake.due_at for wake in world.timers] == [START + 6 * HOUR_MS]

    world.pass_time(START + 7 * HOUR_MS, late=1000)

    assert [(one.at, one.entered) for one in world.told] == [
        (START, True), (START + 6 * HOUR_MS, False),
    ]  # fmt: skip
    assert (world.timers, world.calls) == (set(), 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_a_portrait_never_has_two_timers_and_never_a_call_that_changes_nothing(steps):
    world, at = Clockwork(), START
    for number, step in enumerate(steps):
        at += step * STEP
        world.pass_time(at - 1)
        world.feed(order(str(number), at), now=at)
        calls, pending = world.calls, [one for one in world.timers if one.due_at > at]
        world.trigger(at)
        # One whose time has come fires and is gone, whatever comes in that moment.
        assert len([one for one in world.timers if one.due_at > at]) == 1
        assert world.calls - calls == (0 if pending else 1)
    world.pass_time(at + 10 * HOUR_MS)

    assert world.timers == set()
    assert not world.told[-1].entered


def test_a_quiet_write_moves_no_timer():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    world.trigger(START)
    world.feed(order("o2", START + 1000), now=START + 1000)

    assert read_timers(world.records) == []


def test_a_timer_moves_when_its_boundary_comes_nearer():
    timers = [
        {"NewImage": {"home": {"S": "h"}, "timer": {"N": "5000000"}}},
        {"NewImage": {"home": {"S": "h"}, "timer": {"N": "4000000"}},
         "OldImage": {"due_at": {"N": "5000000"}}},
    ]  # fmt: skip
    world = Clockwork()
    world.arm(Wake(home="h", due_at=5_000_000))

    set_timers(read_timers(timers[1:]), world, now=0, send=world.queue.extend)

    assert world.timers == {Wake(home="h", due_at=4_000_000)}
    assert read_timers(timers) == [Timer("h", (5_000_000,), 4_000_000)]


def test_a_batch_that_comes_again_and_longer_puts_away_what_it_set_before():
    timers = [
        {"NewImage": {"home": {"S": "h"}, "timer": {"N": "5000000"}}},
        {"NewImage": {"home": {"S": "h"}, "timer": {"N": "4000000"}},
         "OldImage": {"due_at": {"N": "5000000"}}},
    ]  # fmt: skip
    world = Clockwork()

    for batch in (timers[:1], timers):
        set_timers(read_timers(batch), world, now=0, send=world.queue.extend)

    assert world.timers == {Wake(home="h", due_at=4_000_000)}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_stream_records_that_come_again_leave_the_same_timer(times):
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    world.records *= times
    world.trigger(START)

    assert len(world.timers) == 1


def test_a_timer_that_was_lost_is_made_up_for_by_the_next_write():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    world.records.clear()  # the stream gave up on it
    late = START + 9 * HOUR_MS
    world.feed(an_event("v1", at=late), now=late)

    assert [(one.at, one.entered) for one in world.told][1:] == [(START + 6 * HOUR_MS, False)]


def test_a_write_that_asks_for_a_look_at_once_is_woken_without_a_timer():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    world.trigger(START)
    (record,) = world.table.items.values()
    world.write(Write(record, record.state, None, due_at=START), now=START + 5)
    world.trigger(START + 5)
    assert (world.timers, len(world.queue)) == (set(), 1)

    world.journey(START + 6)
    world.trigger(START + 6)

    assert [wake.due_at for wake in world.timers] == [START + 6 * HOUR_MS]


def test_a_consent_that_is_withdrawn_takes_the_customer_out_at_that_instant():
    world = Clockwork(a_catalogue({"consent": {"channel": "email", "purpose": "marketing",
                                               "status": "granted"}}))  # fmt: skip
    granted = {"channel": "email", "purpose": "marketing"}
    world.feed(an_event("g", name="Consent Granted", at=START, properties=granted), now=START)
    world.trigger(START)
    assert (world.timers, [one.entered for one in world.told]) == (set(), [True])
    (home,) = world.table.items
    clock = iter(range(START + 5, START + 10**6, 6_000))

    what = Unsubscription(home, "contact", "email", "marketing")
    assert withdraw(what, world, clock=lambda: next(clock), pause=lambda _: None)
    world.trigger(START + 9)
    world.journey(START + 900)

    assert world.told[-1] == Crossing(START + 5, "s0", False, START)
    assert world.calls == 0


def test_whoever_does_not_review_leaves_the_timer_where_it_is():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    (record,) = world.table.items.values()
    world.records.clear()
    world.write(Write(record, record.state, None), now=START + 5)

    assert read_timers(world.records) == []
    assert next(iter(world.table.items.values())).due_at == START + 6 * HOUR_MS


def test_nothing_is_left_to_wake_the_erased_or_the_merged():
    world = Clockwork()
    world.feed(order("o1", START, who={"anonymous_id": "a"}), now=START)
    world.feed(order("o2", START, who={"user_id": "u"}), now=START)
    world.trigger(START)
    assert len(world.timers) == 2

    world.feed(order("o3", START + 1, who={"user_id": "u", "anonymous_id": "a"}), now=START + 1)
    world.trigger(START + 1)
    assert len(world.timers) == 1

    (root,) = (one for one in world.table.items.values() if one.state)
    world.write(Write(root, b"", None), now=START + 2)
    world.trigger(START + 2)
    assert world.timers == set()


def test_a_wake_that_comes_again_early_or_at_a_strange_home_changes_nothing():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    (home,) = world.table.items
    before = dict(world.table.items)
    wakes = [Wake(home=home), Wake(home=home, due_at=START + 10**12), Wake(home="nobody")]

    woken = world.wake(*wakes, *wakes, now=START + 1)

    assert world.table.items == before
    assert woken.counts == {"messages": 6, "quiet": 1, "gone": 1}
    assert woken.failed == set()


def test_a_timer_that_fires_a_moment_early_is_not_lost():
    world = Clockwork()
    world.feed(order("o1", START), now=START)
    (home,) = world.table.items
    due = START + 6 * HOUR_MS

    world.wake(Wake(home=home, due_at=due), now=due - 300)

    assert [(one.at, one.entered) for one in world.told][1:] == [(due, False)]


class Archive:
    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.refused: list[Any] = []

    def write(self, rows: Any, *, received_at: int) -> None:
        self.rows += rows

    def quarantine(self, records: Any, *, now: int) -> None:
        self.refused += records


def test_a_wake_is_no_event_and_goes_to_the_queue_of_the_journeys_alone():
    world, archive = Clockwork(), Archive()
    world.feed(order("o1", START), now=START)
    (home,) = world.table.items
    due = START + 6 * HOUR_MS
    body = encode_wake(Wake(home=home, due_at=due))

    report = receive(
        [Delivery("d1", body, due)], world, archive, catalogue=CATALOGUE, secret=SECRET,
        now=due + 1, pause=lambda _: None,
    )  # fmt: skip

    assert (archive.rows, len(archive.refused), report.failed) == ([], 1, set())
    assert len(world.told) == 1
    assert read_call("d1", body).said == Wake(home=home, due_at=due)


@pytest.mark.parametrize(
    "body", ['{"portrait_wake":5}', '{"portrait_wake":""}', '{"portrait_wake":"x"', '{"x":1}']
)
def test_what_only_looks_like_a_wake_is_read_as_anything_else_would_be(body):
    assert read_wake(body) is None


def test_a_crossing_is_a_fact_that_is_recognised_when_it_is_told_again():
    told = Changes(segments=(Crossing(9, "vip", True, 9), Crossing(9, "new", False, 4)))

    first, again = happened("h", told), happened("h", told)

    assert first == again
    assert [(fact.kind, fact.detail["segment"], fact.detail["since"]) for fact in first] == [
        ("Segment Entered", "vip", 9),
        ("Segment Left", "new", 4),
    ]
    assert len({fact.detail["id"] for fact in first}) == 2


def test_the_image_of_a_stream_record_says_when_the_portrait_is_due():
    image = {
        "home": {"S": "h"},
        "version": {"N": "2"},
        "state": {"B": b64encode(b"x").decode()},
        "due_at": {"N": "77"},
        "updated_at": {"N": "70"},
    }
    assert Record.from_image(image).due_at == 77
