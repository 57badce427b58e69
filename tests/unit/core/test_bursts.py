"""Bursts: who follows several links at once, or one that nobody sees, moves and counts nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.bursts import BURST, BURST_MS, HONEYPOT, MAX_CLICKS, TRAP_MS, in_burst, remembered
from portrait.event import decode_envelope
from portrait.feedback import by_machine, followed
from portrait.judgement import judged
from portrait.state import State, encode
from portrait.strand import Strand
from portrait.view import View
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event
from tests.unit.dialogues.campaigns import a_campaign, catalogue
from tests.unit.dialogues.shop import MINUTE, POLICY, letter

CLICK = "Email Link Clicked"
FOLLOW = followed(CLICK)
ANSWER = {"name": "clicked", "event": CLICK, "steps": [{"emit": {"fact": "Answered"}}]}
LISTENS = {"wait_for": {"branches": [ANSWER], "timeout": "3d", "otherwise": []}}
COUNT = {
    "kind": "trait", "key": "clicks", "operation": "count", "event": CLICK, "window": "30d",
    "exact": False,
}  # fmt: skip


def a_click(number: int, at: int, link: str = "a", message: str = "m1", **said: Any) -> Any:
    properties = {"message_id": message, "link": f"https://x.example/{link}", **said}
    name = by_machine(CLICK) if "machine" in said else FOLLOW
    return an_event(f"c{number}", name=name, at=at, properties=properties)


class World(Clockwork):
    """Somebody in a dialogue that waits for a click; links that are followed wait until let go."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        super().__init__(catalogue(*(documents or (a_campaign([LISTENS]),)), POLICY, COUNT), NOON)
        self.is_patient = True
        self.tell(an_event("s", name="Started", at=NOON))

    def let_go(self) -> None:
        self.judge()
        self.settle()

    @property
    def answered(self) -> bool:
        return any(one.kind == "Answered" for one in self.facts)

    @property
    def view(self) -> View:
        [portrait] = self.roots.values()
        return portrait.view(self.catalogue, self.now + MINUTE)

    @property
    def counted(self) -> int:
        return int(self.view.trait("clicks") or 0)


clicks = st.lists(
    st.tuples(st.integers(0, 6_000), st.sampled_from("abc"), st.sampled_from(["m1", "m2"]),
              st.sampled_from([None, None, HONEYPOT, "scanner"])),
    max_size=8,
)  # fmt: skip


def told(some: list[tuple[int, str, str, str | None]]) -> list[Any]:
    return [
        a_click(number, NOON + at, link, message, **({"machine": why} if why else {}))
        for number, (at, link, message, why) in enumerate(some)
    ]


@given(clicks, st.data())
def test_what_is_remembered_does_not_depend_on_order_or_repetition(some, data):
    events = told(some)
    again = events + (data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else [])

    def folded(heard: list[Any]) -> bytes:
        strand = Strand()
        for event in heard:
            strand.fold(event, event.id.encode().ljust(6, b"\0"), {})
        return encode(State({"h": strand}))

    assert folded(data.draw(st.permutations(again))) == folded(events)


@settings(max_examples=150, deadline=None)
@given(clicks, st.data())
def test_a_dialogue_goes_on_by_a_click_if_it_stands_alone_in_whatever_order_they_come(some, data):
    world = World()
    events = told(some)
    for event in data.draw(st.permutations(events)):
        world.feed(event)
        world.settle()
    assert not world.answered
    world.let_go()

    known = {
        event.id: remembered(event.name, event.properties, event.timestamp) for event in events
    }
    alone = [
        event.id for event in events
        if event.name == FOLLOW
        and not any(
            one.message == known[event.id].message and one.link != known[event.id].link
            and abs(one.at - event.timestamp) <= (BURST_MS if one.link else TRAP_MS)
            for one in known.values()
        )
        and event.timestamp >= NOON
    ]  # fmt: skip
    assert world.answered == bool(alone)
    assert world.counted == len(alone)


