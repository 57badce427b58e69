"""When it happened, whatever the client's clock shows."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portrait.intake.clock import AHEAD_MS, corrected, instant

NOW = 1_767_261_600_000  # 2026-01-01T10:00:00Z
MINUTE = 60_000
DAY = 86_400_000
YEAR = 365 * DAY
MAX_AGE = 30 * DAY

skews = st.integers(-50 * YEAR, 50 * YEAR)
ages = st.integers(0, MAX_AGE)
instants = st.integers(-60 * YEAR, 60 * YEAR).map(lambda distance: NOW + distance)


def when(original: int | None, sent_at: int | None, *, max_age_ms: int = MAX_AGE) -> int:
    return corrected(original, sent_at, received_at=NOW, max_age_ms=max_age_ms)


@given(age=ages, skew=skews)
@example(age=0, skew=50 * YEAR)
@example(age=MAX_AGE, skew=-50 * YEAR)
def test_a_clock_that_is_wrong_by_any_amount_changes_nothing(age, skew):
    assert when(NOW - age + skew, NOW + skew) == NOW - age


@given(original=st.none() | instants, sent_at=st.none() | instants, days=st.integers(0, 3650))
@example(original=NOW + YEAR, sent_at=None, days=30)
@example(original=NOW + YEAR, sent_at=NOW + YEAR - 4 * MINUTE, days=30)
@example(original=NOW - 2 * YEAR, sent_at=NOW, days=30)
@example(original=NOW - 2 * YEAR, sent_at=None, days=0)
def test_no_client_can_report_beyond_what_its_source_allows(original, sent_at, days):
    moment = when(original, sent_at, max_age_ms=days * DAY)

    assert NOW - days * DAY <= moment <= NOW + AHEAD_MS


@given(age=ages)
def test_without_a_moment_of_sending_the_clients_time_stands(age):
    assert when(NOW - age, None) == NOW - age


@given(original=instants, early=st.integers(1, 50 * YEAR))
@example(original=NOW - DAY, early=1)
def test_a_moment_of_sending_long_before_the_event_is_not_believed(original, early):
    assert when(original, original - AHEAD_MS - early) == when(original, None)


@given(early=st.integers(0, AHEAD_MS))
@example(early=AHEAD_MS)
def test_a_moment_of_sending_just_before_the_event_is(early):
    assert when(NOW - DAY, NOW - DAY - early) == NOW + early


@given(sent_at=st.none() | instants)
def test_an_event_without_a_time_happened_when_it_was_received(sent_at):
    assert when(None, sent_at) == NOW


@given(first=ages, later=ages, skew=skews)
def test_the_order_of_what_one_clock_saw_is_kept(first, later, skew):
    older, newer = NOW - max(first, later), NOW - min(first, later)

    assert when(older + skew, NOW + skew) <= when(newer + skew, NOW + skew)


WRITTEN = {
    "2026-01-01T10:00:00.000Z": NOW,
    "2026-01-01T10:00:00Z": NOW,
    "2026-01-01T10:00:00": NOW,
    "2026-01-01 10:00:00": NOW,
    " 2026-01-01T10:00:00Z ": NOW,
    "2026-01-01T10:00:00.123Z": NOW + 123,
    "2026-01-01T10:00:00.123456789Z": NOW + 123,
    "2026-01-01T11:00:00.000+01:00": NOW,
    "2026-01-01T05:30:00-0430": NOW,
    "2026-01-01": NOW - 10 * 60 * MINUTE,
    "20260101": NOW - 10 * 60 * MINUTE,
    "20260101T100000Z": NOW,
    "1767261600": NOW,
    "1767261600000": NOW,
    1767261600: NOW,
    1767261600.25: NOW + 250,
    1767261600000: NOW,
    "1969-12-31T23:59:59Z": -1000,
    0: 0,
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items())
def test_an_instant_is_read_as_clients_write_it(text, expected):
    assert instant(text) == expected


NO_INSTANTS = [
    *("", "now", "2026-13-01", "2026-01-01T25:00:00Z", "Thu, 01 Jan 2026", "9" * 40, "9" * 5000),
    *("١٢", "²" * 12, "2026-01-01T10:00:00 Europe/Stockholm"),
    *(None, True, False, float("nan"), float("inf"), -float("inf"), 1e300, -1e300, [], {}),
]


@pytest.mark.parametrize("value", NO_INSTANTS)
def test_what_is_no_instant_is_none(value):
    assert instant(value) is None


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=zones))
def test_any_datetime_that_python_writes_is_read_back_to_the_millisecond(moment):
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)

    assert abs(instant(moment.isoformat()) - exact) <= 1


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_nothing_makes_the_reader_fail(value):
    found = instant(value)

    assert found is None or -(10**14) < found < 10**15


def test_the_hour_that_summer_time_repeats_happens_twice():
    """Offsets tell the two apart, whatever the wall clock showed."""
    first, second = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"

    assert instant(second) - instant(first) == 60 * MINUTE
    # An hour that summer time skips is still an instant.
    assert instant("2026-03-29T02:30:00+01:00") == instant("2026-03-29T03:30:00+02:00")
