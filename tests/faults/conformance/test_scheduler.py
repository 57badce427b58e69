"""One-shot schedules: made, changed, deleted; and what the bus and the keeper of secrets answer."""

from typing import Any

import pytest

from tests.faults.conformance.worlds import World, fresh, outcome

REQUEST: dict[str, Any] = {
    "ScheduleExpression": "at(2099-01-01T00:00:00)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {
        "Arn": "arn:aws:sqs:us-east-1:000000000000:queue",
        "RoleArn": "arn:aws:iam::000000000000:role/scheduler",
        "Input": '{"home":"h"}',
    },
    "ActionAfterCompletion": "DELETE",
}


def test_a_schedule_is_kept_as_it_was_made(world: World) -> None:
    scheduler, name = world.client("scheduler"), fresh("schedule")
    scheduler.create_schedule(Name=name, **REQUEST)
    found = scheduler.get_schedule(Name=name)
    assert {field: found[field] for field in REQUEST} == REQUEST
    assert (found["Name"], found["GroupName"], found["State"]) == (name, "default", "ENABLED")


def test_a_name_is_taken_once(world: World) -> None:
    scheduler, name = world.client("scheduler"), fresh("schedule")
    made = [outcome(scheduler.create_schedule, Name=name, **REQUEST) for _ in range(2)]
    assert made == ["ok", "ConflictException"]


def test_a_repeat_with_its_token_is_no_conflict(world: World) -> None:
    scheduler, name = world.client("scheduler"), fresh("schedule")
    request = {"Name": name, "ClientToken": fresh("token"), **REQUEST}
    assert [outcome(scheduler.create_schedule, **request) for _ in range(2)] == ["ok", "ok"]


def test_an_update_replaces_everything(world: World) -> None:
    scheduler, name = world.client("scheduler"), fresh("schedule")
    scheduler.create_schedule(Name=name, Description="before", **REQUEST)
    later = REQUEST | {"ScheduleExpression": "at(2099-02-02T10:00:00)"}
    scheduler.update_schedule(Name=name, **later)
    found = scheduler.get_schedule(Name=name)
    assert found["ScheduleExpression"] == "at(2099-02-02T10:00:00)"
    assert not found.get("Description")


@pytest.mark.parametrize("operation", ["get_schedule", "update_schedule", "delete_schedule"])
def test_a_schedule_that_does_not_exist(world: World, operation: str) -> None:
    call = getattr(world.client("scheduler"), operation)
    more = REQUEST if operation == "update_schedule" else {}
    assert outcome(call, Name=fresh("schedule"), **more) == "ResourceNotFoundException"


def test_a_deleted_schedule_is_gone(world: World) -> None:
    scheduler, name = world.client("scheduler"), fresh("schedule")
    scheduler.create_schedule(Name=name, **REQUEST)
    scheduler.delete_schedule(Name=name)
    assert outcome(scheduler.get_schedule, Name=name) == "ResourceNotFoundException"
    assert outcome(scheduler.create_schedule, Name=name, **REQUEST) == "ok"


@pytest.mark.parametrize("change", [
    {"Name": "no spaces"},
    {"Name": "x" * 65},
    {"ScheduleExpression": "at(tomorrow)"},
    {"ScheduleExpression": "at(2099-13-01T00:00:00)"},
    {"ScheduleExpressionTimezone": "Nowhere/Land"},
], ids=["name", "long_name", "expression", "month", "zone"])  # fmt: skip
def test_a_schedule_that_is_refused(world: World, change: dict[str, Any]) -> None:
    request = {"Name": fresh("schedule"), **REQUEST, **change}
    found = outcome(world.client("scheduler").create_schedule, **request)
    assert found == "ValidationException"


def _entry(**more: Any) -> dict[str, Any]:
    return {"Source": "tests", "DetailType": "Happened", "Detail": '{"a":1}', **more}


def test_the_bus_takes_entries(world: World) -> None:
    answer = world.client("events").put_events(Entries=[_entry()] * 10)
    assert answer["FailedEntryCount"] == 0
    assert len({one["EventId"] for one in answer["Entries"]}) == 10


@pytest.mark.parametrize("count", [0, 11])
def test_the_bus_takes_1_to_10_entries(world: World, count: int) -> None:
    found = outcome(world.client("events").put_events, Entries=[_entry()] * count)
    assert found == "ValidationException"


def test_one_bad_event_fails_alone(world: World) -> None:
    entries = [_entry(), _entry(Detail="no json"), _entry(Source="")]
    answer = world.client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 2
    codes = [one.get("ErrorCode") for one in answer["Entries"]]
    assert codes == [None, "MalformedDetail", "InvalidArgument"]


def test_a_secret_that_does_not_exist(world: World) -> None:
    call = world.client("secretsmanager").get_secret_value
    assert outcome(call, SecretId="nothing-of-that-name") == "ResourceNotFoundException"
