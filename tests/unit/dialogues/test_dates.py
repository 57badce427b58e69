"""Dates that let in: as late as the campaign says, none left out, and none from before it."""

from dataclasses import replace
from typing import Any

import pytest

from portrait.conversation import converse
from portrait.record import Record
from portrait.stimulus import Stimulus
from portrait.store import definitions
from portrait.strand import Trait
from portrait.wall_clock import moment
from tests.unit.dialogues.campaigns import NOW, a_campaign, catalogue
from tests.unit.dialogues.shop import DAY_MS, HOUR, POLICY, Shop, letter

AT = NOW // DAY_MS * DAY_MS + 9 * HOUR
"""Nine in the morning of the day of NOW, in UTC."""


def a_dated(late: str = "3d", **fields: Any) -> dict[str, Any]:
    entry = {"date": "birthday", "every": "year", "at": "09:00", "late_at_most": late}
    return a_campaign([letter()], entry=entry) | {"published_at": 0, **fields}


def entered(document: dict[str, Any], at: int, *others: dict[str, Any]) -> list[int]:
    """Return by which instants somebody whose timer comes at `at` enters."""
    found = converse(_a_customer(), (), catalogue(document, POLICY, running=others), at)
    if found is None:
        return []
    view = found[0].view(catalogue(), at)
    return sorted(one.occurred_at for one in view.dialogues.values())


def _a_customer() -> Record:
    shop = Shop()
    shop.happens("Viewed")
    portrait = shop.portrait()
    for strand in portrait.strands.values():
        strand.set_trait("birthday", Trait(f"1980-{_day(NOW)}", NOW, b"b"))
    return Record(portrait.home, 1, portrait.encode(), updated_at=NOW)


def _day(at: int) -> str:
    return moment(at).strftime("%m-%d")


@pytest.mark.parametrize(
    ("late", "by", "enters"),
    [("3d", 3 * DAY_MS, True), ("3d", 3 * DAY_MS + 1, False), ("1h", HOUR, True),
     ("1h", HOUR + 1, False), ("30d", 29 * DAY_MS, True)],
)  # fmt: skip
def test_a_timer_that_is_late_lets_in_for_as_long_as_the_campaign_says(late, by, enters):
    assert entered(a_dated(late), AT + by) == ([AT] if enters else [])


def test_no_date_of_several_that_came_meanwhile_is_left_out():
    last_year = AT - 365 * DAY_MS
    assert entered(a_dated("400d", reentry="every_occurrence"), AT) == [last_year, AT]


def test_a_date_from_before_the_campaign_was_published_is_not_its():
    assert entered(a_dated(published_at=AT), AT + HOUR) == []
    assert entered(a_dated(published_at=AT - 1), AT + HOUR) == [AT]


def test_a_version_published_right_after_the_hour_does_not_lose_it():
    before = a_dated(version=1, published_at=AT - DAY_MS)
    now = a_dated(version=2, published_at=AT + 1)
    assert entered(now, AT + HOUR, before) == [AT]
    assert entered(now, AT + HOUR, {**before, "status": "paused"}) == []


def test_a_version_before_tells_when_it_was_published_not_when_it_was_replaced():
    kept = definitions._running(a_dated(version=1, published_at=7), NOW)
    assert kept.published_at == 7


def test_who_returned_enters_by_a_date_under_the_same_key_whoever_it_was_that_brought_them_up():
    record, known = _a_customer(), catalogue(a_dated(), POLICY)
    returned = replace(record, erased_at=AT - DAY_MS)
    over_a_pointer = Stimulus("z" + record.home[1:], AT)

    def journeys(record: Record, stimuli: tuple[Stimulus, ...]) -> set[str]:
        found = converse(record, stimuli, known, AT)
        assert found is not None
        return set(found[0].view(known, AT).dialogues)

    assert journeys(returned, ()) == journeys(returned, (over_a_pointer,))
    assert not journeys(returned, ()) & journeys(record, ())
