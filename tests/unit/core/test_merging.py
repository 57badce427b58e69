"""Merging: identifiers that meet on an event become one customer, also under races."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from portrait import profile
from portrait.catalogue import Catalogue
from portrait.changes import decode
from portrait.faults import Conflict, Unavailable
from portrait.fold import fold_group
from portrait.identity import home
from portrait.profile import MAX_ATTEMPTS, MAX_HOMES_PER_WRITE
from portrait.record import Write
from tests.unit.core.worlds import NOON, SECRET, Table, an_event, feed, play


def at_home(namespace: str, value: str) -> str:
    return home(SECRET, namespace, value)


def test_a_login_ties_what_the_visitor_did_to_the_customer():
    table = play(
        [
            an_event("m1", who={"anonymous_id": "a1"}),
            an_event("m2", who={"user_id": "u1", "anonymous_id": "a1"}),
        ],
        batch=1,
    )

    (customer,) = table.portraits().values()
    assert customer.home == at_home("user_id", "u1")
    assert customer.view(Catalogue(), NOON).count("Product Viewed", None) == 2
    assert table.items[at_home("anonymous_id", "a1")].merged_into == customer.home


def test_the_strongest_identifier_becomes_the_root_even_when_it_comes_last():
    table = play(
        [
            an_event("m1", who={"email": "x@y.se"}),
            an_event("m2", who={"email": "x@y.se", "anonymous_id": "a1"}),
            an_event("m3", who={"user_id": "u1", "email": "x@y.se"}),
            an_event("m4", who={"anonymous_id": "a1"}),
        ],
        batch=1,
    )

    assert list(table.portraits()) == [at_home("user_id", "u1")]
    (customer,) = table.portraits().values()
    assert sum(strand.events for strand in customer.strands.values()) == 4


def test_a_pointer_that_a_merge_left_behind_is_compressed_when_it_is_met():
    table = play(
        [
            an_event("m1", who={"email": "x@y.se", "anonymous_id": "a1"}),
            an_event("m2", who={"user_id": "u1", "email": "x@y.se"}),
            an_event("m3", who={"user_id": "u1", "anonymous_id": "a1"}),
        ],
        batch=1,
    )

    assert table.items[at_home("anonymous_id", "a1")].merged_into == at_home("user_id", "u1")


def test_a_merge_tells_when_whom_and_which_event_showed_it():
    works: list[Write] = []

    class Watched(Table):
        def write(self, work, *, now):
            works.append(work)
            super().write(work, now=now)

    table = Watched()
    play([an_event("m1", who={"anonymous_id": "a1"})], table)
    play([an_event("m2", who={"user_id": "u1", "anonymous_id": "a1"})], table)

    (merge,) = decode(works[-1].changes).merges
    assert (merge.absorbed, merge.into) == (at_home("anonymous_id", "a1"), at_home("user_id", "u1"))
    assert merge.cause == works[-1].cause


def test_one_write_per_customer_and_batch():
    table = Table()
    events = [an_event(f"m{i}", who={"user_id": f"u{i % 5}"}) for i in range(40)]

    outcome = feed(events, table)

    assert (len(outcome.applied), outcome.writes) == (40, 5)


def test_a_repeated_batch_writes_nothing():
    events = [an_event(f"m{i}", who={"user_id": "u1", "anonymous_id": "a1"}) for i in range(5)]
    table = play(events)
    before = table.writes

    outcome = feed(events, table)

    assert (outcome.applied, len(outcome.duplicates)) == ([], 5)
    assert table.writes == before


class Racing(Table):
    """A table where another writer gets in first, as often as it is told to."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    def write(self, work, *, now):
        if self.races:
            self.races -= 1
            play([an_event(f"rival{self.races}", who={"user_id": "u1"})], super_of(self))
            raise Conflict(work.root.home)
        super().write(work, now=now)


def super_of(racing: Racing) -> Table:
    plain = Table()
    plain.items = racing.items
    return plain


def test_a_lost_race_is_folded_anew_and_loses_neither_side():
    table = Racing(races=3)

    outcome = feed([an_event("mine", who={"user_id": "u1"})], table)

    assert (outcome.applied, outcome.conflicts) == ([0], 3)
    (customer,) = table.portraits().values()
    assert sum(strand.events for strand in customer.strands.values()) == 4


