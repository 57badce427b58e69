"""The demo's day is drawn from its seed, and leaves the oracle nothing to guess."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tests.demo.diary import PHASES
from tests.demo.expectations import PATIENCE_MS, SOON_MS, entries, play
from tests.demo.hearing import hear
from tests.demo.oracle import customers, once
from tests.demo.scenario import day
from tests.demo.starters import MEANINGS
from tests.demo.told import Heard, Unheard
from tests.unit.demo.days import SECRET, sent

APART_MS = 30_000
"""Longer than a phase may take to be sent."""


@pytest.fixture(scope="module")
def told() -> list[Heard | Unheard]:
    return [hear(one) for one in sent()]


@pytest.fixture(scope="module")
def heard(told) -> list[Heard]:
    return once([one for one in told if isinstance(one, Heard)])


def test_equal_seeds_draw_equal_days():
    assert day(7, 40) == day(7, 40)
    assert day(7, 40) != day(8, 40)


def test_a_post_belongs_to_the_phase_it_is_played_in():
    assert all(post.phase == phase for phase, posts in enumerate(day(7, 60)) for post in posts)


def test_requests_hold_one_to_twenty_events():
    sizes = {len(post.said) for posts in day(7, 200) for post in posts if not post.raw}

    assert min(sizes) == 1
    assert 10 < max(sizes) <= 20


def test_no_two_people_share_an_identifier(heard):
    for customer in customers(heard, SECRET):
        browsers = {one.id.split("-")[1] for one in customer.heard if one.source == "web"}
        accounts = {
            value
            for one in customer.heard
            for space, value in one.identifiers
            if space == "user_id" and value.startswith("C-")
        }
        assert len(browsers) <= 1
        assert len(accounts) <= 1


def test_visits_on_a_second_device_end_up_with_the_customer(heard):
    owners = [c for c in customers(heard, SECRET) if any(h.name == "$alias" for h in c.heard)]

    assert owners
    for customer in owners:
        visits = [h for h in customer.heard if h.identifiers[0][0] == "anonymous_id"]
        assert len({h.identifiers[0][1] for h in visits}) == 2


@pytest.mark.parametrize("phase", range(len(PHASES)), ids=PHASES)
def test_transit_times_cannot_change_which_strand_was_first(heard, phase):
    for customer in customers([one for one in heard if one.phase <= phase], SECRET):
        first, *others = sorted(customer.strands.values())
        assert all(other - first >= APART_MS for other in others)


def test_whoever_enters_campaigns_is_one_subject_of_experiments_all_day(heard):
    roots = {home: c.root for c in customers(heard, SECRET) for home in c.homes}
    subjects = defaultdict(set)
    for entry in entries(heard, SECRET):
        subjects[roots[entry.customer.root]].add(entry.customer.subject)

    assert all(len(found) == 1 for found in subjects.values())


def test_what_becomes_of_a_message_is_nearly_always_certain(heard):
    due = entries(heard, SECRET)
    unsure = [one for one in due if any(len(words) > 1 for words in one.path.values())]

    assert len(unsure) <= len(due) // 50


def test_every_outcome_is_among_what_is_expected(heard):
    day = play(heard, SECRET)
    due = [one for some in day.entries.values() for one in some]
    words = {word for entry in due for some in entry.path.values() for word in some}

    assert words >= {"sent", "held:no_consent", "held:no_address", "held:cap", "call", "otherwise"}
    assert {entry.campaign for entry in due} == {meaning.key for meaning in MEANINGS}
    assert {entry.arm for entry in due} == {"treated", "control"}
    assert any(entry.goal for entry in due)
    assert day.baskets


def test_no_basket_is_left_so_that_it_depends_on_seconds_whether_it_is_abandoned(heard):
    ends = [max(one.sent_at for one in heard if one.phase == phase) for phase in range(6)]
    baskets = [one for one in heard if one.name == "Checkout Started"]
    left = [one.at + PATIENCE_MS - ends[one.phase] for one in baskets]

    assert all(time < SOON_MS // 2 or time > 10 * 60_000 for time in left)
    assert any(0 < time < SOON_MS // 2 for time in left)
    for customer in customers(heard, SECRET):
        bought = [one for one in customer.heard if one.name == "Order Completed"]
        phases = {one.phase for one in customer.heard if one.name == "Checkout Started"}
        assert not phases & {one.phase for one in bought}


def test_traits_of_one_customer_are_told_apart_by_their_times(heard):
    for customer in customers(heard, SECRET):
        said = defaultdict(list)
        for one in customer.heard:
            for name in one.traits:
                said[name].append(one.at)
        for times in map(sorted, said.values()):
            assert all(later - earlier >= APART_MS for earlier, later in pairwise(times))


def test_every_kind_of_rubbish_is_among_it(told):
    reasons = Counter(one.reason for one in told if isinstance(one, Unheard))

    assert set(reasons) == {
        "no_identifier", "event_too_large", "invalid_event", "unknown_type", "missing_event",
        "message_id_too_long", "invalid_json", "invalid_body", "unknown_format",
    }  # fmt: skip


def test_some_events_are_sent_again_and_some_ids_are_used_by_two_sources(told, heard):
    every = [one for one in told if isinstance(one, Heard)]
    sources = defaultdict(set)
    for one in heard:
        sources[one.id].add(one.source)

    assert len(every) - len(heard) > 20
    assert any({"web", "shop"} <= found for found in sources.values())


def test_a_grant_that_comes_again_late_does_not_undo_a_withdrawal(told, heard):
    late = {h.id for h in told if isinstance(h, Heard) and h.phase == 5} - {
        h.id for h in heard if h.phase == 5
    }
    repeated = [c for c in customers(heard, SECRET) if late & {h.id for h in c.heard}]
    words = {word for customer in repeated for word in customer.consents().values()}

    assert words == {"granted", "withdrawn"}
