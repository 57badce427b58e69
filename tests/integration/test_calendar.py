"""The calendar function on a local AWS: from a tick over pages to stimuli on the journeys queue."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from functions.calendar.handler import handler as calendar
from functions.profile.handler import handler as profile
from portrait.calendar_pages import decode_page
from portrait.calendar_plan import Active, Calendar, Claim, Run
from portrait.definitions.documents import canonical, parse
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.stimulus import Stimulus, decode_stimulus
from portrait.store import calendar_runs, definitions, journey_pages, portrait_pages
from portrait.waking import read_wake
from tests.demo.stack import Stack
from tests.integration.settling import taken
from tests.integration.test_profile_function import a_batch
from tests.integration.test_segment_timers import eventually
from tests.local_aws import SECRET, LocalAws
from tests.unit.calendar.test_wall_clock import ms
from tests.unit.core.worlds import an_event

EVENTS = Path(__file__).parents[2] / "events/calendar"
TICK = json.loads((EVENTS / "tick.json").read_text())
NEWS = {
    "kind": "campaign",
    "key": "morning_news",
    "name": "Morning news",
    "purpose": "marketing",
    "entry": {
        "schedule": {"daily": "09:00"},
        "where": {"trait": "city", "equals": "Oslo"},
    },
    "control": 0,
    "steps": [{"send": {"channel": "webhook", "template": "news"}}],
}
PUBLISHED = ms("2026-05-27T12:00Z")
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _published(request: pytest.FixtureRequest) -> None:
    if "aws" in request.fixturenames:
        request.getfixturevalue("aws")
        definitions.publish(canonical(parse(NEWS)), now=PUBLISHED, expected_version=0)


def at(now: int, event: dict[str, Any]) -> dict[str, Any]:
    """Return what the function answers when its clock shows `now` (UTC ms)."""
    with patch("functions.calendar.handler.time.time_ns", lambda: now * 1_000_000):
        return calendar(event, None)


def gone_through(aws: LocalAws, now: int) -> int:
    """Do pages until none is left; return how many there were."""
    count = 0
    while records := taken(aws, "PAGES_QUEUE_URL"):
        for record in records:
            assert at(now, {"Records": [record]}) == {"batchItemFailures": []}
        count += len(records)
    return count


def stimuli(aws: LocalAws) -> list[Stimulus]:
    return [decode_stimulus(one["body"]) for one in taken(aws, "JOURNEYS_QUEUE_URL")]


def settle(*people: tuple[str, str, str]) -> None:
    """Let customers be heard of: user id, zone and city."""
    events = [
        an_event(
            f"i-{user}", kind="identify", name="", at=PUBLISHED, who={"user_id": user},
            traits={"timezone": zone, "city": city},
        )
        for user, zone, city in people
    ]  # fmt: skip
    with patch("functions.profile.handler.time.time_ns", lambda: PUBLISHED * 1_000_000):
        profile(a_batch(*(encode_envelope((one,)) for one in events), sent_at=PUBLISHED), None)


def homes(*users: str) -> set[str]:
    return {home(SECRET.encode(), "user_id", user) for user in users}


def test_nine_comes_once_to_everybody_wherever_they_are(aws: LocalAws, monkeypatch):
    monkeypatch.setattr(portrait_pages, "PAGE_ITEMS", 4)
    settle(
        *((f"n{i}", "Europe/Oslo", "Oslo") for i in range(9)),
        ("tokyo", "Asia/Tokyo", "Oslo"),
        ("rare", "Asia/Kathmandu", "Oslo"),
        ("other", "Europe/Oslo", "Bergen"),
    )

    told: list[Stimulus] = []
    for now in range(ms("2026-05-27T14:30Z"), ms("2026-05-28T14:30Z"), HOUR_MS // 4):
        at(now, TICK)
        at(now, TICK)
        gone_through(aws, now)
        told += stimuli(aws)

    starts = [(one.home, start) for one in told for start in one.starts]
    assert {at_home for at_home, _ in starts} == homes(
        *(f"n{i}" for i in range(9)), "tokyo", "rare"
    )
    assert len(starts) == 11
    instants = {at_home: start.at for at_home, start in starts}
    assert {instants[one] for one in homes("tokyo")} == {ms("2026-05-28T00:00Z")}
    assert {instants[one] for one in homes("rare")} == {ms("2026-05-28T03:15Z")}
    assert {instants[one] for one in homes("n0", "n8")} == {ms("2026-05-28T07:00Z")}
    assert {start.occurrence for _, start in starts} == {"2026-05-28T09:00"}
    assert all(start.strand == at_home for at_home, start in starts)
    zones = calendar_runs.calendar().zones
    assert zones.keys() == {"Europe/Oslo", "Asia/Tokyo", "Asia/Kathmandu"}
    assert calendar_runs.calendar().counted_at is not None


def test_a_page_that_came_twice_starts_the_same_again_and_nothing_else(aws: LocalAws):
    settle(("u1", "Europe/Oslo", "Oslo"))
    now = ms("2026-05-28T07:00Z") + 20_000
    at(now - 60_000, TICK)
    gone_through(aws, now)
    stimuli(aws)
    at(now, TICK)
    (record,) = taken(aws, "PAGES_QUEUE_URL")

    at(now, {"Records": [record]})
    at(now + 999, {"Records": [record]})

    first, second = stimuli(aws)
    assert first == second


def test_a_page_that_is_none_goes_back_alone(aws: LocalAws):
    settle(("u1", "Europe/Oslo", "Oslo"))
    cases = [
        json.loads((EVENTS / f"{case}_page.json").read_text())["Records"]
        for case in ("malformed", "first")
    ]
    (malformed,), (first,) = cases

    answer = at(ms("2026-05-28T07:01Z"), {"Records": [malformed, first]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": malformed["messageId"]}]}
    assert [one.starts[0].campaign for one in stimuli(aws)] == ["morning_news"]


def test_a_queue_that_does_not_answer_keeps_the_page(aws: LocalAws):
    sqs = aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="journeys")["QueueUrl"])
    settle(("u1", "Europe/Oslo", "Oslo"))
    page = json.loads((EVENTS / "first_page.json").read_text())

    answer = at(ms("2026-05-28T07:01Z"), page)

    assert len(answer["batchItemFailures"]) == 1


def test_what_is_missed_is_an_error_line(aws: LocalAws, caplog):
    settle(("u1", "Europe/Oslo", "Oslo"))
    at(ms("2026-05-28T06:00Z"), TICK)
    taken(aws, "PAGES_QUEUE_URL")
    caplog.clear()

    answer = at(ms("2026-05-28T18:00Z"), TICK)

    assert answer["missed"] > 0
    assert [line.levelname for line in caplog.records] == ["ERROR"]


def test_pages_give_every_portrait_once_and_pointers_that_are_new(aws: LocalAws, monkeypatch):
    monkeypatch.setattr(portrait_pages, "PAGE_ITEMS", 3)
    settle(*((f"u{i}", "Europe/Oslo", "Oslo") for i in range(20)))
    login = an_event("l", at=PUBLISHED, who={"user_id": "u1", "anonymous_id": "cookie"})
    profile(a_batch(encode_envelope((login,)), sent_at=PUBLISHED), None)
    written = portrait_pages.load_resolved(homes("u1"))

    def pages(moved_since: int) -> list[Any]:
        found = []
        for chain in range(3):
            cursor, more = "", True
            while more:
                content = portrait_pages.page(chain, 3, cursor=cursor, moved_since=moved_since)
                found += content.records
                cursor, more = content.cursor, bool(content.cursor)
        return found

    roots = [one.home for one in pages(2**42) if one.state]
    assert sorted(roots) == sorted(homes(*(f"u{i}" for i in range(20))))
    assert len(pages(2**42)) == 20
    (pointer,) = [one for one in pages(PUBLISHED) if one.merged_into]
    assert pointer.merged_into in written


def test_a_run_is_claimed_by_one_and_remembered(aws: LocalAws):
    run = Run(1000, "news", "2026-05-28T09:00")

    assert calendar_runs.claim(run, "claimed", now=1)
    assert not calendar_runs.claim(run, "missed", now=2)
    assert calendar_runs.claims(999) == {run: Claim("claimed", 1)}
    assert calendar_runs.claims(1000) == {}
    calendar_runs.begin(run, now=3)
    assert calendar_runs.claims(0) == {run: Claim("begun", 3)}


def test_what_the_last_tick_saw_is_remembered(aws: LocalAws):
    assert calendar_runs.calendar() == Calendar()

    calendar_runs.note(["Asia/Tokyo", "Europe/Oslo"], now=4)
    calendar_runs.note(["Asia/Tokyo"], now=5)
    calendar_runs.ticked({"news": Active(7, '{"daily":"09:00"}')}, now=6)

    assert calendar_runs.calendar() == Calendar(
        6, {"news": Active(7, '{"daily":"09:00"}')}, {"Asia/Tokyo": 4, "Europe/Oslo": 4}
    )


def test_a_pass_is_over_when_each_of_its_chains_is(aws: LocalAws):
    page = decode_page(json.loads((EVENTS / "first_page.json").read_text())["Records"][0]["body"])
    first, second = (
        type(page)(page.instant, page.entries, chain, 2, page.began, True) for chain in (0, 1)
    )

    assert [calendar_runs.end_chain(one, now=9) for one in (first, first)] == [False, False]
    assert calendar_runs.calendar().counted_at is None
    assert calendar_runs.end_chain(second, now=9)
    assert calendar_runs.calendar().counted_at is not None


def test_profile_notes_the_zone_of_a_customer_before_it_is_written(aws: LocalAws):
    settle(("u1", "Pacific/Chatham", "Oslo"))

    assert calendar_runs.calendar().zones == {"Pacific/Chatham": PUBLISHED}


def test_profile_notes_no_zones_where_no_campaign_goes_by_them(aws: LocalAws):
    of_company = {"schedule": {"daily": "09:00", "time_zone": "Europe/Oslo"}}
    document = canonical(parse({**NEWS, "entry": of_company}))
    definitions.publish(document, now=PUBLISHED, expected_version=1)

    settle(("u1", "Pacific/Chatham", "Oslo"))

    assert calendar_runs.calendar().zones == {}


def test_a_new_version_that_begins_anew_wakes_whoever_is_in_it_once(aws: LocalAws, monkeypatch):
    monkeypatch.setattr(journey_pages, "PAGE_ITEMS", 3)
    definitions.publish(
        canonical(parse({**NEWS, "running": "restart"})), now=PUBLISHED, expected_version=1
    )
    for number in range(7):
        journey(aws, f"in{number}", entered_at=PUBLISHED - number)
    journey(aws, "over", left_at=PUBLISHED)
    journey(aws, "control", arm="control")
    journey(aws, "new", version=2)
    journey(aws, "other", campaign="evening_news")
    journey(aws, "old", entered_at=PUBLISHED - 92 * 24 * HOUR_MS)

    for minutes in (1, 4, 5):
        now = PUBLISHED + minutes * 60_000
        at(now, TICK)
        gone_through(aws, now)

    woken = [read_wake(one["body"]).home for one in taken(aws, "JOURNEYS_QUEUE_URL")]
    assert sorted(woken) == [f"in{number}" for number in range(7)]


def test_whoever_a_timer_should_have_woken_long_ago_is_woken_at_night(aws: LocalAws, monkeypatch):
    monkeypatch.setattr(portrait_pages, "PAGE_ITEMS", 2)
    settle(*((f"n{i}", "Europe/Oslo", "Bergen") for i in range(7)))
    night = ms("2026-05-28T03:30Z")
    hours = dict(zip(sorted(homes(*(f"n{i}" for i in range(7)))), range(7), strict=True))
    for at_home, late in hours.items():
        aws.client("dynamodb").update_item(
            TableName="portraits", Key={"home": {"S": at_home}},
            UpdateExpression="SET due_at = :due",
            ExpressionAttributeValues={":due": {"N": str(night - late * HOUR_MS)}},
        )  # fmt: skip
    for now in (night - 60_000, night, night + 60_000):
        at(now, TICK)
        gone_through(aws, now)

    woken = [read_wake(one["body"]) for one in taken(aws, "JOURNEYS_QUEUE_URL")]
    late = [at_home for at_home, since in hours.items() if since > 1]
    assert sorted(one.home for one in woken if one) == sorted(late)


def journey(aws: LocalAws, subject: str, **fields: Any) -> None:
    """Put an entry into the journeys table, as trigger writes it."""
    entry = {
        "key": f"j-{subject}", "campaign": "morning_news", "version": 1, "home": subject,
        "subject": subject, "arm": "treated", "entered_at": PUBLISHED, **fields,
    }  # fmt: skip
    item = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in entry.items()
    }
    aws.client("dynamodb").put_item(TableName="journeys", Item=item)


def test_the_deployed_product_lets_a_customer_in_when_their_clock_shows_the_hour(stack: Stack):
    published = time.time()
    minute = datetime.fromtimestamp(published + 45, ZoneInfo("Asia/Kathmandu"))
    entry = {
        "schedule": {"at": f"{minute:%Y-%m-%dT%H:%M}"},
        "where": {"trait": "city", "equals": "Pokhara"},
    }
    steps = [{"emit": {"fact": "Morning Came"}}]
    document = canonical(parse({**NEWS, "key": "clockwork", "entry": entry, "steps": steps}))
    item = {
        "shelf": {"S": "current"},
        "slot": {"S": "campaign#clockwork"},
        "version": {"N": "1"},
        "document": {"S": json.dumps(document)},
        "published_at": {"N": str(int((minute.timestamp() // 60 * 60 - 1) * 1000))},
    }
    dynamodb = stack.client("dynamodb")
    dynamodb.put_item(TableName=stack.definitions_table, Item=item)
    time.sleep(2)  # definitions are read again after a second
    for user, zone in (("kumari", "Asia/Kathmandu"), ("elsewhere", "Europe/Oslo")):
        told = {
            "type": "identify", "userId": user, "messageId": f"clock-{user}",
            "traits": {"timezone": zone, "city": "Pokhara"},
        }  # fmt: skip
        stack.client("sqs").send_message(
            QueueUrl=stack.events_queue_url, MessageBody=json.dumps(told)
        )

    def entered() -> list[dict[str, Any]]:
        return dynamodb.query(
            TableName=stack.journeys_table,
            IndexName="by_campaign",
            KeyConditionExpression="campaign = :c",
            ExpressionAttributeValues={":c": {"S": "clockwork"}},
        )["Items"]

    (journey,) = eventually(entered, 180)
    hour = minute.replace(second=0, microsecond=0).timestamp() * 1000
    assert int(journey["entered_at"]["N"]) >= hour
    (found,) = dynamodb.scan(
        TableName=stack.journeys_table,
        FilterExpression="campaign = :c",
        ExpressionAttributeValues={":c": {"S": "clockwork"}},
    )["Items"]
    assert int(found["occurred_at"]["N"]) == hour