def test_who_taps_twice_is_a_person():
    world = World()
    world.feed(a_click(1, NOON + 1), a_click(2, NOON + 400))
    world.settle()
    world.let_go()

    assert world.answered


@pytest.mark.parametrize(("apart", "answered"), [(BURST_MS, False), (BURST_MS + 1, True)])
def test_two_links_at_once_are_a_machines_and_one_after_the_other_a_persons(apart, answered):
    world = World()
    for number, at in enumerate((NOON + 1, NOON + 1 + apart)):
        world.feed(a_click(number, at, link="ab"[number]))
        world.settle()
    world.let_go()

    assert world.answered is answered
    assert world.counted == (2 if answered else 0)


def test_a_campaign_that_a_click_lets_in_is_not_entered_by_a_burst():
    document = a_campaign([letter()], entry={"event": CLICK})
    world = World(document)
    for number, link in enumerate("abc"):
        world.feed(a_click(number, NOON + number * 300, link))
        world.settle()
    world.let_go()
    assert world.entries() == []

    world.tell(a_click(9, NOON + MINUTE, "a"))
    world.let_go()
    assert len(world.entries()) == 1


def test_a_link_that_nobody_sees_gives_those_around_it_away():
    said = {"message_id": "m", "link": "t", "machine": HONEYPOT}
    trap = remembered(by_machine(CLICK), said, NOON)
    one = remembered(FOLLOW, {"message_id": "m", "link": "a"}, NOON + TRAP_MS)
    other = remembered(FOLLOW, {"message_id": "n", "link": "a"}, NOON)

    assert in_burst(one, [trap, one])
    assert not in_burst(one._replace(at=one.at + 1), [trap])
    assert not in_burst(other, [trap])


def test_no_more_is_remembered_than_a_message_has_links():
    strand = Strand()
    for number in range(3 * MAX_CLICKS):
        event = a_click(number, NOON + number, str(number))
        strand.fold(event, event.id.encode().ljust(6, b"\0"), {})

    assert len(strand.clicks) == MAX_CLICKS
    assert strand.clicks[0].at == NOON + 3 * MAX_CLICKS - 1


@pytest.mark.parametrize("said", [{}, {"message_id": "m"}, {"message_id": 7, "link": "x"}])
def test_what_tells_of_no_link_is_no_click(said):
    assert remembered(FOLLOW, said, NOON) is None
    assert remembered("Order Completed", {"message_id": "m", "link": "x"}, NOON) is None


def test_a_click_is_counted_by_one_name_however_often_it_is_told_again():
    world = World()
    world.feed(a_click(1, NOON + 1))
    world.trigger(times=2)
    assert len(world.clicks) == 2
    world.judge()
    world.feed(a_click(2, NOON + 300, "b"))  # heard of too late: what was counted stays counted
    world.settle()
    world.let_go()

    assert world.counted == 1


def test_clicks_in_a_burst_are_told_as_a_machines_and_the_contact_is_not_clicked():
    world = World()
    for number, link in enumerate("ab"):
        world.feed(a_click(number, NOON + 1 + number, link))
        world.settle()
    bodies = list(world.clicks)
    told = [judged(event, world) for body in bodies for event in decode_envelope(body)]
    world.let_go()

    assert {one.name for one in told} == {by_machine(CLICK)}
    assert {one.properties["machine"] for one in told} == {BURST}
    [portrait] = world.roots.values()
    assert portrait.view(world.catalogue, world.now).contacts == ()
    assert not any(
        line.name.startswith("Email Link")
        for line in portrait.view(world.catalogue, world.now).timeline
    )


def test_whoever_was_erased_meanwhile_is_not_counted():
    world = World()
    world.feed(a_click(1, NOON + 1))
    world.trigger()
    world.bury(world.table.items.values(), erased_at=NOON + 2)
    [event] = decode_envelope(world.clicks[0])

    assert judged(event, world) == event
    world.feed(event)
    assert world.roots == {}
