"""The trigger's handler on the envelopes of events/trigger, as Lambda hands them over."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from functions.trigger import handler as trigger
from portrait.facts import Fact
from portrait.stimulus import decode_stimulus
from portrait.waking import Wake
from tests.unit.core.campaigns import catalogue_of
from tests.unit.core.clockwork import Dossiers

EVENTS = Path(__file__).parents[3] / "events" / "trigger"


class Outside(Dossiers):
    """Records what the handler asks of the journeys table, the queues and the bus."""

    def __init__(self) -> None:
        super().__init__()
        self.queues: dict[str, list[str]] = {}
        self.facts: list[Fact] = []
        self.armed: list[Wake] = []
        self.disarmed: list[Wake] = []

    def send(self, url: str, bodies: Sequence[str]) -> None:
        self.queues.setdefault(url, []).extend(bodies)

    def publish(self, facts: Sequence[Fact]) -> None:
        self.facts.extend(facts)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    outside = Outside()
    catalogue = catalogue_of()
    settings = msgspec.structs.replace(
        trigger.get_settings(), journeys_queue_url="journeys", messages_queue_url="messages"
    )
    monkeypatch.setattr(trigger, "get_settings", lambda: settings)
    monkeypatch.setattr(trigger.definitions, "catalogue", lambda now: catalogue)
    for name in ("keep", "enter", "note", "happenings"):
        monkeypatch.setattr(trigger.journeys, name, getattr(outside, name))
    monkeypatch.setattr(trigger.queues, "send", outside.send)
    monkeypatch.setattr(trigger.bus, "publish", outside.publish)
    monkeypatch.setattr(trigger.schedules, "arm", outside.armed.append)
    monkeypatch.setattr(trigger.schedules, "disarm", outside.disarmed.append)
    return outside


def invoke(name: str) -> object:
    return trigger.handler(json.loads((EVENTS / f"{name}.json").read_text()), None)


def test_an_order_is_told_to_the_journeys_with_what_was_ordered(outside: Outside):
    assert invoke("order_completed") == {"batchItemFailures": []}

    (body,) = outside.queues.pop("journeys")
    (start,) = decode_stimulus(body).starts
    assert start.campaign == "thanks"
    assert start.happening.properties["order_id"] == "1001"
    assert outside.queues == {}


def test_a_login_is_told_and_a_quiet_write_is_passed_over(outside: Outside):
    invoke("login_merges_then_nothing_to_react_to")

    assert [fact.kind for fact in outside.facts] == ["Portraits Merged"]
    assert outside.queues == {}


def test_a_crossing_is_told_and_timers_follow_the_portraits(outside: Outside):
    invoke("segment_left_and_customer_erased")

    assert [(fact.kind, fact.detail["segment"]) for fact in outside.facts] == [
        ("Segment Left", "active_buyer"),
        ("Segment Entered", "lapsed_buyer"),
    ]
    assert outside.armed == [Wake(home="algmlfbdukt6y27zvhwa6m4glji", due_at=4_102_444_800_000)]
    assert outside.disarmed == [Wake(home="cn7xq2v5m3k6t4w8z9y1b2d4f6h", due_at=4_102_444_800_500)]


def test_definitions_are_as_old_as_the_clock_says_however_far_behind_the_stream_is(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []
    known = trigger.definitions.catalogue(0)
    monkeypatch.setattr(trigger.definitions, "catalogue", lambda now: asked.append(now) or known)

    invoke("order_completed")

    assert max(asked) - min(asked) < 60_000  # else each batch of a backlog reads them twice anew
