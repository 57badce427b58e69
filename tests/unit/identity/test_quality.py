"""Precision, recall and people in wrong profiles, against a look at every pair."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.quality import Quality, ceiling, owner, quality, tellable

PLACES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30)
EMAIL, PHONE = ("email", "a@b.se"), ("phone", "+46701")


@given(PLACES)
def test_pairwise_figures_equal_those_of_looking_at_every_pair(places):
    truth = {f"s{n}": person for n, (person, _) in enumerate(places)}
    held = {f"s{n}": portrait for n, (_, portrait) in enumerate(places)}
    together = {(a, b) for a, b in combinations(truth, 2) if held[a] == held[b]}
    same = {(a, b) for a, b in combinations(truth, 2) if truth[a] == truth[b]}

    reached = quality(held, truth)

    assert reached.precision == (len(together & same) / len(together) if together else 1)
    assert reached.recall == (len(together & same) / len(same) if same else 1)


def test_whoever_has_fewer_sightings_in_a_portrait_is_in_a_wrong_profile_and_both_share_it():
    truth = {"s1": 1, "s2": 1, "s3": 2, "s4": 3}

    reached = quality({"s1": "p", "s2": "p", "s3": "p", "s4": "q"}, truth)

    assert reached == Quality(1 / 3, 1.0, 3, wrong=1, sharing=2, people=3)
    assert reached.f1 == pytest.approx(0.5)


def test_of_two_with_as_many_sightings_only_one_owns_the_portrait():
    assert owner({7: 2, 3: 2, 9: 1}) == 3


def test_the_ceiling_links_a_person_in_as_many_steps_as_it_takes_and_nobody_else():
    truth = {"s1": 1, "s2": 1, "s3": 1, "s4": 2, "s5": 1}
    tokens = {"s1": (EMAIL,), "s2": (EMAIL, PHONE), "s3": (PHONE,), "s4": (PHONE,), "s5": ()}

    best = ceiling(truth, truth, tokens)

    assert best["s1"] == best["s2"] == best["s3"]
    assert len({best["s1"], best["s4"], best["s5"]}) == 3


def test_a_sighting_can_be_told_by_an_identifier_that_is_mostly_its_actors():
    truth = {"s1": 1, "s2": 1, "s3": 1, "s4": 2, "s5": 2, "s6": 2}
    tokens = {**{f"s{n}": (EMAIL,) for n in (1, 2, 3, 4)}, "s5": (PHONE,), "s6": ()}

    assert tellable(truth, tokens) == {"s1", "s2", "s3", "s5"}
