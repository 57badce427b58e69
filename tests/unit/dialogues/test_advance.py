"""Advancing: whatever the campaign, whatever happens and in whatever order, nobody is lost."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.advance import Tick
from portrait.durations import milliseconds
from portrait.effects import Say
from portrait.metrics import DAY_MS
from portrait.steps import Send
from portrait.strand import Contact
from tests.unit.dialogues.campaigns import (
    EVENTS,
    HOME,
    MINUTE,
    NOW,
    Customer,
    a_campaign,
    came_out,
    catalogue,
    definition,
    documents,
    happens,
)

FATES = ("sent", "held", "failed", "unknown", "waiting")

moves = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.sampled_from(EVENTS), st.integers(-DAY_MS, MINUTE)),
        st.tuples(st.just("outcome"), st.sampled_from(FATES), st.integers(0, 9)),
        st.tuples(st.just("time"), st.just(""), st.integers(1, 4 * DAY_MS)),
        st.tuples(st.just("again"), st.just(""), st.integers(0, 99)),
    ),
    max_size=25,
)
plans = st.sampled_from([None, "0", "1", "2"])


def play(customer: Customer, steps: list[tuple[str, str, int]]) -> list[object]:
    """Let things happen; return all that was heard."""
    heard: list[object] = []
    for number, (kind, word, amount) in enumerate(steps):
        stimulus: object = Tick()
        if kind == "event":
            stimulus = happens(word, customer.now + amount, number)
        elif kind == "outcome" and customer.asked:
            said = customer.asked[amount % len(customer.asked)]
            stimulus = came_out(said, word, customer.now)
        elif kind == "again" and heard:
            stimulus = heard[amount % len(heard)]
        elif kind == "time":
            customer.now += amount
        customer.hear(stimulus)  # type: ignore[arg-type]
        heard.append(stimulus)
    return heard


def settle(customer: Customer) -> None:
    """Let all messages be answered and all time pass."""
    answered: set[str] = set()
    for _ in range(400):
        open_ = [say for say in customer.asked if say.message not in answered]
        if open_:
            answered.add(open_[0].message)
            customer.hear(came_out(open_[0], "sent", customer.now))
        elif customer.state.due_at and customer.state.state != "ended":
            customer.now = max(customer.now, customer.state.due_at)
            customer.hear(Tick())
        else:
            return
    raise AssertionError("it does not come to an end")


@settings(max_examples=400, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_from_wherever_it_is_a_dialogue_comes_to_its_end(document, plan, steps):
    campaign = definition(document)
    customer = Customer(campaign, plan=plan)
    play(customer, steps)
    settle(customer)

    assert customer.state.state == "ended"
    assert customer.state.ended_at
    assert len(customer.noted("left")) == 1


@settings(max_examples=300, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_in_no_state_is_it_stuck(document, plan, steps):
    """Whoever is in a step has an instant at which time takes them further."""
    campaign = definition(document)
    customer = Customer(campaign, plan=plan)
    play(customer, steps)

    if customer.state.state == "running":
        assert customer.state.step in campaign.steps
        assert customer.state.due_at > 0


@settings(max_examples=400, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_exactly_one_branch_is_ever_taken_and_nothing_is_said_twice(document, plan, steps):
    customer = Customer(definition(document), plan=plan)
    play(customer, steps)
    settle(customer)

    branches = Counter(one.step for one in customer.noted("branch"))
    assert all(times == 1 for times in branches.values())
    assert all(times == 1 for times in Counter(one.message for one in customer.asked).values())
    assert all(times == 1 for times in Counter(one.id for one in customer.emitted).values())
    assert all(times == 1 for times in Counter(one.step for one in customer.noted("goal")).values())


@settings(max_examples=400, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_hearing_the_same_again_changes_nothing_more(document, plan, steps):
    customer = Customer(definition(document), plan=plan)
    for step in steps:
        (heard,) = play(customer, [step])
        state, said = customer.state, list(customer.asked)
        customer.hear(heard)

        assert (customer.state, customer.asked) == (state, said)


def test_one_event_delivered_twice_takes_one_branch_of_two_in_a_row():
    listen = {"wait_for": {"branches": [{"name": "b", "event": "Clicked"}], "timeout": "1h"}}
    customer = Customer(definition(a_campaign([listen, listen])))
    customer.now += MINUTE
    click = happens("Clicked", customer.now)
    customer.hear(click)
    customer.hear(click)

    assert len(customer.noted("branch")) == 1


@settings(max_examples=300, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_time_never_runs_backwards_in_a_dialogue(document, plan, steps):
    customer = Customer(definition(document), plan=plan)
    play(customer, steps)

    running = [one for one in (*customer.history, customer.state) if one.state == "running"]
    assert all(one.since <= other.since for one, other in pairwise(running))


@settings(max_examples=200, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_the_same_history_always_gives_the_same_dialogue(document, plan, steps):
    one, other = (Customer(definition(document), plan=plan) for _ in range(2))
    play(one, steps)
    play(other, steps)

    assert (one.state, one.effects) == (other.state, other.effects)


@settings(max_examples=300, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_nothing_is_said_that_is_not_on_the_way_that_was_taken(document, plan, steps):
    """Walk the dossier's way through the steps again: it must come by every message."""
    campaign = definition(document)
    customer = Customer(campaign, plan=plan)
    play(customer, steps)
    settle(customer)

    taken = {one.step: one.value for one in customer.noted("branch")}
    on_the_way, name = [], campaign.first
    while name is not None:
        step = campaign.steps[name]
        on_the_way.append(name)
        branches = {one.name: one.then for one in getattr(step, "branches", ())}
        name = branches.get(taken.get(name, ""), step.then)
    said = [one.step for one in customer.asked]
    assert said == [name for name in on_the_way if name in said]
    assert all(isinstance(campaign.steps[name], Send) for name in said)


