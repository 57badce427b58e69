"""Quiet hours: by the recipient's wall clock, in every zone and over the changes of time."""

from datetime import UTC, datetime, timedelta

import pytest

from portrait.compiled import Policy, QuietHours
from portrait.contact_policy import Held, is_quiet, judge
from tests.unit.dispatch.desks import Recipient, a_message

NIGHT = QuietHours(21 * 60, 8 * 60, "Europe/Stockholm")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


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
    assert is_quiet(at(instant), NIGHT) is quiet


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 10), ("2026-06-01", 11), ("2026-10-24", 12)]
)
def test_a_night_is_as_long_as_it_is(evening, hours):
    noon = datetime.fromisoformat(f"{evening}T12:00+00:00")
    minutes = [noon + timedelta(minutes=n) for n in range(24 * 60)]

    quiet = sum(is_quiet(round(minute.timestamp() * 1000), NIGHT) for minute in minutes)

    assert quiet == hours * 60


@pytest.mark.parametrize(
    ("zone", "quiet"),
    [
        ("America/New_York", False),  # 15:30 there
        ("Asia/Tokyo", True),  # 05:30 there
        (None, True),  # the policy's: 21:30 in Stockholm
        ("Mars/Olympus", True),
        ("../../etc/passwd", True),
        ("", True),
        (7, True),
        ("x" * 10_000, True),
        ("\0", True),
    ],
)
def test_quiet_hours_are_those_of_the_recipient_if_their_zone_is_known(zone, quiet):
    recipient = Recipient(traits={"email": "anna@example.se", "timezone": zone})
    evening = at("2026-01-10T20:30")

    message = a_message(expires_at=evening + 1)

    verdict = judge(recipient, message, Policy(quiet_hours=NIGHT), now=evening)

    assert (verdict == Held("quiet_hours")) is quiet


def test_quiet_hours_may_lie_within_a_day():
    siesta = QuietHours(13 * 60, 15 * 60, "UTC")

    hours = [hour for hour in range(24) if is_quiet(at(f"2026-01-10T{hour:02}:00"), siesta)]

    assert hours == [13, 14]
