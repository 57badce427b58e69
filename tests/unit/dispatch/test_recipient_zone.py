"""The recipient's zone: which source is believed, and what countries and numbers know."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from portrait.country_zones import country_named, zones_of
from portrait.phone_numbers import regions
from portrait.recipient_zone import RecipientZone, recipient_zone
from tests.unit.dispatch.desks import Recipient

EVERYTHING = {
    "timezone": "America/New_York",
    "device_timezone": "Asia/Tokyo",
    "phone": "+46701234567",
    "country": "FI",
    "address": {"country": "Iceland"},
}
JUNK = [None, "", 7, "x" * 10_000, "\0", "../../etc/passwd", "Mars/Olympus", {}, [], True]


def found(**traits):
    return recipient_zone(Recipient(traits=traits), "Europe/Oslo")


@pytest.mark.parametrize(
    ("known", "zone", "source"),
    [
        (5, "America/New_York", "explicit"),
        (4, "Asia/Tokyo", "device"),
        (3, "Europe/Stockholm", "phone"),
        (2, "Europe/Helsinki", "country"),
        (1, "Atlantic/Reykjavik", "country"),
        (0, "Europe/Oslo", "policy"),
    ],
)
def test_the_strongest_source_that_knows_a_zone_is_believed(known, zone, source):
    traits = dict(list(EVERYTHING.items())[len(EVERYTHING) - known :])

    assert found(**traits) == RecipientZone((zone,), source)


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: str(junk)[:12])
def test_what_is_no_zone_number_or_country_knows_none(junk):
    assert found(**dict.fromkeys(EVERYTHING, junk)) == RecipientZone(("Europe/Oslo",), "policy")
    assert found(address={"country": junk}).source == "policy"


@pytest.mark.parametrize(
    "phone", ["0701234567", "46701234567", "+", "+999123", "+88213200000", "+80012345678"]
)
def test_a_number_that_names_no_country_leaves_it_to_the_country(phone):
    assert found(phone=phone, country="FI") == RecipientZone(("Europe/Helsinki",), "country")


@pytest.mark.parametrize(
    ("phone", "countries"),
    [
        ("+46701234567", ("SE",)),
        ("+14155552671", ("US",)),
        ("+16715551234", ("GU",)),
        ("+77011234567", ("KZ",)),
        ("+4671", ("SE",)),
    ],
)
def test_a_number_is_of_the_country_whose_plan_it_fits(phone, countries):
    assert regions(phone) == countries


def test_a_number_that_fits_no_plan_may_be_anywhere_within_its_calling_code():
    assert {"US", "CA", "GU"} < set(regions("+12345678"))
    assert {"Pacific/Guam", "America/St_Johns"} < set(found(phone="+12345678").zones)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SE", "SE"), ("se", "SE"), (" Sverige ", "SE"), ("SWEDEN", "SE"), ("UK", "GB"),
        ("United Kingdom", "GB"), ("Britain (UK)", "GB"), ("Britain", "GB"), ("USA", "US"),
        ("The Netherlands", "NL"), ("Bosnia and Herzegovina", "BA"), ("Czechia", "CZ"),
        ("Åland Islands", "AX"), ("Congo", None), ("Swedn", None), ("", None), (46, None),
        ("x" * 65, None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_code_and_its_english_name(name, code):
    assert country_named(name) == code


@pytest.mark.parametrize(
    ("country", "zones"),
    [
        ("SE", ("Europe/Stockholm",)),
        ("DE", ("Europe/Berlin",)),
        ("CN", ("Asia/Shanghai",)),
        ("ES", ("Europe/Madrid", "Atlantic/Canary")),
        ("NZ", ("Pacific/Auckland", "Pacific/Chatham")),
        ("AQ", ()),
        ("XX", ()),
    ],
)
def test_a_country_has_the_clocks_that_its_people_live_by(country, zones):
    assert zones_of((country,)) == zones


def test_every_clock_of_a_country_is_one_of_those_it_is_given_from_now_on():
    """Each zone of the table shows the time of one that stands for it: every 55 hours, 12 years."""
    samples = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=55 * n) for n in range(1_900)]

    @cache
    def offsets(name):
        return tuple(each.astimezone(ZoneInfo(name)).utcoffset() for each in samples)

    text = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    checked = 0
    for country, _, name, *_ in lines:
        given = zones_of((country,))
        if name.startswith("Antarctica/") or name == "Asia/Urumqi" or given == (name,):
            continue
        checked += 1
        assert name in given or offsets(name) in {offsets(each) for each in given}
    assert checked > 100
