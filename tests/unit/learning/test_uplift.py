"""Uplift as a condition: whom contact moves enough enters, once the night has said so."""

import pytest

from portrait import changes
from portrait.catalogue import Catalogue
from portrait.conversation import converse
from portrait.definitions.documents import canonical, parse
from portrait.learning.scores import held
from portrait.learning.scoring import InForce, Scoring, Slice
from portrait.record import Record
from portrait.triggers import stimulus
from tests.unit.core.worlds import NOON
from tests.unit.learning.test_scoring import LEARNING, Pages, kept

WORTH_IT = {
    "kind": "campaign", "key": "worth_it", "name": "Worth a letter", "purpose": "marketing",
    "entry": {"becomes": {"all": [
        {"score": "uplift", "above": 0.1}, {"score": "response", "at_most": 0.9},
    ]}},
    "control": 0.2, "steps": [{"emit": {"fact": "Write To Them"}}],
}  # fmt: skip
CATALOGUE = Catalogue.compile(
    [{**canonical(parse(one)), "version": 1} for one in (LEARNING, WORTH_IT)]
)


class Told(Pages):
    """The table, and what each write says that it did."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, bytes | None] = {}

    def write(self, work, *, now):
        super().write(work, now=now)
        self.said[work.root.home] = work.changes


def scored(table: Told, uplift: float, *, now: int = NOON) -> None:
    """Let a night say the same uplift of everybody."""
    model = InForce(
        "v1", ("response", "uplift"), lambda behaviour: [0.0] if behaviour.purchases else None,
        lambda rows: {"response": [0.3] * len(rows), "uplift": [uplift] * len(rows)},
    )  # fmt: skip
    Scoring([model], table, CATALOGUE, CATALOGUE.learning, 0.05, lambda: now, lambda _: None).slice(
        Slice(0, 1)
    )


def dialogues(table: Told, home: str) -> list[str]:
    """Return the campaigns that the customer is in after trigger and journey read the write."""
    record: Record = table.items[home]
    told = table.said.get(home)
    found = stimulus(record, changes.decode(told), CATALOGUE, now=NOON) if told else None
    done = converse(record, [found], CATALOGUE, NOON) if found else None
    view = (done[0] if done else record.portrait).view(CATALOGUE, NOON)
    return [one.campaign for one in view.dialogues.values()]


def test_whom_contact_moves_enough_enters():
    table = Told()
    kept(table, "h1", 40)

    scored(table, 0.12)

    assert held(table.portraits()["h1"]) == {"response": 0.3, "uplift": 0.12}
    assert dialogues(table, "h1") == ["worth_it"]


@pytest.mark.parametrize("uplift", [0.1, 0.0, -0.3], ids=["on the line", "not", "the wrong way"])
def test_whom_it_does_not_move_enough_stays_out(uplift):
    table = Told()
    kept(table, "h1", 40)

    scored(table, uplift)

    assert held(table.portraits()["h1"])["uplift"] == uplift
    assert dialogues(table, "h1") == []


def test_an_uplift_that_crosses_the_line_by_less_than_a_step_is_written():
    table = Told()
    kept(table, "h1", 40)
    scored(table, 0.09)
    table.said.clear()

    scored(table, 0.11)

    assert dialogues(table, "h1") == ["worth_it"]


def test_it_asks_for_the_model_that_says_it():
    assert CATALOGUE.lines.keys() == {"uplift", "response"}
    assert "response" in CATALOGUE.models
