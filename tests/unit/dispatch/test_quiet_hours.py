"""Quiet hours: by the recipient's wall clock, in every zone and over the changes of time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portrait.compiled import QuietHours
from portrait.country_zones import zones_of
from portrait.quiet_hours import first_allowed, is_quiet

STOCKHOLM = ("Europe/Stockholm",)
NIGHT = QuietHours(21 * 60, 8 * 60, "Europe/Stockholm")
MINUTE, DAY = 60_000, 86_400_000


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def shown(instant: int, zone: str) -> str:
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).strftime("%H:%M:%S.%f")


@pytest.mark.parametrize(
    ("instant", "quiet"),
    [
        ("2026-03-28T19:59", False),  # 20:59, the evening before summer time
        ("2026-03-28T20:00", True),
        ("2026-03-29T05:59", True),  # 07:59 summer time
        ("2026-03-29T06:00", False),
        ("2026-10-24T18:59", False),
        ("2026-10-24T19:00", True),
        ("2026-10-25T06:59", True),  # 07:59 winter time
        ("2026-10-25T07:00", False),
    ],
)
def test_quiet_hours_follow_the_wall_clock_over_the_change_of_time(instant, quiet):
    assert is_quiet(at(instant), NIGHT, STOCKHOLM) is quiet


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 10), ("2026-06-01", 11), ("2026-10-24", 12)]
)
def test_a_night_is_as_long_as_it_is(evening, hours):
    noon = datetime.fromisoformat(f"{evening}T12:00+00:00")
    minutes = [noon + timedelta(minutes=n) for n in range(24 * 60)]

    quiet = sum(is_quiet(round(each.timestamp() * 1000), NIGHT, STOCKHOLM) for each in minutes)

    assert quiet == hours * 60


def test_quiet_hours_may_lie_within_a_day():
    siesta = QuietHours(13 * 60, 15 * 60, "UTC")

    hours = [n for n in range(24) if is_quiet(at(f"2026-01-10T{n:02}:00"), siesta, ("UTC",))]

    assert hours == [13, 14]


@pytest.mark.parametrize(
    ("hours", "now", "allowed"),
    [
        (("21:00", "08:00"), "2026-03-29T05:59:59.999", "2026-03-29T06:00"),
        (("21:00", "08:00"), "2026-03-29T06:00", "2026-03-29T06:00"),
        (("21:00", "08:00"), "2026-10-24T19:00", "2026-10-25T07:00"),
        # 02:30 does not come that night: the clock leaves the quiet hours as it jumps to 03:00.
        (("21:00", "02:30"), "2026-03-28T22:00", "2026-03-29T01:00"),
        # 02:30 comes twice, and is allowed until the clock, set back, shows 02:00 again.
        (("21:00", "02:30"), "2026-10-24T22:00", "2026-10-25T00:30"),
        (("21:00", "02:30"), "2026-10-25T01:00", "2026-10-25T01:30"),
        # Set back from 03:00 to 02:00, the clock leaves the quiet hours for half an hour.
        (("02:30", "08:00"), "2026-10-25T00:45", "2026-10-25T01:00"),
        (("02:30", "08:00"), "2026-10-25T01:31", "2026-10-25T07:00"),
    ],
)
def test_the_first_allowed_moment_is_exact_where_hours_are_missing_or_come_twice(
    hours, now, allowed
):
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours)

    assert first_allowed(at(now), QuietHours(start, end, "UTC"), STOCKHOLM) == at(allowed)


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Helsinki",
        "Atlantic/Reykjavik", "America/Nuuk", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Africa/Cairo", "America/Santiago",
    ],
)  # fmt: skip
def test_in_twenty_years_nothing_is_allowed_at_night_and_everything_as_soon_as_it_is_day(zone):
    """Three moments a day; until the answer each hour is quiet, where time changes each minute."""
    start = at("2026-01-01T00:00")
    for now in (start + n * DAY // 3 + n * 7_919_123 % DAY for n in range(20 * 365 * 3)):
        allowed = first_allowed(now, NIGHT, (zone,))

        assert "08:00" <= shown(allowed, zone) < "21:00"
        if allowed > now:
            assert not "08:00" <= shown(allowed - 1, zone) < "21:00"
            clocks = ZoneInfo(zone)
            ends = [datetime.fromtimestamp(t / 1000, clocks).utcoffset() for t in (now, allowed)]
            step = 60 * MINUTE if ends[0] == ends[1] else MINUTE
            skipped = range(now, allowed, step)
            assert not any("08:00" <= shown(each, zone) < "21:00" for each in skipped)


def test_where_a_country_has_many_clocks_an_hour_is_allowed_when_all_of_them_allow_it():
    american = zones_of(("US",))
    noon = at("2026-01-15T12:00")  # 07:00 in New York, 02:00 in Honolulu

    allowed = first_allowed(noon, NIGHT, american)

    assert {zone: shown(allowed, zone)[:5] for zone in american} == {
        "America/New_York": "13:00", "America/Chicago": "12:00", "America/Denver": "11:00",
        "America/Phoenix": "11:00", "America/Los_Angeles": "10:00", "America/Anchorage": "09:00",
        "America/Adak": "08:00", "Pacific/Honolulu": "08:00",
    }  # fmt: skip
    assert is_quiet(allowed - 1, NIGHT, american)
    assert is_quiet(at("2026-01-16T02:00"), NIGHT, american)  # 21:00 in New York


def test_clocks_that_leave_no_common_hour_allow_none():
    russian = zones_of(("RU",))
    office = QuietHours(18 * 60, 10 * 60, "UTC")

    assert first_allowed(at("2026-01-15T12:00"), NIGHT, russian) == at("2026-01-16T06:00")
    assert first_allowed(at("2026-01-15T12:00"), office, russian) is None
