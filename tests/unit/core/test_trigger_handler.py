"""The trigger's handler on the envelopes of events/trigger, as Lambda hands them over."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from functions.trigger import handler as trigger
from portrait.facts import Fact
from portrait.message import decode_message
from portrait.triggers import Entry
from portrait.waking import Wake
from tests.unit.core.test_triggers import a_campaign, a_policy, catalogue_of

EVENTS = Path(__file__).parents[3] / "events" / "trigger"


class Outside:
    """Records what the handler asks of the journeys table, the queue and the bus."""

    def __init__(self) -> None:
        self.entered: list[Entry] = []
        self.bodies: list[str] = []
        self.facts: list[Fact] = []
        self.armed: list[Wake] = []
        self.disarmed: list[Wake] = []

    def enter(self, entry: Entry) -> bool:
        self.entered.append(entry)
        return True

    def send(self, url: str, bodies: Sequence[str]) -> None:
        self.bodies.extend(bodies)

    def publish(self, facts: Sequence[Fact]) -> None:
        self.facts.extend(facts)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    catalogue = catalogue_of(a_campaign(), a_policy())
    monkeypatch.setattr(trigger.definitions, "catalogue", lambda now: catalogue)
    monkeypatch.setattr(trigger.journeys, "enter", outside.enter)
    monkeypatch.setattr(trigger.queues, "send", outside.send)
    monkeypatch.setattr(trigger.bus, "publish", outside.publish)
    monkeypatch.setattr(trigger.schedules, "arm", outside.armed.append)
    monkeypatch.setattr(trigger.schedules, "disarm", outside.disarmed.append)
    return outside


def invoke(name: str) -> object:
    return trigger.handler(json.loads((EVENTS / f"{name}.json").read_text()), None)


def test_an_order_enters_its_campaign_with_what_was_ordered(outside: Outside):
    assert invoke("order_completed") == {"batchItemFailures": []}

    (entry,), (body,) = outside.entered, outside.bodies
    assert (entry.campaign, entry.arm) == ("thanks", "treated")
    assert decode_message(body).happening["properties"]["order_id"] == "1001"


def test_a_login_is_told_and_a_quiet_write_is_passed_over(outside: Outside):
    invoke("login_merges_then_nothing_to_react_to")

    assert [fact.kind for fact in outside.facts] == ["Portraits Merged"]
    assert outside.bodies == []


def test_a_crossing_is_told_and_timers_follow_the_portraits(outside: Outside):
    invoke("segment_left_and_customer_erased")

    assert [(fact.kind, fact.detail["segment"]) for fact in outside.facts] == [
        ("Segment Left", "active_buyer"),
        ("Segment Entered", "lapsed_buyer"),
    ]
    assert outside.armed == [Wake(home="algmlfbdukt6y27zvhwa6m4glji", due_at=4_102_444_800_000)]
    assert outside.disarmed == [Wake(home="cn7xq2v5m3k6t4w8z9y1b2d4f6h", due_at=4_102_444_800_500)]
