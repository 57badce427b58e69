"""The verdict finds the product's own fold right, and everything that is tampered with."""

from collections import Counter
from copy import deepcopy
from random import Random

import pytest

from tests.demo import verdict
from tests.demo.feedback import Delivered, reports
from tests.demo.measure import Row
from tests.demo.scenario import day
from tests.unit.demo.days import NOW, PHASE_MS, SECRET, played

LATER = NOW + 10 * PHASE_MS
ADDRESSES = [f"reader.{number}@example.com" for number in range(60)]


@pytest.fixture(scope="module")
def whole_day():
    posts = [post for posts in day(11, 60) for post in posts]
    told = [Delivered(f"contact-{number}", a) for number, a in enumerate(ADDRESSES)]
    posts += reports(told, Random(1), phase=4, now=NOW + 4 * PHASE_MS)
    return played(posts)


@pytest.fixture
def world(whole_day):
    sent, found = whole_day
    catalogue, found.catalogue = found.catalogue, None
    copy = deepcopy(found)
    found.catalogue = copy.catalogue = catalogue
    return verdict.expect(sent, SECRET), copy


def differences(world) -> list[str]:
    expected, found = world
    return [*verdict.balance(expected, found), *verdict.portraits(expected, found, LATER)]


def test_the_products_own_fold_is_as_the_oracle_has_it(world):
    assert differences(world) == []


def test_what_was_accepted_is_the_sum_of_what_became_of_it(world):
    expected, found = world

    assert expected.accepted == found.applied + found.duplicates + found.quarantined.total()


def portrait(found, part: str = "traits"):
    """Return some strand that has something in this part."""
    strands = (s for one in found.portraits.values() for s in one.strands.values())
    return next(strand for strand in strands if getattr(strand, part))


def count_an_event_twice(found):
    portrait(found, "events").events += 1


def lose_a_portrait(found):
    del found.portraits[min(found.portraits)]


def lose_a_pointer(found):
    del found.pointers[min(found.pointers)]


def point_elsewhere(found):
    found.pointers[min(found.pointers)] = max(found.portraits)


def invent_a_portrait(found):
    found.portraits["d" * 27] = next(iter(found.portraits.values()))


def forget_a_trait(found):
    portrait(found).traits.popitem()


def keep_an_old_value(found):
    strand = portrait(found)
    name = next(iter(strand.traits))
    strand.traits[name] = strand.traits[name]._replace(value="of yesterday")


def ignore_a_withdrawal(found):
    strands = (s for one in found.portraits.values() for s in one.strands.values())
    for strand in strands:
        for key, word in strand.consents.items():
            if word.status == "withdrawn":
                strand.consents[key] = word._replace(status="granted")


def drop_a_series(found):
    portrait(found, "series").series.pop("Order Completed", None)
    for one in found.portraits.values():
        for strand in one.strands.values():
            strand.series.pop("Order Completed.revenue", None)


def forget_a_bounce(found):
    portrait(found, "suppressed").suppressed.clear()


def lower_a_state(found):
    strand = portrait(found, "contacts")
    id_ = next(iter(strand.contacts))
    strand.contacts[id_] = strand.contacts[id_]._replace(state="sent")


def archive_a_duplicate_more(found):
    row = found.rows[0]
    found.rows.append(Row("another receipt", row.source, row.id, row.received_at))


def quarantine_for_another_reason(found):
    found.quarantined = Counter({"unlucky": found.quarantined.total()})


@pytest.mark.parametrize(
    "tamper",
    [
        count_an_event_twice, lose_a_portrait, lose_a_pointer, point_elsewhere, invent_a_portrait,
        forget_a_trait, keep_an_old_value, ignore_a_withdrawal, drop_a_series, forget_a_bounce,
        lower_a_state, archive_a_duplicate_more, quarantine_for_another_reason,
    ],
    ids=lambda tamper: tamper.__name__,
)  # fmt: skip
def test_it_is_noticed_when_the_stores(world, tamper):
    tamper(world[1])

    assert differences(world)
