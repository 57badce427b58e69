"""The generator keeps what it says about its worlds."""

from random import Random

import pytest

from tests.identity.hostile import CLERK_MAIL, CLERK_PHONE, LISTED
from tests.identity.identifiers import identifiers_of
from tests.identity.shares import Shares
from tests.identity.worlds import typed, world

PEOPLE = 3_000
PARTS = {
    "kiosk", "family device", "family phone", "family mail", "family card", "role mailbox",
    "recycled phone", "typo", "typo into another's", "employee", "placeholder", "clerk's value",
}  # fmt: skip
HOSTILE = Shares(kiosks=1 / 1000, employees=1 / 1000, typo_into_somebody=0.005)


@pytest.fixture(scope="module")
def scene():
    return world(1, PEOPLE, HOSTILE)


def test_a_seed_makes_one_world_and_another_seed_another(scene):
    assert world(1, PEOPLE, HOSTILE).events == scene.events
    assert world(2, PEOPLE, HOSTILE).events != scene.events


def test_people_are_seen_three_times_or_more_on_average_and_nearly_all_of_them(scene):
    assert len(scene.events) >= 3 * PEOPLE
    assert len(set(scene.truth.values())) > 0.99 * PEOPLE


def test_every_hostile_part_happens(scene):
    assert set(scene.parts.values()) == PARTS


def test_a_world_without_hostile_parts_has_none():
    nothing = Shares(*[0.0] * len(Shares.__dataclass_fields__))

    assert not world(1, 500, nothing).parts


def test_events_come_in_the_order_in_which_they_happened(scene):
    instants = [event.timestamp for event in scene.events]

    assert instants == sorted(instants)
    assert all(event.received_at == event.timestamp for event in scene.events)


def test_late_events_come_in_the_order_of_arrival_and_no_later_than_allowed():
    late = world(1, 500, late_ms=60_000).events
    received = [event.received_at for event in late]
    delays = {event.received_at - event.timestamp for event in late}

    assert received == sorted(received)
    assert 0 in delays
    assert 0 < max(delays) < 60_000


@pytest.mark.parametrize("value", ["+46701234568", "anna.berg@mail.example"])
def test_every_form_in_which_somebody_types_it_is_one_identifier(value):
    namespace = "email" if "@" in value else "phone"
    forms = {typed(namespace, value, Random(seed)) for seed in range(200)}

    assert len(forms) >= 4
    assert {identifiers_of({namespace: form}, {}) for form in forms} == {((namespace, value),)}


def test_a_clerks_own_value_is_on_no_list_and_passes_as_an_identifier():
    assert len(identifiers_of({"phone": CLERK_PHONE, "email": CLERK_MAIL}, {})) == 2
    assert CLERK_PHONE not in LISTED["phone"]


def test_made_up_values_are_nobodys_tokens(scene):
    values = {value for held in scene.tokens.values() for _, value in held}

    assert not values & {CLERK_PHONE, CLERK_MAIL, *LISTED["phone"], *LISTED["email"]}


def test_a_recycled_number_is_never_its_two_owners_at_once():
    scene = world(3, PEOPLE, Shares(recycled=0.2, typo=0, typo_into_somebody=0))
    owners: dict[str, list[int]] = {}
    for event in scene.events:
        if scene.parts.get(event.id) == "recycled phone":
            number = dict(scene.tokens[event.id]).get("phone")
            if number is not None:
                owners.setdefault(number, []).append(scene.truth[event.id])
    passed = [people for people in owners.values() if len(set(people)) == 2]

    assert len(passed) > 10
    for people in passed:
        assert people == sorted(people, key=people.index)
