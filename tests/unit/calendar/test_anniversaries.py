"""Dates of customers come once a year, in order, at the local time, over daylight saving too."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.anniversaries import next_date, until_date
from portrait.metrics import DAY_MS
from portrait.wall_clock import instant_of, shown
from tests.unit.calendar.test_wall_clock import ms, zones

HOUR_MS = 3_600_000
STOCKHOLM = "Europe/Stockholm"


def birthday(value: object, after: str, *, zone: str = STOCKHOLM, offset_ms: int = 0):
    found = next_date(
        value, every="year", offset_ms=offset_ms, at="09:00", zone=zone, after=ms(after)
    )
    return found and (datetime.fromtimestamp(found[0] / 1000, UTC).isoformat()[:16], found[1])


def test_a_birthday_comes_every_year_at_nine_whatever_the_season():
    assert birthday("1990-05-01", "2026-01-01T00:00Z") == ("2026-05-01T07:00", "2026-05-01")
    assert birthday("1990-01-15", "2026-01-01T00:00Z") == ("2026-01-15T08:00", "2026-01-15")
    assert birthday("1990-05-01", "2026-05-01T07:00Z") == ("2027-05-01T07:00", "2027-05-01")


def test_days_before_are_days_on_the_calendar():
    before = -30 * DAY_MS
    found = birthday("1990-04-10", "2026-01-01T00:00Z", offset_ms=before)
    assert found == ("2026-03-11T08:00", "2026-04-10")  # 9 in winter, though 4-10 is summer
    assert birthday("1990-01-10", "2026-06-01T00:00Z", offset_ms=before)[1] == "2027-01-10"


def test_who_was_born_on_a_leap_day_has_a_birthday_in_common_years_too():
    years = [birthday("1992-02-29", f"{year}-01-01T00:00Z")[1] for year in range(2027, 2030)]
    assert years == ["2027-02-28", "2028-02-29", "2029-02-28"]


@pytest.mark.parametrize(
    "value",
    ["1990-05-01", "1990-05-01T00:00:00.000Z", " 1990-05-01 ", ms("1990-05-01T00:00Z") // 1000],
)
def test_a_date_is_the_same_day_everywhere(value: object):
    los_angeles = birthday(value, "2026-01-01T00:00Z", zone="America/Los_Angeles")
    assert los_angeles == ("2026-05-01T16:00", "2026-05-01")


def test_a_moment_is_on_the_day_that_the_customers_clock_shows():
    value = "2026-04-30T23:30:00Z"
    assert birthday(value, "2026-01-01T00:00Z")[1] == "2026-05-01"
    assert birthday(value, "2026-01-01T00:00Z", zone="America/Los_Angeles")[1] == "2026-04-30"


def test_without_a_time_of_day_the_values_own_counts():
    found = until_date("2026-06-10T13:15:00Z", offset_ms=-2 * HOUR_MS, zone=STOCKHOLM)
    assert found == ms("2026-06-10T11:15Z")
    assert until_date("2026-06-10", zone=STOCKHOLM) == ms("2026-06-09T22:00Z")
    assert until_date("2026-06-10", at="18:00", zone=STOCKHOLM) == ms("2026-06-10T16:00Z")


def test_a_date_that_has_passed_does_not_come_again_unless_every_year():
    once = {"every": None, "offset_ms": 0, "at": "09:00", "zone": STOCKHOLM}
    assert next_date("2026-05-01", **once, after=ms("2026-05-01T07:00Z")) is None
    assert next_date("2026-05-01", **once, after=ms("2026-05-01T06:59Z"))[1] == "2026-05-01"


@pytest.mark.parametrize(
    "value", [None, "", "soon", True, [], {}, 1e300, float("nan"), "9999-12-31", -(10**18)]
)
def test_what_is_no_date_or_beyond_the_calendar_is_never_due(value: object):
    after = ms("9999-06-01T00:00+00:00")
    late = 400 * DAY_MS
    assert not next_date(
        value, every="year", offset_ms=late, at="09:00", zone=STOCKHOLM, after=after
    )


dates = st.dates(date(1901, 1, 1), date(2080, 12, 31))
offsets = st.integers(-400, 400).map(lambda days: days * DAY_MS) | st.integers(
    -500 * 24, 500 * 24
).map(lambda hours: hours * HOUR_MS)
clocks = st.times().map(lambda one: one.strftime("%H:%M"))


@given(dates, zones, offsets, clocks, st.integers(2000, 2060))
@settings(max_examples=300, deadline=None)
def test_there_is_exactly_one_occurrence_a_year_and_each_is_later(day, zone, offset, at, year):
    after = ms(f"{year}-01-01T00:00Z")
    found = []
    for _ in range(8):
        due, occurrence = next_date(
            day.isoformat(), every="year", offset_ms=offset, at=at, zone=zone, after=after
        )
        assert due > after
        found.append((due, occurrence))
        after = due

    years = [int(occurrence[:4]) for _, occurrence in found]
    assert years == list(range(years[0], years[0] + 8))
    for due, occurrence in found:
        assert date.fromisoformat(occurrence).month == day.month
        days, rest = divmod(offset, DAY_MS)
        on = date.fromordinal(date.fromisoformat(occurrence).toordinal() + days)
        local = datetime.combine(on, datetime.strptime(at, "%H:%M").time())  # noqa: DTZ007
        assert due == instant_of(local, zone) + rest
        if not rest and shown(due, zone) != local:
            assert shown(due - 1000, zone) < local < shown(due, zone)  # left out


@given(dates, zones, clocks, st.integers(ms("1990-01-01T00:00Z"), ms("2060-01-01T00:00Z")))
@settings(max_examples=300, deadline=None)
def test_whenever_it_is_asked_before_it_is_due_the_answer_is_the_same(day, zone, at, after):
    due, occurrence = next_date(
        day.isoformat(), every="year", offset_ms=0, at=at, zone=zone, after=after
    )
    for moment in (after + 1, (after + due) // 2, due - 1):
        if moment < due:
            again = next_date(
                day.isoformat(), every="year", offset_ms=0, at=at, zone=zone, after=moment
            )
            assert again == (due, occurrence)
