"""Each local occurrence begins once for everybody, whatever fires twice, late or out of order."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portrait.calendar_pages import Page, decode_page, encode_page
from portrait.calendar_runs import chains_for
from portrait.faults import Rejected
from portrait.identity import home
from portrait.metrics import DAY_MS
from portrait.schedule import Schedule
from portrait.time_zones import time_zone
from portrait.wall_clock import instant_of, shown
from tests.unit.calendar.earths import Earth, a_campaign
from tests.unit.calendar.test_schedules import compiled
from tests.unit.calendar.test_wall_clock import ZONES, ms
from tests.unit.core.worlds import SECRET

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
SPRING = ms("2026-03-29T00:00Z")
NINE = compiled(daily="09:00")
COMPANY = compiled(daily="09:00", time_zone="America/New_York")


def expected(schedule: Schedule, people, after: int, until: int):
    """Return who enters when, read off every customer's own clock, minute by minute."""
    found = set()
    for user, zone in people:
        name = schedule.zone or zone or "Europe/Stockholm"
        place = time_zone(name)
        first = shown(after, place) - timedelta(days=2)
        for minute in schedule.minutes(first, shown(until, place) + timedelta(days=1)):
            at = instant_of(minute, place)
            if after < at <= until:
                said = minute.isoformat(timespec="minutes")
                found.add((home(SECRET, "user_id", user), "news", said, at))
    return found


