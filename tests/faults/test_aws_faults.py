"""The simulated AWS does to the product what its faults say, no more and no less."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portrait.effects import Noted
from portrait.faults import Conflict, Unavailable
from portrait.record import Record, Write
from portrait.store import bus, journeys, portraits, queues, session
from tests.faults.aws import Call, Clock, Cloud, Crash, Faults, Script, installed

PUT = Call("dynamodb", "PutItem")


def cloud_with(faults: Faults) -> Cloud:
    cloud = Cloud(clock=Clock(), faults=faults)
    cloud.create_table("portraits", "home", ttl="expires_at", stream=True)
    return cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with installed(cloud_with(Faults())) as cloud:
        yield cloud


def a_write(home: str = "h", version: int = 0, *pointers: str) -> Write:
    root = Record(home, version)
    return Write(root, b"state", b"changes", tuple(map(Record, pointers)), "cause")


def put(home: str, **more: Any) -> dict[str, Any]:
    return {"TableName": "portraits", "Item": {"home": {"S": home}, **more}}


def test_a_crash_before_leaves_nothing_and_one_after_leaves_the_write() -> None:
    for kind, left in (("before", []), ("after", [("h",)])):
        with installed(cloud_with(Script(0, kind))) as cloud:
            with pytest.raises(Crash):
                portraits.write(a_write(), now=1)
            assert list(cloud.tables["portraits"].items) == left


def test_no_handler_lives_through_a_crash() -> None:
    assert not issubclass(Crash, Exception)


def test_a_lost_reply_is_applied_and_seen_as_unavailable() -> None:
    with installed(cloud_with(Script(0, "reply_lost"))) as cloud:
        with pytest.raises(Unavailable):
            portraits.write(a_write(), now=1)
        assert ("h",) in cloud.tables["portraits"].items


def test_a_lost_reply_to_a_read_or_a_journey_is_unavailable() -> None:
    calls = [lambda: portraits.load(["h"]), lambda: journeys.find("k"),
             lambda: journeys.note("k", [Noted("k", "c", "treated", "goal", 1)])]  # fmt: skip
    for call in calls:
        with installed(cloud_with(Script(0, "reply_lost"))) as cloud:
            cloud.create_table("journeys", "key")
            with pytest.raises(Unavailable):
                call()


def test_the_sdk_repeats_a_lost_put_and_finds_its_own_write() -> None:
    with installed(cloud_with(Script(0, "reply_lost_retried"))) as cloud:
        with pytest.raises(Conflict):
            portraits.write(a_write(), now=1)
        assert ("h",) in cloud.tables["portraits"].items


def test_the_sdk_repeats_a_lost_transaction_under_its_token() -> None:
    with installed(cloud_with(Script(0, "reply_lost_retried"))) as cloud:
        portraits.write(a_write("h", 0, "p"), now=1)
        assert len(cloud.tables["portraits"].stream) == 2


def test_a_server_error_may_hide_that_it_was_done() -> None:
    with installed(cloud_with(Script(0, "failed_applied"))) as cloud:
        with pytest.raises(Unavailable, match="InternalServerError"):
            portraits.write(a_write(), now=1)
        assert ("h",) in cloud.tables["portraits"].items


def test_a_late_write_arrives_after_its_client_gave_up() -> None:
    with installed(cloud_with(Script(0, "late"))) as cloud:
        with pytest.raises(Unavailable):
            portraits.write(a_write(), now=1)
        items = cloud.tables["portraits"].items
        assert not items
        calls = 0
        while not items:
            portraits.load(["h"])
            calls += 1
        assert 1 <= calls <= 20


def test_a_late_write_that_lost_its_race_changes_nothing() -> None:
    with installed(cloud_with(Script(0, "late"))) as cloud:
        with pytest.raises(Unavailable):
            portraits.write(a_write(), now=1)
        portraits.write(a_write(), now=2)
        cloud.arrive()
        assert len(cloud.tables["portraits"].stream) == 1


def test_a_bare_add_is_counted_twice_when_the_sdk_repeats_it() -> None:
    with installed(cloud_with(Script(0, "reply_lost_retried"))) as cloud:
        session.client("dynamodb").update_item(
            TableName="portraits",
            Key={"home": {"S": "h"}},
            UpdateExpression="ADD n :v",
            ExpressionAttributeValues={":v": {"N": "1"}},
        )
        assert cloud.tables["portraits"].items["h",]["n"] == {"N": "2"}


def test_a_client_of_one_attempt_never_repeats() -> None:
    faults = Faults(rates={"reply_lost": 1}, sdk_retries=1)
    with installed(cloud_with(faults)) as cloud:
        with pytest.raises(BotoCoreError):
            session.client("sesv2", attempts=1).send_email(Content={})
        assert len(cloud.sent_emails) == 1


@pytest.mark.parametrize("kind", ["before", "after", "reply_lost", "throttled"])
@pytest.mark.parametrize("at", range(4))
def test_a_script_hits_its_call_and_no_other(kind: str, at: int) -> None:
    script = Script(at, kind)
    with installed(cloud_with(script)) as cloud:
        dynamodb = session.client("dynamodb", attempts=1)
        hit = []
        for n in range(4):
            try:
                dynamodb.put_item(**put(f"{n}"))
            except (Crash, BotoCoreError, ClientError):
                hit.append(n)
        assert hit == [at]
        assert script.fired
        applied = {int(home) for (home,) in cloud.tables["portraits"].items}
        spared = kind in ("after", "reply_lost")
        assert applied == {n for n in range(4) if spared or n != at}
        assert len(cloud.log) == 4


def test_a_script_past_the_end_does_nothing() -> None:
    script = Script(1, "before")
    with installed(cloud_with(script)):
        portraits.write(a_write(), now=1)
    assert not script.fired


def test_throttling_has_the_code_and_status_of_its_service() -> None:
    expected = {
        ("dynamodb", "get_item"): ("ProvisionedThroughputExceededException", 400),
        ("s3", "put_object"): ("SlowDown", 503),
        ("sesv2", "send_email"): ("TooManyRequestsException", 429),
        ("sqs", "send_message"): ("RequestThrottled", 403),
    }
    with installed(cloud_with(Faults(rates={"throttled": 1}))):
        for (service, operation), code in expected.items():
            with pytest.raises(ClientError) as refused:
                getattr(session.client(service), operation)()
            answer = refused.value.response
            found = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
            assert found == code


def test_a_stale_read_gives_what_was_before_and_a_consistent_one_never_does() -> None:
    with installed(cloud_with(Faults(rates={"stale_read": 1}))) as cloud:
        portraits.write(a_write("h", 0), now=1)
        assert portraits.load(["h"]) == {}
        portraits.write(a_write("h", 1), now=2)
        assert portraits.load(["h"])["h"].version == 1
        assert portraits.load(["h"], consistent=True)["h"].version == 2
        cloud.clock.advance(2_001)
        assert portraits.load(["h"])["h"].version == 2


def test_a_conflict_is_refused_and_not_applied() -> None:
    with installed(cloud_with(Faults(rates={"conflict": 1}))) as cloud:
        for write in (a_write("h"), a_write("h", 0, "p")):
            with pytest.raises(Conflict):
                portraits.write(write, now=1)
        assert not cloud.tables["portraits"].items


def test_a_partial_batch_read_is_completed_by_the_client() -> None:
    with installed(cloud_with(Faults(3, rates={"partial": 0.7}))) as cloud:
        for n in range(50):
            cloud.dynamodb.answer("PutItem", put(f"{n}", version={"N": "1"}, updated_at={"N": "1"}))
        assert len(portraits.load([f"{n}" for n in range(50)])) == 50
        assert len(cloud.log) > 1


def test_a_partial_batch_is_unavailable_and_partly_there() -> None:
    with installed(cloud_with(Faults(1, rates={"partial": 1}))) as cloud:
        url = cloud.create_queue("q", visibility_s=1)
        with pytest.raises(Unavailable):
            queues.send(url, [f"{n}" for n in range(10)])
        assert 0 < len(cloud.queues["q"].all_bodies()) < 10
        with pytest.raises(ClientError):
            session.client("events").put_events(Entries=[])
    assert bus.MAX_ENTRIES == 10


def test_the_direct_path_meets_the_same_faults() -> None:
    with installed(cloud_with(Script(0, "reply_lost"))) as cloud:
        url = cloud.create_queue("q", visibility_s=1)
        queues.send(url, ["body"])
        assert cloud.queues["q"].all_bodies() == ["body", "body"]
        assert [operation for _, operation, _ in cloud.log] == ["SendMessage"] * 2


def test_the_same_seed_gives_the_same_faults() -> None:
    def kinds(seed: int) -> list[str]:
        faults = Faults(seed, rates={"throttled": 0.2, "crash_before": 0.1})
        return [faults.before(PUT) for _ in range(200)]

    assert kinds(7) == kinds(7) != kinds(8)


def test_rates_are_kept_and_those_of_a_service_go_first() -> None:
    faults = Faults(1, rates={"throttled": 0.3, "sqs:throttled": 0.0})
    for _ in range(2_000):
        faults.before(PUT)
    assert 500 < faults.happened["throttled"] < 700
    assert {faults.before(Call("sqs", "SendMessage")) for _ in range(100)} == {""}


def test_a_rate_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="trottled"):
        Faults(rates={"trottled": 0.1})


def test_no_fault_happens_while_the_simulation_comes_to_rest() -> None:
    faults = Faults(rates={"crash_before": 1})
    faults.active = False
    with installed(cloud_with(faults)):
        portraits.write(a_write(), now=1)


def test_one_partition_bears_1000_units_a_second_and_others_do_not_suffer(cloud: Cloud) -> None:
    dynamodb = session.client("dynamodb", attempts=1)
    for _ in range(1_000):
        dynamodb.put_item(**put("hot"))
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
        dynamodb.put_item(**put("hot"))
    dynamodb.put_item(**put("cold"))
    cloud.clock.advance(10)
    dynamodb.put_item(**put("hot"))


def test_the_sdk_waits_where_a_partition_is_worn_out(cloud: Cloud) -> None:
    began = cloud.clock.now_ms
    for _ in range(1_003):
        session.client("dynamodb").put_item(**put("hot"))
    assert cloud.clock.now_ms > began


def test_a_token_is_known_for_ten_minutes(cloud: Cloud) -> None:
    add = {
        "TableName": "portraits",
        "Key": {"home": {"S": "h"}},
        "UpdateExpression": "ADD n :v",
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }
    request = {"TransactItems": [{"Update": add}], "ClientRequestToken": "token"}
    for pause, count in ((0, "1"), (599_999, "1"), (1, "2")):
        cloud.clock.advance(pause)
        session.client("dynamodb").transact_write_items(**request)
        assert cloud.tables["portraits"].items["h",]["n"] == {"N": count}


def test_what_expired_goes_at_some_time_within_two_days(cloud: Cloud) -> None:
    now = cloud.clock.now_ms // 1000
    for n in range(100):
        cloud.call("dynamodb", "PutItem", put(f"{n}", expires_at={"N": f"{now + 60}"}))
    table = cloud.tables["portraits"]
    assert cloud.expire() == 0
    cloud.clock.advance(61_000)
    assert 20 < cloud.expire() < 80
    left = next(iter(table.items))
    cloud.clock.advance(48 * 3_600_000)
    key = {"home": {"S": left[0]}}
    assert cloud.call("dynamodb", "GetItem", {"TableName": "portraits", "Key": key}) == {}
    cloud.expire()
    assert not table.items
    removal = table.stream[-1].lambda_record()
    assert (removal["eventName"], removal["userIdentity"]["type"]) == ("REMOVE", "Service")


def test_a_stream_record_is_as_a_function_is_given_it(cloud: Cloud) -> None:
    portraits.write(a_write(), now=1)
    record = cloud.tables["portraits"].stream[0].lambda_record()
    assert record["dynamodb"]["NewImage"]["changes"] == {"B": "Y2hhbmdlcw=="}
    assert Record.from_image(record["dynamodb"]["NewImage"]).version == 1


def test_dead_letters_go_back_as_new_messages(cloud: Cloud) -> None:
    cloud.create_queue("dead", visibility_s=30)
    cloud.create_queue("q", visibility_s=1, max_receives=1, dlq="dead")
    queue, dead, clock = cloud.queues["q"], cloud.queues["dead"], cloud.clock
    queue.send("poison")
    (first,) = queue.receive(10, clock.now_ms)
    clock.advance(1_000)
    assert queue.receive(10, clock.now_ms) == []
    assert dead.all_bodies() == ["poison"]
    assert dead.start_message_move() == 1
    (again,) = queue.receive(10, clock.now_ms)
    assert again["body"] == "poison"
    assert again["messageId"] != first["messageId"]
    assert again["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_message_is_lost_after_its_retention(cloud: Cloud) -> None:
    cloud.create_queue("q", visibility_s=1, retention_s=60)
    cloud.queues["q"].send("old")
    cloud.clock.advance(60_000)
    assert cloud.queues["q"].receive(1, cloud.clock.now_ms) == []


def test_a_queue_may_deliver_out_of_order(cloud: Cloud) -> None:
    cloud.create_queue("q", visibility_s=1)
    queue = cloud.queues["q"]
    for n in range(100):
        queue.send(f"{n}")
    queue.reorder = 20
    order = [int(one["body"]) for one in queue.receive(100, cloud.clock.now_ms)]
    assert sorted(order) == list(range(100)) != order
    assert max(n - place for place, n in enumerate(order)) <= 20


ONE_SHOT = {
    "Name": "one",
    "ScheduleExpression": "at(2026-03-01T13:30:00)",
    "ScheduleExpressionTimezone": "Europe/Stockholm",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "queue", "RoleArn": "role", "Input": "{}"},
    "ActionAfterCompletion": "DELETE",
}


def test_a_schedule_that_fired_may_linger_and_takes_its_name_along(cloud: Cloud) -> None:
    scheduler, clock = session.client("scheduler"), cloud.clock
    cloud.schedules.linger_ms = 60_000
    scheduler.create_schedule(**ONE_SHOT)
    clock.advance(30 * 60_000)
    assert len(cloud.schedules.due(clock.now_ms)) == 1
    with pytest.raises(scheduler.exceptions.ConflictException):
        scheduler.create_schedule(**ONE_SHOT)
    scheduler.update_schedule(**ONE_SHOT | {"ScheduleExpression": "at(2099-01-01T00:00:00)"})
    clock.advance(60_000)
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name="one")


def test_a_schedule_fires_once_when_it_is_due(cloud: Cloud) -> None:
    session.client("scheduler").create_schedule(**ONE_SHOT)
    due = cloud.clock.now_ms + 30 * 60_000
    assert cloud.schedules.next_at() == due
    assert cloud.schedules.due(due - 1) == []
    assert [one["Name"] for one in cloud.schedules.due(due)] == ["one"]
    assert cloud.schedules.due(due) == []
    assert not cloud.schedules


def test_time_is_the_clock_of_the_cloud_and_sleeping_lets_it_pass(cloud: Cloud) -> None:
    began = time.time_ns()
    assert began == cloud.clock.now_ms * 1_000_000
    time.sleep(0.25)
    assert time.time_ns() - began == 250_000_000


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Clock().advance(-1)


def test_afterwards_the_world_is_as_before() -> None:
    def world() -> tuple[Any, ...]:
        remembered = session.SESSION.create_client, session.SESSION._credentials
        return time.time_ns, time.time, time.sleep, queues.direct.send_message, *remembered

    before = world()
    with installed(cloud_with(Faults())):
        portraits.load(["h"])
        assert world() != before
    assert world() == before
    assert portraits.PortraitItem._connection is None


@pytest.mark.parametrize(
    "value",
    [{"S": 5}, {"N": 5}, {"B": "text"}, {}, {"S": "a", "N": "1"}, {"X": 1}, {"L": 5}, {"BOOL": 1},
     {"SS": [1]}, {"N": ""}, {"N": "1_0"}, {"N": "\u0663"}, {"S": "\ud800"}],
    ids=repr,
)  # fmt: skip
def test_a_value_that_no_client_checked_is_refused(cloud: Cloud, value: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"SerializationException|ValidationException"):
        session.client("dynamodb").put_item(**put("h", it=value))


def test_another_invocation_may_run_inside_a_call(cloud: Cloud) -> None:
    def interleave(service: str, operation: str) -> None:
        cloud.on_call = None
        portraits.write(a_write(), now=1)

    cloud.on_call = interleave
    with pytest.raises(Conflict):
        portraits.write(a_write(), now=2)
    assert cloud.tables["portraits"].items["h",]["updated_at"] == {"N": "1"}


def test_the_log_says_who_called_what(cloud: Cloud) -> None:
    cloud.principal = "profile"
    portraits.load(["h"])
    assert cloud.log == [("dynamodb", "BatchGetItem", "profile")]
