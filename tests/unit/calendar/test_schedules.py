"""Schedules as authors write them: what is accepted, what it means, and what is wrong with it."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from portrait.definitions.problems import describe
from portrait.definitions.schedule import Schedule as Document
from portrait.schedule import Due, Schedule
from tests.unit.calendar.test_wall_clock import ms

DAY_MS = 86_400_000


def compiled(**fields: object) -> Schedule:
    document = Document(**fields).model_dump(mode="json", by_alias=True, exclude_none=True)
    return Schedule.from_document(document)


def minutes(schedule: Schedule, first: str, last: str) -> list[str]:
    found = schedule.minutes(datetime.fromisoformat(first), datetime.fromisoformat(last))
    return [one.isoformat(timespec="minutes") for one in found]


@pytest.mark.parametrize(
    ("fields", "cron"),
    [
        ({"daily": "09:30"}, "30 9 * * *"),
        ({"weekly": {"on": "mon", "at": "07:05"}}, "5 7 * * 1"),
        ({"weekly": {"on": ["sat", "sun"], "at": "10:00"}}, "0 10 * * 0,6"),
        ({"monthly": {"day": 1, "at": "00:00"}}, "0 0 1 * *"),
        ({"monthly": {"day": "last", "at": "18:00"}}, "0 18 L * *"),
        ({"cron": " 0  9 * *  MON-FRI "}, "0 9 * * 1-5"),
    ],
)
def test_a_friendly_form_is_the_cron_that_it_stands_for(fields, cron):
    span = "2026-01-15T00:00", "2026-04-15T23:59"
    assert minutes(compiled(**fields), *span) == minutes(compiled(cron=cron), *span) != []


def test_a_moment_comes_once():
    once = compiled(at="2026-12-24T09:00")
    assert minutes(once, "2026-01-01T00:00", "2030-01-01T00:00") == ["2026-12-24T09:00"]
    assert minutes(once, "2026-12-24T09:01", "2030-01-01T00:00") == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "expected one of cron, at, daily, weekly, monthly"),
        ({"daily": "09:00", "at": "2026-12-24T09:00"}, "got at and daily"),
        ({"cron": "0 9 30 2 *"}, "cron: no day will ever fit: FEB never has day 30"),
        ({"cron": "* * * * *"}, "cron: expected at most 48 times a day, got 1440"),
        ({"cron": "0 9"}, "cron: expected five fields"),
        ({"at": "2026-02-30T09:00"}, "at: day is out of range for month"),
        ({"at": "tomorrow"}, "at: expected a local time such as 2026-12-24T09:00"),
        ({"monthly": {"day": 31, "at": "09:00"}}, "monthly.day"),
        ({"weekly": {"on": [], "at": "09:00"}}, "weekly.on: expected at least 1"),
        ({"weekly": {"on": ["monday"], "at": "09:00"}}, "weekly.on.0"),
        ({"daily": "9"}, "daily: expected a time of day such as 21:30"),
        ({"daily": "09:00", "time_zone": "Mars/Olympus"}, "time_zone: expected an IANA time zone"),
        ({"daily": "09:00", "valid_for": "2d"}, "valid_for: expected at most 1d"),
        ({"daily": "09:00", "zone": "UTC"}, "unknown field 'zone'"),
    ],
)
def test_what_is_wrong_is_said(fields, problem):
    with pytest.raises(ValidationError) as refused:
        Document(**fields)
    assert problem in "\n".join(describe(refused.value, "campaign.yaml"))


NINE = compiled(daily="09:00")
ZONES = dict.fromkeys(["Europe/Stockholm", "Europe/Oslo", "Asia/Tokyo"], 0)


def test_one_local_minute_is_one_instant_in_zones_that_share_a_clock():
    found = NINE.due(ZONES, after=ms("2026-06-01T00:00Z") - 1, until=ms("2026-06-01T12:00Z"))
    assert found == {
        Due("2026-06-01T09:00", ms("2026-06-01T00:00Z")),
        Due("2026-06-01T09:00", ms("2026-06-01T07:00Z")),
    }


def test_a_span_begins_after_its_first_instant_and_ends_with_its_last():
    seven = ms("2026-06-01T07:00Z")
    oslo = {"Europe/Oslo": 0}
    assert NINE.due(oslo, after=seven - 1, until=seven)
    assert not NINE.due(oslo, after=seven, until=seven + DAY_MS - 1)
    assert not NINE.due({"Europe/Oslo": seven}, after=0 + seven - 1, until=seven)


def test_with_a_zone_of_the_company_all_customers_share_the_instant():
    company = compiled(daily="09:00", time_zone="Asia/Tokyo")
    span = {"after": ms("2026-06-01T00:00Z") - 1, "until": ms("2026-06-01T23:00Z")}
    assert company.due(ZONES, **span) == {Due("2026-06-01T09:00", ms("2026-06-01T00:00Z"))}
    assert company.due({}, **span) == company.due(ZONES, **span)


def test_a_minute_that_is_left_out_comes_right_after_the_gap_and_a_double_one_once():
    stockholm = {"Europe/Stockholm": 0}
    half_past_two = compiled(daily="02:30")
    spring = half_past_two.due(
        stockholm, after=ms("2026-03-28T12:00Z"), until=ms("2026-03-29T12:00Z")
    )
    autumn = half_past_two.due(
        stockholm, after=ms("2026-10-24T12:00Z"), until=ms("2026-10-25T12:00Z")
    )
    assert spring == {Due("2026-03-29T02:30", ms("2026-03-29T01:00Z"))}
    assert autumn == {Due("2026-10-25T02:30", ms("2026-10-25T00:30Z"))}


def test_a_day_that_a_zone_left_out_comes_when_the_next_one_begins():
    apia = {"Pacific/Apia": 0}
    found = NINE.due(apia, after=ms("2011-12-30T09:59Z"), until=ms("2011-12-30T20:00Z"))
    assert found == {
        Due("2011-12-30T09:00", ms("2011-12-30T10:00Z")),
        Due("2011-12-31T09:00", ms("2011-12-30T19:00Z")),
    }