people = st.lists(
    st.sampled_from(
        ["Europe/Stockholm", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", None]
    )
    | st.sampled_from(ZONES),
    min_size=1,
    max_size=12,
).map(lambda zones: [(f"u{n}", zone) for n, zone in enumerate(zones)])
schedules = st.sampled_from(
    [
        NINE,
        COMPANY,
        compiled(daily="02:30"),
        compiled(cron="15 */6 * * *"),
        compiled(weekly={"on": ["sat", "sun"], "at": "00:00"}),
        compiled(at="2026-03-29T02:10"),
        compiled(at="2026-10-25T02:10"),
    ]
)


@given(
    people,
    schedules,
    st.sampled_from([SPRING, ms("2026-10-25T00:00Z"), ms("2026-06-10T00:00Z")]),
    st.integers(0, 10**9),
)
# All ticks failed between the first, that looked everywhere, and the end of the pass that counted.
@example(
    [("u0", "America/New_York"), ("u1", "Australia/Lord_Howe"), ("u2", "Africa/Addis_Ababa")],
    compiled(cron="15 */6 * * *"),
    SPRING,
    51,
)
@settings(max_examples=60, deadline=None)
def test_everybody_is_told_of_every_local_occurrence_once_at_its_instant(who, schedule, day, seed):
    rng, begins = Random(seed), day - DAY_MS
    late = [(f"late{user}", zone) for user, zone in who[::2]]
    newcomers = list(late)
    campaigns = {"news": a_campaign(schedule, published_at=begins)}
    earth = Earth(campaigns, [zone for _, zone in who if zone], rng, rng.choice([1, 2, 5]))
    earth.settle(*who)

    now, ends = begins + MINUTE_MS, day + 2 * DAY_MS
    joined: dict[str, int] = {}
    while now < ends:
        if late and rng.random() < 0.1:
            joined[late[-1][0]] = now
            earth.arrive(*late.pop(), now)
        earth.tick(now)
        if rng.random() < 0.2:  # a tick that comes twice, or long after its time
            earth.tick(now - rng.choice([0, 0, 5 * MINUTE_MS, 2 * HOUR_MS]))
        earth.work(now)
        now += rng.choice([7, 20, 20, 45, 90, 300]) * MINUTE_MS
    earth.rng = earth.books.stumble = None
    earth.books.stumble = lambda: None
    for later in (ends, ends + 20 * MINUTE_MS):  # what broke off last is taken up
        earth.tick(later)
        earth.work(later)

    until = ends + 20 * MINUTE_MS
    told = earth.begun()
    missed = {run for run, claim in earth.books.runs.items() if claim.state == "missed"}
    since = {home(SECRET, "user_id", user): at for user, at in joined.items()}
    here = [one for one in newcomers if one[0] in joined]
    wanted = {
        entry
        for entry in expected(schedule, [*who, *here], begins, until)
        if (entry[3], entry[1], entry[2]) not in missed
    }
    # A pass that an outage made late also finds who came after its instant.
    assert {e for e in told if e[3] > since.get(e[0], 0)} == {
        e for e in wanted if e[3] > since.get(e[0], 0)
    }
    assert told <= wanted
    assert len({entry[:3] for entry in told}) == len(told)
    assert all(start.at <= at for _, start, at in earth.starts)


def test_a_customer_of_a_rare_zone_is_not_missed_and_empty_zones_are_not_read_again():
    everywhere = ["Europe/Stockholm", "Asia/Kathmandu", "Asia/Shanghai", "America/New_York"]
    earth = Earth({"news": a_campaign(NINE, published_at=SPRING)}, everywhere)
    earth.settle(*((f"u{n}", "Europe/Stockholm") for n in range(30)), ("rare", "Asia/Kathmandu"))

    def passes(day: int) -> int:
        earth.read.clear()
        for now in range(SPRING + day * DAY_MS, SPRING + (day + 1) * DAY_MS, 5 * MINUTE_MS):
            earth.tick(now)
            earth.work(now)
        return sum(earth.read) // 31

    assert passes(0) == 3  # until the first was over, nobody knew who is where
    assert earth.books.zones.keys() == {"Europe/Stockholm", "Asia/Kathmandu"}
    assert passes(1) == 2
    rare = home(SECRET, "user_id", "rare")
    assert len([one for one in earth.begun() if one[0] == rare]) == 2


def test_runs_of_one_instant_share_a_pass():
    campaigns = {
        "news": a_campaign(NINE, published_at=SPRING),
        "offers": a_campaign(compiled(cron="0 * * * *", time_zone="UTC"), published_at=SPRING),
    }
    earth = Earth(campaigns, ["Europe/Stockholm"])
    earth.settle(("u1", "Europe/Stockholm"))
    earth.tick(SPRING + 7 * HOUR_MS - MINUTE_MS)
    earth.queue.clear()

    assert earth.tick(SPRING + 7 * HOUR_MS + 1)["begun"] == 2
    (page,) = {decode_page(body).entries for body in earth.queue}
    assert page == (("news", "2026-03-29T09:00"), ("offers", "2026-03-29T07:00"))


def test_a_tick_that_nothing_is_due_at_queues_nothing():
    earth = Earth({"news": a_campaign(NINE, published_at=SPRING)}, ["Europe/Stockholm"])
    assert not any(earth.tick(SPRING + HOUR_MS).values())
    assert not earth.queue


def test_what_an_outage_made_too_late_is_missed_and_said_once():
    earth = Earth({"news": a_campaign(COMPANY, published_at=SPRING)})
    earth.settle(("u1", None))
    earth.tick(SPRING + MINUTE_MS)

    after = SPRING + 13 * HOUR_MS + 6 * HOUR_MS + MINUTE_MS
    assert earth.tick(after)["missed"] == 1
    assert earth.tick(after + MINUTE_MS)["missed"] == 0
    earth.work(after)
    assert earth.begun() == set()


def test_what_an_outage_left_is_made_up_for_while_it_is_valid():
    earth = Earth({"news": a_campaign(COMPANY, published_at=SPRING)})
    earth.settle(("u1", None))
    earth.tick(SPRING + MINUTE_MS)

    after = SPRING + 13 * HOUR_MS + 6 * HOUR_MS
    earth.tick(after)
    earth.work(after)
    (entered,) = earth.begun()
    assert entered[2:] == ("2026-03-29T09:00", SPRING + 13 * HOUR_MS)


def test_what_was_due_before_a_campaign_was_published_is_not_its():
    noon = SPRING + 12 * HOUR_MS
    earth = Earth({"news": a_campaign(NINE, published_at=noon)}, ["Europe/Stockholm"])
    earth.tick(noon + MINUTE_MS)
    assert not earth.queue


def test_a_version_published_right_after_the_hour_does_not_lose_it():
    nine = SPRING + 13 * HOUR_MS
    earth = Earth({"news": a_campaign(COMPANY, said="daily", published_at=SPRING)})
    earth.tick(nine - MINUTE_MS)
    earth.campaigns = {"news": a_campaign(COMPANY, said="daily", published_at=nine + 10_000)}

    assert earth.tick(nine + 20_000)["begun"] == 1


def test_a_campaign_that_was_paused_over_its_hour_does_not_make_up_for_it():
    nine = SPRING + 13 * HOUR_MS
    earth = Earth({"news": a_campaign(COMPANY, said="daily", published_at=SPRING)})
    earth.tick(nine - MINUTE_MS)
    earth.campaigns = {}
    earth.tick(nine + MINUTE_MS)
    earth.campaigns = {"news": a_campaign(COMPANY, said="daily", published_at=nine + HOUR_MS)}

    assert earth.tick(nine + HOUR_MS + MINUTE_MS)["begun"] == 0


def test_where_asks_of_the_customer_at_the_instant():
    where = {"trait": "timezone", "equals": "Europe/Oslo"}
    earth = Earth({"news": a_campaign(NINE, where, published_at=SPRING)}, ["Europe/Oslo"])
    earth.settle(("u1", "Europe/Stockholm"), ("u2", "Europe/Oslo"))
    earth.tick(SPRING + 7 * HOUR_MS + MINUTE_MS)
    earth.work(SPRING + 7 * HOUR_MS + MINUTE_MS)

    assert {one[0] for one in earth.begun()} == {home(SECRET, "user_id", "u2")}


@pytest.mark.parametrize("done", range(4))
def test_a_visitor_who_logs_in_while_a_pass_goes_on_is_not_missed(done: int):
    now = SPRING + 7 * HOUR_MS + MINUTE_MS
    earth = Earth({"news": a_campaign(NINE, published_at=SPRING)}, ["Europe/Oslo"], chains=1)
    earth.settle(*((f"u{n}", "Europe/Oslo") for n in range(11)))
    earth.tick(now)
    for _ in range(done):  # pages, of three each
        earth.do(decode_page(earth.queue.pop()), now)
    told = {one[0] for one in earth.begun()}

    places = earth.places()
    visitor, member = places[-1], f"{places[0]}m"
    while earth.place(member) > earth.place(places[0]):  # before all that was read
        member += "m"
    earth.move(visitor, member, now)
    earth.work(now)

    assert visitor not in told
    assert {one[0] for one in earth.begun()} == {*places[:-1], member}


def test_a_portrait_that_cannot_be_read_stops_nobody_else():
    now = SPRING + 7 * HOUR_MS + MINUTE_MS
    earth = Earth({"news": a_campaign(NINE, published_at=SPRING)}, ["Europe/Oslo"], chains=1)
    earth.settle(("u1", "Europe/Oslo"), ("u2", "Europe/Oslo"))
    broken = home(SECRET, "user_id", "u1")
    earth.table.items[broken].state = b"\xff"
    earth.tick(now)
    earth.work(now)

    assert {one[0] for one in earth.begun()} == {home(SECRET, "user_id", "u2")}


def test_a_page_is_read_as_it_was_written_and_anything_else_is_refused():
    page = Page(1, (("news", "2026-03-29T09:00"),), 3, 9, began=2, counting=True, cursor="abc")
    assert decode_page(encode_page(page)) == page
    for body in ("", "{}", '{"portrait_wake": "x"}', encode_page(page)[:-1]):
        with pytest.raises(Rejected, match="malformed_page"):
            decode_page(body)


@pytest.mark.parametrize(("items", "chains"), [(0, 1), (20_000, 1), (20_001, 2), (10**8, 1000)])
def test_a_larger_table_is_cut_into_more_chains(items: int, chains: int):
    assert chains_for(items) == chains
