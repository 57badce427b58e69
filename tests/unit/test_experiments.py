"""Control groups: the hash is GrowthBook's, the groups have the size that was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.experiments import arm, bucket

# growthbook/growthbook, packages/sdk-js/test/cases.json, specVersion 0.8.0, "hash" with version 2
GROWTHBOOK_VERSION_2 = [
    ("seed", "a", 0.0505),
    ("seed", "b", 0.2696),
    ("foo", "ab", 0.2575),
    ("foo", "def", 0.2019),
    ("89123klj", "8952klfjas09ujkasdf", 0.124),
    ("90850943850283058242805", "123", 0.7516),
    ("()**(%$##$%#$#", '___)((*":&', 0.0128),
]

SUBJECTS = [f"asubject{number}" for number in range(5_000)]


@pytest.mark.parametrize(("seed", "value", "expected"), GROWTHBOOK_VERSION_2)
def test_buckets_are_those_that_growthbook_publishes(seed, value, expected):
    assert bucket(seed, value) == expected


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_a_control_group_has_about_the_share_that_was_asked_for(share):
    held_out = sum(arm("welcome", subject, share) == "control" for subject in SUBJECTS)

    assert held_out / len(SUBJECTS) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(("share", "expected"), [(0, {"treated"}), (1, {"control"})])
def test_nobody_or_everybody_can_be_held_out(share, expected):
    assert {arm("welcome", subject, share) for subject in SUBJECTS} == expected


def test_a_control_group_ends_before_the_bucket_of_its_share():
    assert arm("seed", "a", 0.0505) == "treated"
    assert arm("seed", "a", 0.0506) == "control"


def test_seeds_draw_groups_that_do_not_follow_each_other():
    welcome, basket = (
        {subject for subject in SUBJECTS if arm(seed, subject, 0.5) == "control"}
        for seed in ("welcome", "abandoned_basket")
    )

    assert len(welcome & basket) / len(SUBJECTS) == pytest.approx(0.25, abs=0.03)


@given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_releases_nobody(subject, one, other):
    smaller, larger = sorted((one, other))

    if arm("welcome", subject, smaller) == "control":
        assert arm("welcome", subject, larger) == "control"
