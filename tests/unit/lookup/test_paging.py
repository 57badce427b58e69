"""Pages: together they are the list, and a cursor that nobody handed out is refused."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.faults import Rejected
from portrait.lookup.paging import MAX_CURSOR, make_cursor, page, read_cursor

FORM = tuple[Literal["list"], int, str]
KEYS = st.tuples(st.just("list"), st.integers(-(2**53), 2**53), st.text(max_size=8))
LISTS = st.lists(KEYS, unique=True, max_size=30)


def pages(keys, limit):
    """Return the items of every page, following the cursors."""
    after, found = "", []
    while True:
        part = page([(key, key) for key in keys], FORM, limit=limit, after=after)
        assert len(part.items) <= limit
        found.append(part.items)
        after = part.cursor["next"]
        assert part.cursor == {
            "url": "", "has_more": bool(after), "next": after, "limit": limit,
        }  # fmt: skip
        if not after:
            return found


@given(keys=LISTS, limit=st.integers(1, 40))
def test_pages_are_the_whole_list_in_order_and_no_more_of_them_than_needed(keys, limit):
    found = pages(keys, limit)
    assert [key for part in found for key in part] == sorted(keys)
    assert len(found) == max(1, -(-len(keys) // limit))


@given(keys=LISTS, more=LISTS, limit=st.integers(1, 9))
def test_what_is_added_between_pages_neither_repeats_nor_hides_an_item(keys, more, limit):
    first = page([(key, key) for key in keys], FORM, limit=limit, after="")
    if not first.cursor["has_more"]:
        return
    both = sorted({*keys, *more})
    second = page([(k, k) for k in both], FORM, limit=99, after=first.cursor["next"])
    assert second.items == [key for key in both if key > first.items[-1]]


def refusal(text):
    """Return why a cursor is refused, or where in which list it is."""
    try:
        return read_cursor(text, FORM)[0]
    except Rejected as fault:
        return fault.reason


@given(text=st.text(max_size=40) | st.binary(max_size=40).map(lambda b: b.hex()))
def test_a_cursor_that_nobody_handed_out_is_refused(text):
    assert refusal(text) == "invalid_cursor"


@given(key=KEYS, place=st.integers(0, 200), to=st.sampled_from("AZaz09-_="))
def test_a_cursor_that_was_tampered_with_is_a_place_in_the_same_list_or_refused(key, place, to):
    text = make_cursor(key)
    place %= len(text)
    assert refusal(text[:place] + to + text[place + 1 :]) in ("list", "invalid_cursor")


@pytest.mark.parametrize(
    "text",
    [
        make_cursor(("other", 1, "a")),
        make_cursor(("list", "1", "a")),
        make_cursor(("list", 1)),
        make_cursor(("list", 1, "a" * MAX_CURSOR)),
    ],
    ids=["of another list", "of another type", "too short", "too long"],
)
def test_a_cursor_of_another_form_is_refused(text):
    with pytest.raises(Rejected, match="invalid_cursor"):
        read_cursor(text, FORM)
