"""Cron expressions fire when crontab(5) says, and say what is wrong with them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.cron import parse_cron

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905
DAYS = "SUN MON TUE WED THU FRI SAT".split()  # noqa: SIM905


def minutes(cron: str, first: str, last: str) -> list[str]:
    found = parse_cron(cron).between(datetime.fromisoformat(first), datetime.fromisoformat(last))
    return [one.isoformat(timespec="minutes") for one in found]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 9 * * 1-5", ["05-01T09:00", "05-04T09:00", "05-05T09:00", "05-06T09:00"]),
        ("0 9 * * mon,Thu", ["05-04T09:00"]),
        ("0 9 * * 7", ["05-03T09:00"]),
        ("30 8 2,4 * *", ["05-02T08:30", "05-04T08:30"]),
        ("0 */12 3 MAY *", ["05-03T00:00", "05-03T12:00"]),
        ("0 0 2 * SUN", ["05-02T00:00", "05-03T00:00"]),  # either day is enough
        ("0 0 */2 * SUN", ["05-03T00:00"]),  # a star, so both must fit
        ("0 0 1 JAN-MAR *", []),
    ],
)
def test_an_expression_fires_as_crontab_says(cron: str, expected: list[str]):
    assert minutes(cron, "2026-05-01T00:00", "2026-05-06T23:59") == [f"2026-{e}" for e in expected]


def test_the_last_day_of_a_month_is_its_own():
    found = minutes("0 9 L * *", "2027-12-01T00:00", "2028-04-30T23:59")
    assert [one[5:10] for one in found] == ["12-31", "01-31", "02-29", "03-31", "04-30"]
    assert minutes("0 9 1,L * *", "2026-02-01T00:00", "2026-02-28T23:59") == [
        "2026-02-01T09:00",
        "2026-02-28T09:00",
    ]


def test_a_leap_day_comes_in_leap_years_only():
    assert minutes("0 0 29 2 *", "2026-01-01T00:00", "2033-01-01T00:00") == [
        "2028-02-29T00:00",
        "2032-02-29T00:00",
    ]


def test_both_ends_are_included():
    assert len(minutes("0 9 * * *", "2026-05-01T09:00", "2026-05-02T09:00")) == 2
    assert minutes("0 9 * * *", "2026-05-01T09:01", "2026-05-02T08:59") == []


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 9 * *", "expected five fields"),
        ("0 0 9 * * MON", "expected five fields"),
        ("60 9 * * *", "minute: expected 0 to 59, got '60'"),
        ("0 24 * * *", "hour: expected 0 to 23, got '24'"),
        ("0 9 0 * *", "day of month: expected 1 to 31, got '0'"),
        ("0 9 * FOO *", "month: expected 1 to 12 or JAN to DEC, got 'FOO'"),
        ("0 9 * * 8", "day of week: expected 0 to 7 or SUN to SAT, got '8'"),
        ("0 9 * * FRI-MON", "day of week: expected a range that rises, got 'FRI-MON'"),
        ("0 9 * * L", "day of week: expected 0 to 7 or SUN to SAT, got 'L'"),
        ("*/0 9 * * *", "minute: expected a step from 1 to 99 after the /, got '*/0'"),
        ("5/15 9 * * *", "minute: a step needs * or a range before it, got '5/15'"),
        ("0 9 ? * *", "day of month: expected 1 to 31, got '?'"),
        ("0 9 1, * *", "day of month: expected 1 to 31, got ''"),
        ("-1 9 * * *", "minute: expected 0 to 59, got ''"),
        ("٣ 9 * * *", "minute: expected 0 to 59, got '٣'"),
        ("0 9 30 FEB *", "no day will ever fit: FEB never has day 30"),
        ("0 9 31 2,4,6,9,11 *", "no day will ever fit: FEB, APR, JUN, SEP, NOV never has day 31"),
    ],
)
def test_what_is_wrong_is_said(cron: str, problem: str):
    with pytest.raises(ValueError, match=problem.replace("*", r"\*").replace("?", r"\?")):
        parse_cron(cron)


def test_a_day_that_never_comes_is_no_harm_where_the_weekday_is_enough():
    assert len(minutes("0 9 30 FEB MON", "2026-02-01T00:00", "2026-02-28T23:59")) == 4


FIELDS = [(0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (0, 7, DAYS)]


@st.composite
def a_field(draw: st.DrawFn, low: int, high: int, names: list[str]) -> tuple[str, set[int], bool]:
    """Draw a field, the values that it means, and whether it begins with a star."""
    parts, meant = [], set()
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(low, high))
        last = draw(st.integers(first, high))
        step = draw(st.integers(1, 9))
        match draw(st.sampled_from("* one span steps stars".split())):  # noqa: SIM905
            case "*":
                parts.append("*")
                meant |= set(range(low, high + 1))
            case "one":
                named = names and first - low < len(names) and draw(st.booleans())
                parts.append(names[first - low] if named else str(first))
                meant.add(first)
            case "span":
                parts.append(f"{first}-{last}")
                meant |= set(range(first, last + 1))
            case "steps":
                parts.append(f"{first}-{last}/{step}")
                meant |= set(range(first, last + 1, step))
            case "stars":
                parts.append(f"*/{step}")
                meant |= set(range(low, high + 1, step))
    return ",".join(parts), meant, parts[0].startswith("*")


@given(
    st.tuples(*(a_field(low, high, list(names)) for low, high, names in FIELDS)),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.times(),
)
def test_an_expression_fires_at_exactly_the_minutes_that_its_fields_mean(fields, day_, time_):
    text = " ".join(each for each, _, _ in fields)
    minute, hour, day, month, weekday = (meant for _, meant, _ in fields)
    (_, _, days_star), (_, _, weekdays_star) = fields[2], fields[4]
    first = datetime.combine(day_, time_.replace(second=0, microsecond=0))
    try:
        cron = parse_cron(text)
    except ValueError:
        assert (days_star, weekdays_star) == (False, True), "some day fits"
        return

    def fits(one: datetime) -> bool:
        of_month, of_week = one.day in day, {one.isoweekday(), one.isoweekday() % 7} & weekday
        both = of_month and of_week if days_star or weekdays_star else of_month or of_week
        return bool(one.minute in minute and one.hour in hour and one.month in month and both)

    every = [first + timedelta(minutes=n) for n in range(3 * 24 * 60)]
    assert list(cron.between(first, every[-1])) == [one for one in every if fits(one)]