def test_races_without_end_leave_the_events_on_the_queue():
    outcome = feed([an_event(who={"user_id": "u1"})], Racing(races=MAX_ATTEMPTS))

    assert outcome.failed == [0]


def test_a_table_that_does_not_answer_fails_only_the_customer_it_was_about():
    class Half(Table):
        def write(self, work, *, now):
            if work.root.home == at_home("user_id", "u1"):
                raise Unavailable("no answer")
            super().write(work, now=now)

    events = [an_event("m1", who={"user_id": "u1"}), an_event("m2", who={"user_id": "u2"})]
    outcome = feed(events, Half())

    assert (outcome.failed, outcome.applied) == ([0], [1])


def test_a_write_whose_reply_was_lost_is_found_done():
    class Lossy(Table):
        lost = False

        def write(self, work, *, now):
            super().write(work, now=now)
            if not self.lost:
                self.lost = True
                raise Conflict("the SDK repeated a write that had been done")

    table = Lossy()
    outcome = feed([an_event()], table)

    assert outcome.duplicates == [0]
    (customer,) = table.portraits().values()
    assert sum(strand.events for strand in customer.strands.values()) == 1


def test_more_identifiers_than_a_transaction_holds_take_several_writes():
    people = [
        {"user_id": "u1", "anonymous_id": f"a{i}"} for i in range(2 * MAX_HOMES_PER_WRITE + 10)
    ]
    table = Table()

    outcome = feed([an_event(f"m{i}", who=who) for i, who in enumerate(people)], table)

    assert len(outcome.applied) == len(people)
    assert outcome.writes >= 3
    assert list(table.portraits()) == [at_home("user_id", "u1")]


def test_what_was_received_before_an_erasure_brings_nothing_back_and_later_starts_afresh():
    table = play([an_event("m1", who={"user_id": "u1"})])
    root = at_home("user_id", "u1")
    table.items[root] = replace(table.items[root], state=b"", erased_at=NOON + 10, version=9)

    in_flight = feed([an_event("m2", at=NOON + 5, who={"user_id": "u1"})], table)
    returning = feed([an_event("m3", at=NOON + 11, who={"user_id": "u1"})], table)

    assert (in_flight.erased, in_flight.writes) == ([0], 0)
    assert returning.applied == [0]
    assert table.items[root].erased_at == NOON + 10


def test_a_long_chain_of_pointers_is_followed_and_shortened():
    names = {at_home("anonymous_id", f"a{i}"): f"a{i}" for i in range(40)}
    table = play(an_event(a, who={"user_id": "u0", "anonymous_id": a}) for a in names.values())
    root = at_home("user_id", "u0")
    chain = [*sorted(names, reverse=True), root]
    for weaker, stronger in pairwise(chain):
        table.items[weaker] = replace(table.items[weaker], merged_into=stronger)

    play([an_event("m1", who={"anonymous_id": names[chain[0]]})], table)

    assert table.items[chain[0]].merged_into == root
    assert list(table.portraits()) == [root]


def test_a_fault_of_ours_with_one_customer_stops_no_other(monkeypatch):
    def broken(group, *_, **more):
        if group.sightings[0].event.id == "m1":
            raise ZeroDivisionError
        return fold_group(group, *_, **more)

    monkeypatch.setattr(profile, "fold_group", broken)
    events = [an_event("m1", who={"user_id": "u1"}), an_event("m2", who={"user_id": "u2"})]

    outcome = feed(events, Table())

    assert (outcome.applied, outcome.failed) == ([1], [0])
    assert outcome.faults == ["ZeroDivisionError"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("uv")), st.data())
def test_merges_in_any_order_end_in_the_same_customers_without_cycles(visitors, data):
    events = [
        an_event(f"{visitor}{also}", at=NOON + i, who={"email": f"{user}@y.se", also: value})
        for i, (visitor, user) in enumerate(visitors.items())
        for also, value in (
            ("anonymous_id", visitor),
            ("phone", f"07012345{ord(user)}"),
            ("user_id", user),
        )
    ]
    one, other = play(events, batch=1), play(data.draw(st.permutations(events)), batch=3)

    assert one.states() == other.states()
    for record in other.items.values():
        hops = 0
        while record.merged_into:
            assert record.merged_into < record.home
            record, hops = other.items[record.merged_into], hops + 1
        assert hops <= 8
