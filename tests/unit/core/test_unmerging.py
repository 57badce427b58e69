"""Unmerging: two portraits, each as if the merge had never happened; and its history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.history import history
from portrait.identity import home
from portrait.strand import Contact
from portrait.unmerging import Unmerged, unmerge
from tests.unit.core.worlds import NOON, SECRET, Table, an_event, play

USER, MAIL, VISITOR = ("user_id", "u1"), ("email", "x@y.se"), ("anonymous_id", "a1")


def at_home(namespace: str, value: str) -> str:
    return home(SECRET, namespace, value)


def undo(table: Table, identifier: tuple[str, str], target: str = "") -> Unmerged | None:
    place = at_home(*identifier)
    return unmerge(
        place, target or place, table, catalogue=Catalogue(), clock=lambda: NOON + 1000,
        pause=lambda _: None,
    )  # fmt: skip


def consent(id: str, status: str, who: Mapping[str, str], at: int = NOON) -> Any:
    told = {"channel": "email", "purpose": "marketing"}
    return an_event(id, name=f"Consent {status}", who=who, at=at, properties=told)


def strands(table: Table) -> dict[str, bytes]:
    """Return what each portrait holds of its customer, without how they came to be one."""
    return {
        portrait.home: replace(portrait, cuts=[], kept={}, ids={}).encode()
        for portrait in table.portraits().values()
    }


def test_an_identifier_that_is_taken_out_leaves_with_what_was_heard_through_it():
    table = play(
        [
            an_event("m1", who={"email": "x@y.se"}),
            an_event("m2", who={"user_id": "u1"}),
            an_event("m3", who={"user_id": "u1", "email": "x@y.se"}),
        ],
        batch=1,
    )

    done = undo(table, MAIL)

    assert done is not None
    assert (done.stayed, done.left) == (at_home(*USER), at_home(*MAIL))
    counts = {p.home: p.view(Catalogue(), NOON).count("Product Viewed", None)
              for p in table.portraits().values()}  # fmt: skip
    assert counts == {at_home(*USER): 2, at_home(*MAIL): 1}


def test_what_hung_on_the_identifier_leaves_with_it():
    table = play(
        [
            an_event("m1", who={"email": "x@y.se", "anonymous_id": "a1"}),
            an_event("m2", who={"user_id": "u1", "email": "x@y.se"}),
            an_event("m3", who={"user_id": "u1", "anonymous_id": "a2"}),
        ],
        batch=1,
    )

    undo(table, MAIL)

    owners = {h: r.merged_into for h, r in table.items.items() if r.merged_into}
    assert owners == {
        at_home(*VISITOR): at_home(*MAIL),
        at_home("anonymous_id", "a2"): at_home(*USER),
    }


def test_a_merge_can_be_undone_by_its_id():
    table = play([an_event("m1", who={"user_id": "u1", "anonymous_id": "a1"})])
    (merge,) = history(table.portraits()[at_home(*USER)])

    done = undo(table, USER, merge["id"])

    assert done is not None
    assert done.merge == merge["id"]
    assert table.portraits().keys() == {at_home(*USER), at_home(*VISITOR)}


@pytest.mark.parametrize("target", ["", "no such merge"])
def test_where_nothing_was_merged_there_is_nothing_to_undo(target):
    table = play([an_event("m1", who={"user_id": "u1"})])

    assert undo(table, USER, target) is None
    assert undo(table, ("user_id", "nobody")) is None


def test_the_same_evidence_does_not_join_the_two_again_and_redelivery_counts_nothing():
    events = [
        an_event("m1", who={"anonymous_id": "a1"}),
        an_event("m2", who={"user_id": "u1", "anonymous_id": "a1"}),
    ]
    table = play(events, batch=1)
    undo(table, VISITOR)
    before = dict(table.states())

    play(events, table)
    assert table.states() == before

    play([an_event("m3", who={"user_id": "u1", "anonymous_id": "a1"}, at=NOON + 2000)], table)
    assert len(table.portraits()) == 2


def test_new_and_stronger_evidence_lifts_the_cut_and_the_history_says_so():
    table = play(
        [
            an_event("m1", who={"user_id": "u1", "anonymous_id": "a1"}),
            an_event("m2", who={"email": "x@y.se", "anonymous_id": "a1"}),
        ],
        batch=1,
    )
    assert len(table.portraits()) == 1
    done = undo(table, MAIL)
    assert done is not None

    play([an_event("m3", who={"user_id": "u1", "email": "x@y.se"}, at=NOON + 2000)], table)

    assert len(table.portraits()) == 1
    (portrait,) = table.portraits().values()
    assert [e["lifted"] for e in history(portrait) if e["kind"] == "unmerge"] == [True]


def test_a_withdrawal_stays_on_both_sides_until_a_new_yes_and_the_answer_says_so():
    table = play(
        [
            consent("m1", "Withdrawn", {"anonymous_id": "a1"}),
            consent("m2", "Granted", {"user_id": "u1"}, at=NOON + 1),
            an_event("m3", who={"user_id": "u1", "anonymous_id": "a1"}),
        ],
        batch=1,
    )

    done = undo(table, VISITOR)

    assert done is not None
    assert done.kept == ("email:marketing",)
    for portrait in table.portraits().values():
        assert portrait.view(Catalogue(), NOON + 2000).consent("email", "marketing") == "withdrawn"
    play([consent("m4", "Granted", {"user_id": "u1"}, at=NOON + 5000)], table)
    user = table.portraits()[at_home(*USER)]
    assert user.view(Catalogue(), NOON + 6000).consent("email", "marketing") == "granted"


def test_nobody_is_written_to_at_the_address_of_whom_they_were_taken_for():
    table = play(
        [
            an_event("m1", who={"user_id": "u1"}, kind="identify", traits={"first_name": "Ada"}),
            an_event("m2", who={"user_id": "u1", "email": "x@y.se"}, kind="identify",
                     traits={"email": " X@y.se"}),
        ],
        batch=1,
    )  # fmt: skip
    before = table.portraits()[at_home(*USER)].view(Catalogue(), NOON)
    assert before.address("email") == " X@y.se"

    undo(table, MAIL)

    after = table.portraits()[at_home(*USER)].view(Catalogue(), NOON)
    assert (after.address("email"), after.trait("first_name")) == (None, "Ada")


def test_contacts_go_with_the_strand_that_they_were_recorded_in():
    table = play([an_event("m1", who={"user_id": "u1", "anonymous_id": "a1"})])
    root = table.items[at_home(*USER)]
    portrait = root.portrait
    sent = Contact("c1", "email", "marketing", "welcome", NOON, "sent")
    portrait.strand(at_home(*VISITOR)).set_contact(sent)
    table.items[root.home] = replace(root, state=portrait.encode())

    undo(table, VISITOR)

    ids = {h: list(p.view(Catalogue(), NOON).contacts) for h, p in table.portraits().items()}
    assert ids == {at_home(*USER): [], at_home(*VISITOR): [sent]}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["left", "right"]), st.integers(0, 5), st.integers(0, 2))),
    st.integers(0, 3),
)
def test_merge_and_unmerge_leave_both_byte_identical_to_never_having_met(told, meetings):
    people = {
        "left": [{"user_id": "u1"}, {"user_id": "u1", "email": "l@y.se"}, {"email": "l@y.se"}],
        "right": [{"phone": "0700000001"}, {"phone": "0700000001", "anonymous_id": "r"},
                  {"anonymous_id": "r"}],
    }  # fmt: skip
    apart = [
        an_event("l", who={"user_id": "u1", "email": "l@y.se"}),
        an_event("r", who={"phone": "0700000001", "anonymous_id": "r"}),
        *(
            an_event(f"m{n}", who=people[side][which], at=NOON + minutes * 60_000)
            for n, (side, minutes, which) in enumerate(told)
        ),
    ]
    both = {"user_id": "u1", "phone": "0700000001"}
    meeting = [an_event(f"x{n}", who=both, at=NOON + n) for n in range(meetings + 1)]
    alone = [an_event(f"x{n}", who={"user_id": "u1"}, at=NOON + n) for n in range(meetings + 1)]
    table = play([*apart, *meeting])
    assert len(table.portraits()) == 1

    undo(table, ("phone", "0700000001"))

    assert strands(table) == strands(play([*apart, *alone]))
