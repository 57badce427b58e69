"""Suppression: an address that bounced is closed, and another that the customer tells is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.strand import Strand
from portrait.suppression import MAX_ADDRESSES, fold, is_suppressed, mark
from portrait.view import View
from tests.unit.core.worlds import NOON, Table, an_event, play

OLD, NEW = "Ann@Example.com", "ann@work.example"
WHO = {"user_id": "u1"}


def view_of(table: Table) -> View:
    [portrait] = table.portraits().values()
    return View(portrait, {}, NOON)


def moved(address: str, at: int):
    return an_event(
        f"i-{address}-{at}", kind="identify", name="", at=at, who=WHO, traits={"email": address}
    )


def bounced(at: int = NOON + 10, **said):
    properties = {"permanent": True, **said}
    return an_event("b1", name="Email Bounced", at=at, who=WHO, properties=properties)


def test_an_address_that_bounced_is_closed_until_the_customer_tells_another():
    told = [moved(OLD, NOON), bounced(address_mark=mark("email", OLD.lower()))]

    assert view_of(play(told)).suppressed("email")
    assert not view_of(play([*told, moved(NEW, NOON + 20)])).suppressed("email")
    back = [*told, moved(NEW, NOON + 20), moved(OLD, NOON + 30)]
    assert view_of(play(back)).suppressed("email")


def test_a_bounce_of_the_address_before_does_not_close_the_new_one():
    told = [moved(OLD, NOON), moved(NEW, NOON + 1), bounced(address_mark=mark("email", OLD))]

    assert not view_of(play(told)).suppressed("email")


@pytest.mark.parametrize("said", [{}, {"address_mark": ""}, {"address_mark": 7}])
def test_where_nobody_says_which_address_the_channel_is_closed(said):
    told = [moved(OLD, NOON), bounced(**said), moved(NEW, NOON + 20)]

    assert view_of(play(told)).suppressed("email")


def test_who_complained_is_not_written_to_at_another_address_either():
    complaint = an_event(
        "c1", name="Email Marked as Spam", who=WHO, at=NOON + 1,
        properties={"address_mark": mark("email", OLD)},
    )  # fmt: skip

    assert view_of(play([moved(OLD, NOON), complaint, moved(NEW, NOON + 2)])).suppressed("email")


@pytest.mark.parametrize("written", ["+46701740605", "070-174 06 05", "0046 70 174 06 05"])
def test_a_number_is_the_same_however_it_is_written(written):
    assert mark("sms", written) == mark("sms", "+46701740605")
    assert mark("sms", written) != mark("sms", "+46701740606")


def test_no_address_can_be_read_off_a_mark():
    assert "ann" not in mark("email", OLD)
    assert len(mark("email", OLD)) == 12


addresses = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 60), st.booleans()), max_size=60
)  # fmt: skip


@given(addresses, st.data())
def test_what_is_closed_does_not_depend_on_order_or_repetition_and_is_bounded(told, data):
    events = [
        an_event(
            f"b{number}", name="Email Bounced", at=NOON + at,
            properties={"permanent": True} | ({"address_mark": mark("email", str(who))} if known
                                              else {}),
        )
        for number, (who, at, known) in enumerate(told)
    ]  # fmt: skip
    again = events + (data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else [])

    def folded(heard):
        closed: dict[str, int] = {}
        for event in heard:
            fold(closed, event)
        return closed

    closed = folded(events)
    assert folded(data.draw(st.permutations(again))) == closed
    assert sum(" " in key for key in closed) <= MAX_ADDRESSES
    assert is_suppressed(closed, "email", None) == bool(told)
    assert is_suppressed(closed, "email", "other") == any(not known for *_, known in told)


def test_what_an_older_portrait_says_of_a_whole_channel_stands():
    assert is_suppressed(Strand(suppressed={"sms": NOON}).suppressed, "sms", "+46701740605")
