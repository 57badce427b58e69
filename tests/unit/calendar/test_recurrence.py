"""Dates of customers come once a year, in order, at the local time, over daylight saving too."""

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.metrics import DAY_MS
from portrait.recurrence import WEEKDAYS, next_date, until_date, until_local_time
from portrait.time_zones import time_zone
from portrait.wall_clock import instant_of, shown
from tests.unit.calendar.test_wall_clock import ms, zones

HOUR_MS = 3_600_000
STOCKHOLM = time_zone("Europe/Stockholm")
LOS_ANGELES = time_zone("America/Los_Angeles")


def birthday(value: object, after: str, *, zone: tzinfo = STOCKHOLM, offset_ms: int = 0):
    found = next_date(
        value, yearly=True, offset_ms=offset_ms, clock="09:00", zone=zone, after=ms(after)
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
    los_angeles = birthday(value, "2026-01-01T00:00Z", zone=LOS_ANGELES)
    assert los_angeles == ("2026-05-01T16:00", "2026-05-01")


def test_a_moment_is_on_the_day_that_the_customers_clock_shows():
    value = "2026-04-30T23:30:00Z"
    assert birthday(value, "2026-01-01T00:00Z")[1] == "2026-05-01"
    assert birthday(value, "2026-01-01T00:00Z", zone=LOS_ANGELES)[1] == "2026-04-30"


def test_without_a_time_of_day_the_values_own_counts():
    found = until_date("2026-06-10T13:15:00Z", None, STOCKHOLM, offset_ms=-2 * HOUR_MS)
    assert found == ms("2026-06-10T11:15Z")
    assert until_date("2026-06-10", None, STOCKHOLM) == ms("2026-06-09T22:00Z")
    assert until_date("2026-06-10", "18:00", STOCKHOLM) == ms("2026-06-10T16:00Z")


def test_a_date_that_has_passed_does_not_come_again_unless_every_year():
    once = {"yearly": False, "offset_ms": 0, "clock": "09:00", "zone": STOCKHOLM}
    assert next_date("2026-05-01", **once, after=ms("2026-05-01T07:00Z")) is None
    assert next_date("2026-05-01", **once, after=ms("2026-05-01T06:59Z"))[1] == "2026-05-01"


@pytest.mark.parametrize(
    "value", [None, "", "soon", True, [], {}, 1e300, float("nan"), "9999-12-31", -(10**18)]
)
def test_what_is_no_date_or_beyond_the_calendar_is_never_due(value: object):
    after = ms("9999-06-01T00:00+00:00")
    late = 400 * DAY_MS
    assert not next_date(
        value, yearly=True, offset_ms=late, clock="09:00", zone=STOCKHOLM, after=after
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
            day.isoformat(), yearly=True, offset_ms=offset, clock=at, zone=zone, after=after
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
        day.isoformat(), yearly=True, offset_ms=0, clock=at, zone=zone, after=after
    )
    for moment in (after + 1, (after + due) // 2, due - 1):
        if moment < due:
            again = next_date(
                day.isoformat(), yearly=True, offset_ms=0, clock=at, zone=zone, after=moment
            )
            assert again == (due, occurrence)


@given(
    zones,
    st.integers(ms("1975-01-01T00:00Z"), ms("2090-01-01T00:00Z")),
    st.times().map(lambda one: one.strftime("%H:%M")),
    st.none() | st.sets(st.sampled_from(WEEKDAYS), min_size=1),
)
@settings(max_examples=300, deadline=None)
def test_waiting_until_a_local_time_ends_at_its_next_one(zone, now, at, weekdays):
    until = until_local_time(now, at, zone, weekdays)

    assert now < until <= now + 10 * 86_400_000
    clock = shown(until, zone)
    passed = [shown(until - 60_000 * n, zone) for n in (0, 1)]
    if clock.strftime("%H:%M") == at:
        assert weekdays is None or WEEKDAYS[clock.weekday()] in weekdays
    else:  # left out by daylight saving: the clock jumped over it
        assert (passed[0] - passed[1]) > timedelta(minutes=1)
    assert until_local_time(until - 1, at, zone, weekdays) == until


def test_waiting_until_nine_on_a_monday():
    friday = ms("2026-05-29T12:00Z")
    assert until_local_time(friday, "09:00", STOCKHOLM) == ms("2026-05-30T07:00Z")
    assert until_local_time(friday, "09:00", STOCKHOLM, ["mon"]) == ms("2026-06-01T07:00Z")
    nine = ms("2026-05-29T07:00Z")
    assert until_local_time(nine, "09:00", STOCKHOLM) == ms("2026-05-30T07:00Z")