def test_whoever_reaches_the_goal_leaves_at_once_in_any_step():
    campaign = definition(
        a_campaign(
            [{"wait": {"for": "30d"}}, {"send": {"channel": "email", "template": "t"}}],
            goal={"event": "Ordered", "within": "60d"},
        )
    )
    customer = Customer(campaign)
    customer.now += MINUTE
    customer.hear(happens("Ordered", customer.now))

    assert (customer.state.state, customer.state.reason) == ("ended", "goal")
    assert customer.state.goal_at == customer.now


def test_a_goal_that_does_not_end_the_campaign_lets_it_go_on():
    goal = {"event": "Ordered", "within": "60d", "ends": False}
    customer = Customer(definition(a_campaign([{"wait": {"for": "30d"}}], goal=goal)))
    customer.now += MINUTE
    customer.hear(happens("Ordered", customer.now))

    assert customer.state.goal_at
    assert customer.state.state == "running"


def test_what_happened_before_the_customer_entered_is_no_answer():
    customer = Customer(
        definition(a_campaign([{"wait": {"for": "9d"}}], goal={"event": "Ordered"}))
    )
    customer.now += MINUTE
    customer.hear(happens("Ordered", NOW - 1))

    assert not customer.state.goal_at


def test_a_reaction_to_another_message_opens_no_branch():
    steps = [
        {"name": "hello", "send": {"channel": "email", "template": "t"}},
        {"name": "listen", "wait_for": {
            "branches": [{"name": "yes", "event": "Email Link Clicked", "to": "hello"}],
            "timeout": "1d",
        }},
    ]  # fmt: skip
    customer = Customer(definition(a_campaign(steps)))
    (said,) = customer.asked
    customer.hear(came_out(said, "sent", customer.now))
    customer.now += MINUTE
    click = happens("Email Link Clicked", customer.now)
    customer.hear(click)
    assert customer.noted("branch") == []
    click.properties["message_id"] = said.message
    customer.hear(click)

    assert [one.value for one in customer.noted("branch")] == ["yes"]


