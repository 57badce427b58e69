"""A dialogue and its offer: answers take branches, and what ends it takes the offer away."""

from typing import Any

import pytest

from portrait.attending import Call, attend
from portrait.catalogue import Catalogue
from portrait.definitions.checking import check
from portrait.definitions.documents import canonical, parse
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import Draft
from portrait.effects import Emitted, Say
from portrait.message import Message
from portrait.rendering import check as part_check
from portrait.stimulus import Start, Stimulus
from portrait.triggers import stimulus
from tests.unit.core.worlds import NOON, an_event
from tests.unit.inbox.desk import DAY, DOCUMENTS, HOME, World, a_template

CAMPAIGN: dict[str, Any] = {
    "kind": "campaign", "key": "winback", "name": "Win back", "purpose": "marketing",
    "entry": {"event": "Lapsed"},
    "exits": [{"event": "Order Completed", "reason": "bought"}],
    "goal": {"event": "Order Completed", "within": "30d", "ends": False},
    "steps": [
        {"name": "coffee", "offer": {"template": "coffee", "channels": ["web", "till"]}},
        {
            "wait_for": {
                "branches": [
                    {"name": name, "event": event, "to": "coffee", "steps": [emit]}
                    for name, event, emit in (
                        ("yes", "Offer Accepted", {"emit": {"fact": "yes"}}),
                        ("no", "Offer Declined", {"emit": {"fact": "no"}}),
                    )
                ],
                "timeout": "7d",
            }
        },
    ],
}  # fmt: skip
POLICY = {"kind": "policy", "key": "default"}
TEMPLATE = {name: text for name, text in a_template().items() if name != "snooze"}


def drafts(*raws: dict[str, Any]) -> list[Draft]:
    return [Draft(f"{raw['key']}.yaml", parse(raw, f"{raw['key']}.yaml")) for raw in raws]


def programme(*raws: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**canonical(each.definition), "version": 1} for each in drafts(*raws)]


class Dialogue(World):
    """Anna in the campaign; the queues between the functions are emptied at once."""

    def start(self) -> None:
        start = Start("winback", 1, "o1", NOON - 1000, NOON, HOME)
        self.attend(Stimulus(HOME, NOON, starts=(start,)))
        for say in self.effects(Say):
            self.offer(
                Message(
                    id=say.message, journey=say.journey, home=HOME, strand=HOME,
                    campaign=say.campaign, version=say.version, step=say.step, channel="inbox",
                    template=say.template, purpose=say.purpose, arm="treated",
                    occurred_at=say.occurred_at, received_at=say.received_at,
                    expires_at=say.expires_at, value=say.value, pull=say.pull,
                    is_task=say.is_task,
                )
            )  # fmt: skip
            self.react()

    def attend(self, *stimuli: Stimulus) -> None:
        calls = [Call(str(n), each) for n, each in enumerate(stimuli)]
        done = attend(
            calls, self.table, catalogue=self.catalogue, clock=lambda: self.now,
            pause=lambda _: None,
        )  # fmt: skip
        assert not done.failed

    def react(self) -> None:
        """Do what trigger does with the last write."""
        record = self.table.follow(HOME)
        assert record is not None
        told = stimulus(record, self.table.told[-1], self.catalogue, now=self.now)
        if told is not None:
            self.attend(told)

    def effects(self, kind: type) -> list[Any]:
        return [one for told in self.table.told for one in told.effects if isinstance(one, kind)]

    @property
    def id(self) -> str:
        (id_,) = self.view.offers
        return id_


@pytest.fixture
def dialogue() -> Dialogue:
    dialogue = Dialogue(Catalogue.compile([*DOCUMENTS, *programme(POLICY, TEMPLATE, CAMPAIGN)]))
    dialogue.start()
    return dialogue


def heard(dialogue: Dialogue, answer: str) -> None:
    dialogue.now += 1  # nobody answers in the instant that let them in
    assert dialogue.say(answer, "till", dialogue.id) == 202
    dialogue.fold()
    dialogue.react()


@pytest.mark.parametrize(("answer", "branch"), [("accept", "yes"), ("decline", "no")])
def test_an_answer_takes_the_branch_of_its_offer(dialogue, answer, branch):
    heard(dialogue, answer)

    assert [one.fact for one in dialogue.effects(Emitted)] == [branch]
    (one,) = dialogue.view.dialogues.values()
    assert (one.in_steps, one.reason) == (False, "done")
    assert dialogue.waiting("web") == []


def test_being_shown_and_put_off_moves_nothing(dialogue):
    heard(dialogue, "shown")
    heard(dialogue, "not_now")
    (one,) = dialogue.view.dialogues.values()
    assert one.in_steps
    assert dialogue.effects(Emitted) == []


def test_who_buys_is_offered_it_no_more(dialogue):
    assert dialogue.waiting() == [dialogue.id]
    event = an_event("o1", name="Order Completed", at=dialogue.now + 1, who={"user_id": "u1"})
    dialogue.now += 2
    dialogue.hear(event)
    dialogue.react()

    (one,) = dialogue.view.dialogues.values()
    assert one.reason == "bought"
    assert dialogue.waiting() == []
    assert dialogue.view.offers == {}


def test_what_ran_its_course_leaves_its_offer_where_it_is(dialogue):
    dialogue.now += 8 * DAY
    dialogue.attend(Stimulus(HOME, dialogue.now))

    (one,) = dialogue.view.dialogues.values()
    assert one.reason == "done"
    assert dialogue.waiting() == [dialogue.id]


def test_a_programme_with_an_inbox_is_checked():
    check(drafts(POLICY, TEMPLATE, CAMPAIGN), part_check)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": "{{ customer.name"}, "coffee.yaml: title: "),
        ({"script": "{{ shop }}"}, "coffee.yaml: script: there is no variable 'shop'"),
        ({"data": '{"a": {{ customer.a }}}'}, "must end in `| json`"),
        ({"image": "http://img.example/a.png"}, "coffee.yaml: image: expected an https:// address"),
        ({"snooze": "soon"}, "coffee.yaml: snooze: expected a duration"),
        ({"html": "<p>"}, "coffee.yaml: unknown field 'html'"),
    ],
)
def test_what_is_wrong_with_a_template_is_found_before_it_is_published(fields, problem):
    with pytest.raises(DefinitionError) as error:
        check(drafts(POLICY, {**TEMPLATE, **fields}, CAMPAIGN), part_check)
    assert problem in str(error.value)
