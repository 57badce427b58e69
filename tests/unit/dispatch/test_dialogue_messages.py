"""Messages that a dialogue asked for: only while it asks, once for one person, and kept in time."""

from dataclasses import replace
from typing import Any

import pytest

from portrait import attempt, contact_policy
from portrait.compiled import Policy
from portrait.contact_policy import Wait
from portrait.dialogue import Dialogue
from portrait.dispatch import Fate, send_message
from portrait.enrolment import journey_key
from portrait.message import Message, message_id
from portrait.stimulus import Start
from tests.unit.dialogues.campaigns import a_campaign, catalogue
from tests.unit.dialogues.shop import letter
from tests.unit.dispatch.desks import HOME, NOW, World, a_message, a_portrait

HOUR = 3_600_000
OTHER = "b" + HOME[1:]


def version(number: int, *steps: dict[str, Any]) -> dict[str, Any]:
    return {**a_campaign(steps), "key": "welcome", "version": number}


def a_world(*dialogues: tuple[str, str, Dialogue], known: Any = None) -> World:
    """Return a desk whose customer is in dialogues, given by strand and journey."""
    portrait = a_portrait()
    for home, journey, one in dialogues:
        portrait.strand(home).dialogues[journey] = one
    world = World(portrait, Policy())
    if known is not None:
        composer = world.desk.composer
        both = replace(composer.catalogue, versions=known.versions, campaigns=known.campaigns)
        world.desk = replace(world.desk, composer=replace(composer, catalogue=both))
    return world


def at(step: str, number: int = 1, state: str = "running") -> Dialogue:
    return Dialogue(
        "welcome",
        number,
        state,
        "treated",
        NOW,
        NOW,
        NOW,
        step,
        NOW,
        NOW + HOUR,  # type: ignore[arg-type]
    )


def asked(journey: str, step: str, number: int = 1, id_: str = "", **fields: Any) -> Message:
    return a_message(
        message_id(journey, id_ or step), journey=journey, step=step, version=number, **fields
    )


def test_a_message_goes_while_its_dialogue_is_at_the_step_that_asked_for_it():
    world = a_world((HOME, "j", at("hello")))

    assert send_message(asked("j", "hello"), world.desk) == Fate("sent")


@pytest.mark.parametrize("state", ["watching", "ended"])
def test_a_message_of_a_dialogue_that_was_left_meanwhile_does_not_go(state):
    world = a_world((HOME, "j", at("", state=state)))

    assert send_message(asked("j", "hello"), world.desk) == Fate("held", "left")
    assert world.ses.requests == []
    assert world.table.outcomes() == [("j", "hello", "held", "left")]


def test_a_message_of_the_version_before_goes_only_if_the_new_one_asks_for_the_same():
    known = catalogue(
        version(2, letter(), {"name": "hello", **letter()}),
        running=[version(1, letter(), {"name": "hello", **letter()})],
    )
    steps = {number: known.versions["welcome", number].steps for number in (1, 2)}
    unnamed = a_world((HOME, "j", at("0", 2)), known=known)
    named = a_world((HOME, "j", at("hello", 2)), known=known)

    old = asked("j", "0", 1, steps[1]["0"].id)
    assert send_message(old, unnamed.desk) == Fate("held", "left")
    assert send_message(asked("j", "0", 2, steps[2]["0"].id), unnamed.desk) == Fate("sent")
    assert send_message(asked("j", "hello", 1), named.desk) == Fate("sent")


def test_where_two_visitors_entered_once_each_the_person_they_are_is_told_once():
    (campaign,) = catalogue(version(1, {"name": "hello", **letter()})).campaigns
    starts = [
        Start("welcome", 1, occurrence, NOW, NOW, strand)
        for occurrence, strand in (("o1", HOME), ("o2", OTHER))
    ]
    one, other = (journey_key(campaign, start, start.strand) for start in starts)
    world = a_world((HOME, one, at("hello")), (OTHER, other, at("hello")))
    messages = [
        asked(one, "hello", once=True), asked(other, "hello", once=True, strand=OTHER),
    ]  # fmt: skip
    world.table.items[OTHER] = replace(
        world.table.items[HOME], home=OTHER, state=b"", merged_into=HOME
    )

    fates = [send_message(message, world.desk) for message in (*messages, *messages)]

    assert fates[:2] == [Fate("sent"), Fate("held", "already_sent")]
    assert fates[2:] == fates[:2]  # whoever asks again is told the same, and why
    assert len(world.ses.requests) == 1


def test_of_one_journey_every_step_speaks_though_the_campaign_is_entered_once():
    world = a_world((HOME, "j", at("hello")))
    assert send_message(asked("j", "hello", once=True), world.desk) == Fate("sent")
    world.table.amend(lambda p: p.strand(HOME).dialogues.update({"j": at("bye")}))

    assert send_message(asked("j", "bye", once=True), world.desk) == Fate("sent")


def test_a_message_that_may_not_go_yet_is_kept_in_the_portrait_and_told_of_once(monkeypatch):
    world = a_world((HOME, "j", at("hello")))
    message = asked("j", "hello")
    verdicts = [Wait(NOW + HOUR, "cap"), Wait(NOW + 2 * HOUR, "cap")]
    judge = contact_policy.judge

    def judging(*args: Any, **fields: Any) -> Any:
        return verdicts.pop(0) if verdicts else judge(*args, **fields)

    monkeypatch.setattr(attempt.contact_policy, "judge", judging)

    assert send_message(message, world.desk) == Fate("waiting", "cap")
    assert send_message(message, world.desk) == Fate("waiting", "cap")
    (kept,) = world.table.waiting().values()
    assert (kept.not_before, kept.since, kept.reason) == (NOW + 2 * HOUR, NOW, "cap")
    assert world.table.items[HOME].due_at == NOW + HOUR  # at the latest: waking early is harmless
    assert world.table.outcomes() == [("j", "hello", "waiting", "cap")]
    assert world.table.contacts() == {}

    assert send_message(message, world.desk) == Fate("sent", "cap")
    assert world.table.waiting() == {}
    assert world.table.outcomes()[1:] == [("j", "hello", "sent", "cap")]


@pytest.mark.parametrize("reason", ["expired", "left"])
def test_a_message_that_waited_and_is_held_in_the_end_waits_no_more(monkeypatch, reason):
    world = a_world((HOME, "j", at("hello")))
    message = asked("j", "hello")
    with monkeypatch.context() as patch:
        patch.setattr(
            attempt.contact_policy, "judge", lambda *_, **__: Wait(NOW + HOUR, "quiet_hours")
        )
        send_message(message, world.desk)
    if reason == "expired":
        world.clock.now = message.expires_at
    else:
        world.table.amend(lambda p: p.strand(HOME).dialogues.update({"j": at("", state="ended")}))

    assert send_message(message, world.desk) == Fate("held", reason)
    assert world.table.waiting() == {}
