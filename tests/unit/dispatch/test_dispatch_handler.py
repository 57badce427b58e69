"""The dispatch handler: every message for itself, and only what must come again is kept."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.unit.dispatch.desks import World

EVENTS = Path(__file__).parents[3] / "events" / "dispatch"


class Context:
    """Lambda's context with so many milliseconds left, fewer at each question."""

    def __init__(self, left: int = 60_000, cost: int = 0) -> None:
        self._left, self._cost = left, cost

    def get_remaining_time_in_millis(self) -> int:
        self._left -= self._cost
        return self._left


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(import_module("functions.dispatch.handler"), "_desk", lambda: world.desk)
    return world


@pytest.fixture
def handle(world: World) -> Callable[..., list[str]]:
    """Run the handler on a stored envelope; return the ends of the ids that the queue must keep."""

    def run(case: str, context: Context | None = None) -> list[str]:
        event: dict[str, Any] = json.loads((EVENTS / f"{case}.json").read_text())
        answer = import_module("functions.dispatch.handler").handler(event, context or Context())
        return [failure["itemIdentifier"][-1] for failure in answer["batchItemFailures"]]

    return run


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records]


def test_a_batch_is_sent_and_nothing_is_kept(world, handle):
    assert handle("one_email") == []
    assert len(world.ses.requests) == 1


def test_each_message_has_its_own_end(world, handle):
    # The webhook's name has no answer in this world, so that message waits in the portrait.
    assert handle("email_control_and_webhook") == []
    assert [one.reason for one in world.table.waiting().values()] == ["unresolved"]
    assert world.table.contacts() == {"a" * 24: "sent", "b" * 24: "held"}
    assert [(state, reason) for *_, state, reason in world.table.outcomes()] == [
        ("sent", ""), ("held", "control_group"), ("waiting", "unresolved"),
    ]  # fmt: skip


def test_what_cannot_be_read_harms_nobody_and_ends_on_the_dead_letter_queue(world, handle):
    assert handle("one_email_one_unreadable") == ["1"]
    assert len(world.ses.requests) == 1


def test_a_fault_of_one_message_does_not_reach_its_neighbours(world, handle, caplog):
    follow, faults = world.table.follow, [ZeroDivisionError("@".join(("anna", "example.se")))]

    def faulty_follow(home: str) -> Any:
        if faults:
            raise faults.pop()
        return follow(home)

    world.table.follow = faulty_follow

    assert handle("email_control_and_webhook") == ["1"]
    first, *_ = lines = logged(caplog)
    assert first["fault"] == "ZeroDivisionError"
    assert "faulty_follow" in first["stack"][-1]
    assert "anna@example.se" not in str(lines)


def test_messages_for_which_no_time_is_left_are_kept(world, handle):
    assert handle("email_control_and_webhook", Context(left=40_000, cost=13_000)) == ["2", "3"]
    assert len(world.ses.requests) == 1


def test_one_line_is_logged_and_it_counts_without_naming(world, handle, caplog):
    handle("one_email")

    (line,) = logged(caplog)
    assert line["sent"] == 1
    for secret in ("anna", "example.se", "a" * 24):
        assert secret not in str(line)


def test_idle_connections_are_forgotten_before_the_first_message(world, handle):
    order = []
    world.ses.close = lambda: order.append("close")
    send = world.ses.send_email
    world.ses.send_email = lambda **request: (order.append("send"), send(**request))[1]

    handle("one_email")

    assert order == ["close", "send"]
