"""Sizes of segments from a sample: close, with an interval that keeps its word, exact when all."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.record import Record
from portrait.segment_sizes import Estimate, estimate, measure
from portrait.segments import review
from tests.unit.core.histories import NOW, Order, portrait_of
from tests.unit.core.test_segments import HOUR_MS, a_catalogue, bought

CATALOGUE = a_catalogue(bought("6h"))


def a_record(number: int, ago: int, *, reviewed: bool = True) -> Record:
    portrait = portrait_of(CATALOGUE, [Order(NOW - ago)])
    if reviewed:
        review(portrait, CATALOGUE, NOW)
    return Record(f"home{number}", 1, portrait.encode())


INSIDE, OUTSIDE = a_record(0, HOUR_MS), a_record(1, 9 * HOUR_MS)


def test_when_all_is_read_every_number_is_exact():
    sizes = measure([[INSIDE, OUTSIDE], [INSIDE], []], 3, CATALOGUE, now=NOW)

    assert (sizes.share, sizes.people) == (1, Estimate(3, 3, 3, 3))
    assert sizes.segments == {"s0": Estimate(2, 2, 2, 2)}


def test_reading_stops_at_the_end_of_the_slice_that_makes_it_enough():
    sizes = measure([[INSIDE] * 3, [OUTSIDE] * 3, [INSIDE] * 99], 4, CATALOGUE, now=NOW, enough=5)

    assert (sizes.share, sizes.people.found, sizes.people.size) == (0.5, 6, 12)
    assert sizes.segments["s0"].size == 6


@given(st.integers(0, 10**6), st.floats(0.001, 1))
def test_an_estimate_lies_in_its_interval_and_nothing_that_was_found_is_forgotten(found, share):
    one = estimate(found, share)
    assert found <= one.low <= one.size <= one.high


@pytest.mark.parametrize("true", [0, 1, 5, 40, 1000, 20_000])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_the_interval_holds_the_true_size_nineteen_times_in_twenty(true, share):
    chance, trials = Random(f"{true} {share}"), 1500
    held = 0
    for _ in range(trials):
        # As binomialvariate would draw it, which Python 3.11 has not.
        found = sum(chance.random() < share for _ in range(true)) if true <= 1000 else round(
            chance.gauss(true * share, (true * share * (1 - share)) ** 0.5)
        )  # fmt: skip
        one = estimate(max(0, found), share)
        held += one.low <= true <= one.high

    assert held / trials >= 0.94


def test_an_empty_segment_is_not_said_to_be_empty_unless_all_was_read():
    assert estimate(0, 1) == Estimate(0, 0, 0, 0)
    assert estimate(0, 0.01).high > 100


def test_whoever_is_not_where_the_definitions_say_is_stale():
    late = NOW - HOUR_MS
    records = [
        INSIDE,
        a_record(2, HOUR_MS, reviewed=False),
        Record("home3", 1, INSIDE.state, due_at=late),
        Record("home4", 1, INSIDE.state, due_at=NOW + 1),
    ]

    assert measure([records], 1, CATALOGUE, now=NOW).stale == ("home2", "home3")


def test_a_portrait_that_cannot_be_read_is_a_person_all_the_same():
    sizes = measure([[INSIDE, Record("h", 1, b"\xff")]], 1, CATALOGUE, now=NOW)

    assert (sizes.people.size, sizes.segments["s0"].size) == (2, 1)
