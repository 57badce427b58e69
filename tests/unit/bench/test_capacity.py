"""Items weigh what DynamoDB says they weigh, and units follow its steps."""

from base64 import b64encode

import pytest

from tests.bench.aws.capacity import item_size, number_size, query_units, read_units, write_units


def binary(size: int) -> dict[str, str]:
    return {"B": b64encode(bytes(size)).decode()}


def test_an_item_weighs_its_names_and_values():
    item = {
        "home": {"S": "a" * 27},
        "state": binary(500),
        "version": {"N": "12"},
        "city": {"S": "Göteborg"},
        "gone": {"NULL": True},
    }
    names = len("home") + len("state") + len("version") + len("city") + len("gone")

    assert item_size(item) == names + 27 + 500 + 2 + 9 + 1


def test_lists_and_maps_weigh_three_and_one_for_each_element():
    assert item_size({"l": {"L": [{"S": "ab"}, {"BOOL": True}]}}) == 1 + 3 + (1 + 2) + (1 + 1)
    assert item_size({"m": {"M": {"key": {"S": "ab"}}}}) == 1 + 3 + (1 + 3 + 2)


@pytest.mark.parametrize(
    ("number", "size"), [("0", 1), ("7", 2), ("42", 2), ("1761234512345", 8), ("-12.5", 4)]
)
def test_a_number_weighs_a_byte_for_two_digits_and_one_more(number, size):
    assert number_size(number) == size


@pytest.mark.parametrize(("size", "units"), [(1, 1), (1024, 1), (1025, 2), (10_240, 10)])
def test_writing_costs_a_unit_for_each_kilobyte(size, units):
    assert write_units(size) == units
    assert write_units(size, transactional=True) == 2 * units


def test_the_larger_of_what_was_and_what_is_written_counts():
    assert write_units(3000, 100) == 3


def test_reading_costs_half_a_unit_for_each_four_kilobytes_of_each_item():
    assert read_units([100, 4096, 4097]) == 0.5 + 0.5 + 1
    assert read_units([100], consistent=True) == 1


def test_a_home_where_nothing_lies_costs_as_much_as_a_small_item():
    assert read_units([0, 0]) == 1


def test_a_query_is_rounded_once():
    assert query_units([1000] * 8) == 1
