"""Every local minute of every zone is exactly one instant, in order, over daylight saving too."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.time_zones import time_zone
from portrait.wall_clock import instant_of, shown

ZONES = sorted(available_timezones() - {"localtime"})
STRANGE = (
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",  # had no 30 December 2011
    "Antarctica/Troll",  # two hours of it
    "America/Sao_Paulo",  # at midnight
    "Africa/Casablanca",  # back and forth around Ramadan
    "Europe/Dublin",  # winter time is the daylight saving
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
zones = (st.sampled_from(STRANGE) | st.sampled_from(ZONES)).map(time_zone)
local_minutes = st.builds(
    lambda day, minute: datetime.combine(day, time(minute // 60, minute % 60)),
    st.dates(date(1971, 1, 1), date(2090, 1, 1)),
    st.integers(0, 1439),
)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def changes(zone: tzinfo, year: int) -> list[datetime]:
    """Return the hours of a year before which a zone changes its offset from UTC."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(366 * 24)]
    offsets = [one.astimezone(zone).utcoffset() for one in hours]
    return [later for later, a, b in zip(hours[1:], offsets, offsets[1:], strict=False) if a != b]


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[tzinfo, datetime]:
    """Draw a zone and a local minute within hours of a change of its offset."""
    zone = draw(zones)
    found = changes(zone, draw(st.integers(1975, 2037)))
    if not found:
        return zone, draw(local_minutes)
    at = draw(st.sampled_from(found)).astimezone(zone).replace(tzinfo=None, fold=0)
    return zone, at + timedelta(minutes=draw(st.integers(-240, 240)))


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2026-03-29T02:30", "Europe/Stockholm", "2026-03-29T01:00Z"),  # left out
        ("2026-03-29T03:00", "Europe/Stockholm", "2026-03-29T01:00Z"),
        ("2026-10-25T02:30", "Europe/Stockholm", "2026-10-25T00:30Z"),  # repeated: the first
        ("2026-10-04T02:10", "Australia/Lord_Howe", "2026-10-03T15:30Z"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45Z"),
        ("2011-12-30T09:00", "Pacific/Apia", "2011-12-30T10:00Z"),  # the day was left out
        ("2011-12-31T00:00", "Pacific/Apia", "2011-12-30T10:00Z"),
        ("2018-11-04T00:00", "America/Sao_Paulo", "2018-11-04T03:00Z"),  # no midnight
        ("2026-06-01T09:00", "Pacific/Kiritimati", "2026-05-31T19:00Z"),
        ("2026-06-01T09:00", "Nowhere/At_All", "2026-06-01T09:00Z"),
    ],
)
def test_a_local_minute_is_one_instant(local: str, zone: str, instant: str):
    assert instant_of(datetime.fromisoformat(local), time_zone(zone)) == ms(instant)


@given(near_a_change() | st.tuples(zones, local_minutes))
@settings(max_examples=500, deadline=None)
def test_it_is_the_first_instant_at_which_the_clock_shows_that_minute_or_a_later_one(case):
    zone, local = case
    found = instant_of(local, zone)

    assert shown(found, zone) >= local
    assert shown(found - 1000, zone) < local
    early = [shown(found - 60_000 * n, zone) for n in range(1, 300)]
    assert max(early) < local, "the clock had shown it before"


@given(zones, local_minutes, st.integers(0, 60 * 24 * 40))
@settings(max_examples=300, deadline=None)
def test_a_later_minute_is_never_an_earlier_instant(zone, local, minutes):
    assert instant_of(local, zone) <= instant_of(local + timedelta(minutes=minutes), zone)


@given(near_a_change())
@settings(max_examples=200, deadline=None)
def test_a_minute_that_the_clock_shows_is_the_instant_when_it_shows_it(case):
    zone, local = case
    found = instant_of(local, zone)
    naive = datetime.fromtimestamp(found / 1000, zone).replace(tzinfo=None, fold=0)
    exists = {
        local.replace(tzinfo=zone, fold=fold).astimezone(UTC).astimezone(zone).replace(
            tzinfo=None, fold=0
        )
        for fold in (0, 1)
    }  # fmt: skip
    assert (naive == local) == (local in exists)