@pytest.mark.parametrize(("newer", "branches"), [(None, ["yes"]), ("another", [])])
def test_an_answer_by_text_is_to_the_last_text_that_the_customer_got(newer, branches):
    steps = [
        {"name": "hello", "send": {"channel": "sms", "template": "t"}},
        {"name": "listen", "wait_for": {
            "branches": [{"name": "yes", "event": "SMS Replied", "to": "hello"}], "timeout": "1d",
        }},
    ]  # fmt: skip
    customer = Customer(definition(a_campaign(steps)))
    (said,) = customer.asked
    strand = customer.portrait.strand(HOME)
    for at, id_, channel, state in (
        (customer.now, said.message, "sms", "sent"),
        (customer.now + MINUTE, newer or "a mail", "sms" if newer else "email", "sent"),
        (customer.now + MINUTE, "never went", "sms", "held"),
        (customer.now + 3 * MINUTE, "after it", "sms", "sent"),
    ):
        strand.set_contact(Contact(id_, channel, "marketing", "c", at, state))
    customer.hear(came_out(said, "sent", customer.now))
    customer.now += 5 * MINUTE
    customer.hear(happens("SMS Replied", customer.now - 3 * MINUTE))

    assert [one.value for one in customer.noted("branch")] == branches


def test_an_event_after_the_timeout_takes_the_timeout_however_late_the_timer():
    steps = [{"wait_for": {"branches": [{"name": "b", "event": "Clicked"}], "timeout": "1h"}}]
    customer = Customer(definition(a_campaign(steps)))
    customer.now += 2 * 60 * MINUTE
    customer.hear(happens("Clicked", customer.now - MINUTE))

    assert [one.value for one in customer.noted("branch")] == ["timeout"]


def test_an_event_in_time_that_arrives_late_takes_its_branch_if_the_timer_has_not_fired():
    steps = [{"wait_for": {"branches": [{"name": "b", "event": "Clicked"}], "timeout": "1h"}}]
    customer = Customer(definition(a_campaign(steps)))
    customer.now += 2 * 60 * MINUTE
    customer.hear(happens("Clicked", NOW + MINUTE))

    assert [one.value for one in customer.noted("branch")] == ["b"]


def test_waits_count_from_when_they_were_due_and_not_from_when_the_timer_fired():
    steps = [{"wait": {"for": "1d"}}, {"wait": {"for": "1d"}}, {"wait": {"for": "9d"}}]
    customer = Customer(definition(a_campaign(steps)))
    customer.now = NOW + 2 * DAY_MS + 5 * MINUTE
    customer.hear(Tick())

    assert customer.state.since == NOW + 2 * DAY_MS


def test_a_send_step_is_over_when_the_message_went_and_not_while_it_waits():
    steps = [{"send": {"channel": "email", "template": "t"}}, {"wait": {"for": "1d"}}]
    customer = Customer(definition(a_campaign(steps)))
    (said,) = customer.asked
    customer.hear(came_out(said, "waiting", customer.now))
    assert customer.state.step == said.step
    customer.now += 10 * 60 * MINUTE
    customer.hear(came_out(said, "sent", customer.now))

    assert customer.state.due_at == customer.now + DAY_MS


def test_an_experiment_sends_a_customer_the_same_way_in_every_campaign():
    arms = [{"name": "a", "share": 0.5, "steps": []}, {"name": "b", "share": 0.5, "steps": []}]
    step = {"split": {"branches": arms, "experiment": "subject_line"}}
    ways = [
        Customer(definition(a_campaign([*before, step]))).noted("branch")[-1].value
        for before in ([], [{"update": {"traits": {"x": 1}}}])
    ]

    assert ways[0] == ways[1]


def test_a_named_step_keeps_its_message_in_every_version_and_an_unnamed_one_does_not():
    steps = [
        {"name": "hello", "send": {"channel": "email", "template": "t"}},
        {"send": {"channel": "email", "template": "t"}},
    ]
    document = a_campaign(steps)
    ids = []
    for version in (1, 2):
        campaign = catalogue({**document, "version": version}).newest["c"]
        customer = Customer(campaign)
        customer.hear(came_out(customer.asked[0], "sent", customer.now))
        ids.append([one.message for one in customer.of(Say)])

    assert ids[0][0] == ids[1][0]
    assert ids[0][1] != ids[1][1]


def test_nobody_is_in_a_campaign_longer_than_it_lasts():
    document = a_campaign([{"wait": {"for": "1d"}}, {"wait": {"for": "30d"}}], lasts_at_most="2d")
    campaign = definition(document)
    customer = Customer(campaign)
    customer.now = NOW + milliseconds("2d")
    customer.hear(Tick())

    assert (customer.state.state, customer.state.reason) == ("ended", "timed_out")
