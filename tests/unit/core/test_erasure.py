"""Erasure: what was received before it never comes back, and who returns starts afresh."""

import pytest

from portrait.erasure import MAX_TOMBSTONES, Erased, erase
from portrait.faults import Conflict, Unavailable
from portrait.identity import home
from tests.unit.core.worlds import NOON, SECRET, Table, an_event, feed, play

PERSON = [
    {"user_id": "u1", "anonymous_id": "a1"},
    {"user_id": "u1", "email": "x@y.se"},
    {"email": "x@y.se", "phone": "0700000001"},
]


def at_home(namespace: str, value: str) -> str:
    return home(SECRET, namespace, value)


def gone(table: Table, place: str, at: int = NOON + 1000) -> Erased:
    return erase(place, table, clock=lambda: at, pause=lambda _: None)


def test_every_identifier_of_the_person_gets_a_tombstone_and_nothing_else_stays():
    table = play([an_event(f"m{n}", who=who) for n, who in enumerate(PERSON)], batch=1)

    erased = gone(table, at_home("phone", "0700000001"))

    assert set(erased.homes) == set(table.items)
    for record in table.items.values():
        assert (record.erased_at, record.state, record.merged_into) == (NOON + 1000, b"", None)


@pytest.mark.parametrize("who", PERSON)
def test_what_was_in_flight_is_dropped_whichever_identifier_it_names(who):
    table = play([an_event(f"m{n}", who=w) for n, w in enumerate(PERSON)], batch=1)
    gone(table, at_home("user_id", "u1"))
    before = dict(table.items)

    late = feed([an_event("late", who=who, at=NOON + 999)], table)

    assert len(late.erased) == 1
    assert table.items == before


def test_who_returns_starts_afresh_and_old_news_still_brings_nothing_back():
    table = play([an_event(f"m{n}", who=w) for n, w in enumerate(PERSON)], batch=1)
    gone(table, at_home("user_id", "u1"))

    feed([an_event("new", who=PERSON[0], at=NOON + 2000)], table)
    feed([an_event("old", who=PERSON[1], at=NOON)], table)

    (portrait,) = table.portraits().values()
    assert sum(strand.events for strand in portrait.strands.values()) == 1
    assert portrait.ids.keys() == {at_home("user_id", "u1"), at_home("anonymous_id", "a1")}


def test_what_was_heard_of_who_turns_out_to_be_somebody_erased_counts_whenever_it_arrives():
    late = an_event("late", who={"email": "x@y.se"}, at=NOON)
    found = []
    for order in ("before", "after"):
        table = play([an_event("m0", who={"user_id": "u1"})], batch=1)
        feed([an_event("m1", who={"email": "x@y.se"})], table)
        gone(table, at_home("user_id", "u1"))
        for when in ("before", "after"):
            if when == "after":
                feed([an_event("m2", who=PERSON[1], at=NOON + 2000)], table, now=NOON + 2000)
            if when == order:
                assert not feed([late], table, now=NOON + 3000).erased
        (portrait,) = table.portraits().values()
        found.append(sum(strand.events for strand in portrait.strands.values()))

    assert found == [3, 3]


def test_a_pointer_read_just_before_the_erasure_brings_nothing_back():
    table = play([an_event(f"m{n}", who=w) for n, w in enumerate(PERSON)], batch=1)
    place = at_home("phone", "0700000001")
    old = table.items[place]
    gone(table, at_home("user_id", "u1"))
    feed([an_event("new", who=PERSON[0], at=NOON + 2000)], table)
    table.items[place] = old

    assert feed([an_event("late", who=PERSON[2] | {"email": "z@y.se"}, at=NOON)], table).erased


def test_a_writer_that_comes_in_between_is_erased_too():
    class Racing(Table):
        raced = False

        def bury(self, records, **more):
            if not self.raced:
                self.raced = True
                feed([an_event("rival", who={"user_id": "u1"})], self)
            super().bury(records, **more)

    table = Racing()
    play([an_event(f"m{n}", who=w) for n, w in enumerate(PERSON)], table, batch=1)

    gone(table, at_home("user_id", "u1"))
    assert table.portraits() == {}


def test_more_identifiers_than_a_transaction_holds_and_a_crash_in_the_middle():
    class Crashing(Table):
        left = 1

        def bury(self, records, **more):
            super().bury(records, **more)
            self.left -= 1
            if self.left == 0:
                raise Unavailable("the invocation ended here")

    table = Crashing()
    visitors = [{"user_id": "u1", "anonymous_id": f"a{n}"} for n in range(MAX_TOMBSTONES + 20)]
    play([an_event(f"m{n}", who=who) for n, who in enumerate(visitors)], table, batch=30)
    inside = [who for who in visitors if table.items[
        at_home("anonymous_id", who["anonymous_id"])].merged_into]  # fmt: skip
    with pytest.raises(Unavailable):
        gone(table, at_home("user_id", "u1"))

    feed([an_event(f"l{n}", who=who) for n, who in enumerate(inside)], table)
    gone(table, at_home("user_id", "u1"), NOON + 2000)

    assert at_home("user_id", "u1") not in table.portraits()
    assert all(
        table.items[at_home("anonymous_id", who["anonymous_id"])].erased_at for who in inside
    )


def test_who_is_not_there_yet_is_erased_all_the_same():
    table = Table()

    gone(table, at_home("user_id", "u1"))
    late = feed([an_event("late", who={"user_id": "u1"}, at=NOON)], table)
    gone(table, at_home("user_id", "u1"), NOON + 5000)
    later = feed([an_event("later", who={"user_id": "u1"}, at=NOON + 4000)], table)

    assert (len(late.erased), len(later.erased)) == (1, 1)
    assert table.portraits() == {}


def test_a_shared_device_forgets_the_person_too():
    anna = {"first_name": "Anna", "last_name": "Ek"}
    people = [{"first_name": "Bo"}, anna, {"first_name": "Cecilia"}]
    table = play(
        [
            an_event(f"s{n}", who={"user_id": f"u{n}", "anonymous_id": "tablet"}, traits=called)
            for n, called in enumerate(people)
        ],
        batch=1,
    )
    root = at_home("user_id", "u1")
    tablet = table.portraits()[at_home("anonymous_id", "tablet")]
    assert root in tablet.beyond

    gone(table, root)

    tablet = table.portraits()[at_home("anonymous_id", "tablet")]
    assert root not in tablet.beyond
    play([an_event("next", who={"user_id": "u2", "anonymous_id": "tablet"})], table)
    assert at_home("anonymous_id", "tablet") in table.portraits()
    assert "anna ek" not in {name for one in tablet.ids.values() for name in one.names}


def test_losing_every_race_is_said():
    class Losing(Table):
        def bury(self, records, **more):
            raise Conflict("again")

    table = Losing()
    play([an_event("m1", who={"user_id": "u1"})], table)

    with pytest.raises(Unavailable):
        gone(table, at_home("user_id", "u1"))
