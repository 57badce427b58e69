"""The journey's handler on the envelopes of events/journey, as Lambda hands them over."""

import json
from pathlib import Path

import pytest

from functions.journey import handler as journey
from portrait.dialogue import Dialogue
from portrait.faults import Unavailable
from portrait.portrait import Portrait
from portrait.record import Record
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork

EVENTS = Path(__file__).parents[3] / "events" / "journey"
HOME = "algmlfbdukt6y27zvhwa6m4glji"
AT = 1_767_261_600_000
HOUR_MS = 3_600_000


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    """The customer of the envelopes: their dialogue, if any, has waited for two hours by now."""
    steps = [wait(**{"for": "2h"}), say("thanks")]
    world = Clockwork(catalogue_of(a_campaign(steps=steps), a_policy()), AT + 2 * HOUR_MS)
    world.table.items[HOME] = Record(HOME, 1, Portrait(HOME).encode())
    monkeypatch.setattr(journey.definitions, "catalogue", lambda now: world.catalogue)
    monkeypatch.setattr(journey, "portraits", world)
    monkeypatch.setattr(journey, "_now", lambda: world.now)
    monkeypatch.setattr(journey, "_pause", lambda attempt: None)
    return world


def invoke(name: str) -> list[str]:
    """Run the handler on an envelope; return the ends of the ids that the queue must keep."""
    answer = journey.handler(json.loads((EVENTS / f"{name}.json").read_text()), None)
    return [failure["itemIdentifier"][-2:] for failure in answer["batchItemFailures"]]


def wait_for_it(world: Clockwork) -> None:
    portrait = Portrait(HOME)
    portrait.strand(HOME).dialogues["j"] = Dialogue(
        "thanks", 3, "running", "treated", AT - HOUR_MS, AT - HOUR_MS, AT - HOUR_MS, "0",
        AT - HOUR_MS, AT + HOUR_MS,
    )  # fmt: skip
    world.table.items[HOME] = Record(HOME, 1, portrait.encode(), due_at=AT + HOUR_MS)


def test_an_order_lets_the_customer_in(world: Clockwork):
    world.now = AT
    assert invoke("order_lets_in") == []

    (one,) = world.dialogues.values()
    assert (one.campaign, one.state, one.due_at) == ("thanks", "running", AT + 2 * HOUR_MS)


def test_a_wake_does_what_is_due(world: Clockwork):
    wait_for_it(world)
    assert invoke("portrait_wake") == []

    world.trigger()
    assert [message.template for message in world.messages] == ["thanks"]


def test_what_cannot_be_read_is_kept_and_harms_nobody(world: Clockwork):
    wait_for_it(world)
    assert invoke("wake_and_one_unreadable") == ["21"]

    assert world.dialogues["j"].step == "1"


def test_a_table_that_does_not_answer_keeps_the_message(
    world: Clockwork, monkeypatch: pytest.MonkeyPatch
):
    def follow(home: str) -> Record:
        raise Unavailable("the table did not answer")

    monkeypatch.setattr(world, "follow", follow)

    assert invoke("portrait_wake") == ["10"]


def test_one_line_is_logged_and_it_counts_without_naming(world, caplog):
    wait_for_it(world)
    invoke("portrait_wake")

    (line,) = [vars(record) for record in caplog.records]
    assert (line["messages"], line["changed"]) == (1, 1)
    assert HOME not in str(line)
