"""The portrait's bytes: canonical, versioned, small."""

import pytest

from portrait import seen, state
from portrait.strand import Strand
from tests.unit.core.worlds import NOON, an_event, play


def typical():
    """Return a customer of a few weeks: who they are, twenty views, three orders."""
    who = {"user_id": "customer-4711", "anonymous_id": "0d9f2a52-64a5-4ec0-b5e8-0c7f2f0c2a11"}
    traits = {"email": "anna.lind@example.se", "firstName": "Anna", "country": "SE"}
    events = [an_event("i", kind="identify", who=who, traits=traits)]
    events.append(an_event("c", name="Consent Granted", who=who))
    events += [an_event(f"v{i}", at=NOON + i * 7_777_777, who=who) for i in range(20)]
    events += [
        an_event(
            f"o{i}",
            name="Order Completed",
            at=NOON + i * 9**9,
            who=who,
            properties={"revenue": 49.9},
        )
        for i in range(3)
    ]
    return play(events)


def test_a_typical_portrait_is_one_write_unit():
    (packed,) = typical().states().values()

    assert len(packed) < 1024 - 100  # the native attributes and their names take some 70 bytes


def test_encoding_is_canonical_and_reads_back():
    (packed,) = typical().states().values()

    assert state.encode(state.decode(packed)) == packed


def test_a_newer_format_is_refused_with_a_clear_word():
    with pytest.raises(ValueError, match="format 9; this code reads 2"):
        state.decode(b"\x09rest")


def test_nothing_decodes_to_nobody():
    assert state.decode(b"") == state.State()


def test_parts_name_every_part_of_a_strand():
    (portrait,) = typical().portraits().values()

    assert set(state.parts(portrait.strands)) == set(Strand.__struct_fields__)


def test_a_message_is_forgotten_only_after_more_than_thirty_days():
    known: seen.Seen = []
    seen.add(known, 100, b"first!")
    for day in (110, 130):
        seen.add(known, day, f"day{day}".encode())
    assert seen.contains(known, b"first!")

    seen.add(known, 135, b"later!")
    assert not seen.contains(known, b"first!")


def test_a_loud_customer_keeps_a_bounded_number_of_hashes():
    known: seen.Seen = []
    for number in range(seen.MAX_SEEN + 500):
        seen.add(known, number // 1000, number.to_bytes(6, "big"))

    assert sum(len(packed) for _, packed in known) == seen.MAX_SEEN * seen.HASH_SIZE
    assert not seen.contains(known, (0).to_bytes(6, "big"))
    assert seen.contains(known, (seen.MAX_SEEN + 499).to_bytes(6, "big"))


def test_a_hash_is_not_found_across_the_border_of_two_others():
    known: seen.Seen = []
    seen.add(known, 1, b"abcdef")
    seen.add(known, 1, b"ghijkl")

    assert not seen.contains(known, b"defghi")
