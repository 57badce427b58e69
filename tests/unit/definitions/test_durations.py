"""Durations: what is one, how long it is, and how it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.durations import LONGEST_MS, canonical, milliseconds


@pytest.mark.parametrize(
    ("text", "length", "written"),
    [
        ("15m", 900_000, "15m"),
        ("90m", 5_400_000, "90m"),
        ("120m", 7_200_000, "2h"),
        ("24h", 86_400_000, "1d"),
        ("36h", 129_600_000, "36h"),
        ("1440m", 86_400_000, "1d"),
        ("30d", 2_592_000_000, "30d"),
        ("3660d", LONGEST_MS, "3660d"),
    ],
)
def test_a_duration_has_a_length_and_one_way_of_writing_it(text, length, written):
    assert milliseconds(text) == length
    assert canonical(text) == written


@pytest.mark.parametrize(
    "text", ["", "0d", "30", "d", "3w", "1.5h", "-1d", "1 d", "1d2h", "01d", "30D", "3661d", "٣d"]
)
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="15m, 2h or 30d"):
        milliseconds(text)


@given(st.integers(1, 3660), st.sampled_from("mhd"))
def test_the_canonical_form_is_as_long(number, unit):
    text = f"{number}{unit}"

    assert milliseconds(canonical(text)) == milliseconds(text)
    assert canonical(canonical(text)) == canonical(text)
