"""The inbox over HTTP: who sees what, and an answer that reaches every other channel."""

import json
from urllib.parse import quote

import pytest

from portrait.faults import Unavailable
from portrait.identity import HOME as BY_HOME
from portrait.identity import home
from tests.unit.core.worlds import SECRET, an_event, play
from tests.unit.inbox.desk import APP, DAY, HOME, OFFER, WEB, World
from tests.unit.lookup.desk import basic

TASK = "f" * 24


@pytest.fixture
def world() -> World:
    """Anna with an offer on every channel, and a task at the till that is worth more."""
    world = World()
    world.offer()
    world.offer(
        id=TASK, template="call", step="call", campaign="care", is_task=True, value=5.0,
        pull=("till", "call_centre"),
    )  # fmt: skip
    world.table.reads = 0
    return world


def test_a_till_sees_what_waits_the_most_valuable_first(world):
    answer = world.ask("email:anna@mail.example", "channel=till")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.body) == {
        "offers": [
            {
                "id": TASK, "kind": "task", "campaign": "care", "value": 5.0,
                "content": {
                    "title": "Call back", "text": "A free cup.",
                    "script": "Ask how the machine works.",
                },
                "channels": ["till", "call_centre"], "expires_at": "2024-10-18T12:00:00.000Z",
            },
            {
                "id": OFFER, "kind": "offer", "campaign": "winback", "value": 1.0,
                "content": {"title": "Coffee for you", "text": "A free cup."},
                "channels": ["web", "app", "till"], "expires_at": "2024-10-18T12:00:00.000Z",
            },
        ]
    }  # fmt: skip


def test_a_visitor_sees_the_offers_of_their_own_id_and_nothing_of_how_they_are_made(world):
    answer = world.ask("anonymous_id:c1", "channel=web", headers=WEB)

    (offer,) = json.loads(answer.body)["offers"]
    assert offer.keys() == {"id", "kind", "content", "channels", "expires_at"}
    assert world.waiting("app", "anonymous_id:c1", headers=APP) == [OFFER]


def test_a_visitor_sees_no_task_and_no_script_wherever_it_is_shown():
    world = World()
    world.offer(id=TASK, is_task=True, pull=("web", "till"))
    world.offer(template="call")

    answer = world.ask("anonymous_id:c1", "channel=web", headers=WEB)

    (offer,) = json.loads(answer.body)["offers"]
    assert (offer["id"], offer["kind"]) == (OFFER, "offer")
    assert "script" not in offer["content"]
    assert world.say("accept", "web", TASK, "anonymous_id:c1", headers=WEB) == 404


def test_no_more_than_asked_for(world):
    assert len(json.loads(world.ask(query="channel=till&limit=1").body)["offers"]) == 1


def test_nobody_somebody_unknown_and_somebody_erased_have_the_same_empty_inbox(world):
    said = {
        world.ask(who, "channel=till").body
        for who in ("user_id:nobody", "email:no-address", "user_id:undefined", "shoe:42")
    }
    assert said == {'{"offers":[]}'}


@pytest.mark.parametrize(
    ("path", "query", "headers", "status", "code"),
    [
        ("user_id:u1", "channel=till", {}, 401, "missing_key"),
        ("user_id:u1", "channel=till", basic("no-such-key"), 401, "unknown_key"),
        ("user_id:u1", "channel=till", basic("key-of-post"), 403, "key_not_allowed"),
        ("user_id:u1", "channel=till", basic("key-of-closed"), 403, "source_disabled"),
        ("user_id:u1", "channel=web", WEB, 403, "key_not_allowed"),
        ("email:anna@mail.example", "channel=app", APP, 403, "key_not_allowed"),
        ("anonymous_id:c1", "channel=till", WEB, 403, "key_not_allowed"),
        ("user_id:u1", "", basic("key-of-till"), 400, "invalid_channel"),
        ("user_id:u1", "channel=fax", basic("key-of-till"), 400, "invalid_channel"),
        ("user_id:u1", "channel=till&limit=0", basic("key-of-till"), 400, "invalid_limit"),
        ("user_id:u1", "channel=till&limit=21", basic("key-of-till"), 400, "invalid_limit"),
        ("anna", "channel=till", basic("key-of-till"), 400, "invalid_identifier"),
        ("", "channel=till", basic("key-of-till"), 404, "unknown_route"),
    ],
)
def test_who_may_not_look_is_told_why(world, path, query, headers, status, code):
    answer = world.ask(path, query, headers=headers)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)


def test_a_servers_key_does_not_work_in_a_browser(world):
    headers = {**basic("key-of-till"), "origin": "https://shop.example"}
    assert world.ask(headers=headers).status == 403


def test_an_answer_reaches_every_other_channel_once_it_is_folded(world):
    assert world.waiting("web", "anonymous_id:c1", headers=WEB) == [OFFER]

    assert world.say("accept", "till", who="email:anna@mail.example") == 202
    (event,) = world.events()
    assert event.name == "Offer Accepted"
    assert event.identifiers == ((BY_HOME, HOME),)
    assert event.properties == {
        "channel": "till", "message_id": OFFER, "campaign": "winback", "step": "coffee",
        "kind": "offer",
    }  # fmt: skip
    assert world.fold() == 1

    assert world.waiting("web", "anonymous_id:c1", headers=WEB) == []
    assert world.waiting("till") == [TASK]
    assert world.contact == "accepted"


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("decline", "declined")])
def test_the_same_answer_again_is_taken_and_counted_once(world, answer, state):
    assert [world.say(answer) for _ in range(2)] == [202, 202]
    assert world.fold() == 1
    assert world.say(answer) == 200
    assert world.queue == []
    assert world.contact == state


def test_another_answer_after_the_last_word_comes_too_late(world):
    world.say("decline")
    world.fold()

    assert world.say("accept") == 404
    assert world.say("not_now") == 404
    assert world.say("shown") == 200
    assert world.queue == []


def test_not_now_hides_it_for_a_day_and_can_be_said_again_afterwards(world):
    assert world.say("not_now") == 202
    assert world.say("not_now") == 202
    assert world.fold() == 1
    assert world.waiting() == [TASK]
    assert world.say("not_now") == 200

    world.now += DAY
    assert world.waiting() == [TASK, OFFER]
    assert world.say("not_now") == 202
    assert world.fold() == 1
    assert world.waiting() == [TASK]


def test_what_is_hidden_can_still_be_accepted_where_it_is_on_the_screen(world):
    world.say("not_now", "till")
    world.fold()

    assert world.say("accept", "web") == 202
    world.fold()
    assert world.contact == "accepted"


def test_being_shown_counts_once_a_day_and_hides_nothing(world):
    assert [world.say("shown", "web"), world.say("shown", "till")] == [202, 202]
    assert world.fold() == 1
    world.now += DAY
    world.say("shown", "web")
    assert world.fold() == 1

    assert world.waiting() == [TASK, OFFER]
    assert world.contact == "opened"


def test_a_yes_at_one_counter_stands_beside_a_no_at_another(world):
    world.say("accept", "till")
    world.say("decline", "web")
    world.queue.reverse()
    world.fold()
    assert world.view.offers[OFFER].state == "accepted"
    assert world.contact == "accepted"


def test_who_did_the_task_is_on_record(world):
    body = json.dumps({"answer": "accept", "channel": "call_centre", "agent": "clerk-7"})
    assert world.ask(f"user_id:u1/{TASK}", "", method="POST", body=body).status == 202
    (event,) = world.events()
    assert (event.properties["agent"], event.properties["kind"]) == ("clerk-7", "task")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "invalid_body"),
        ("[]", "invalid_body"),
        ('{"answer": "accept"}', "invalid_body"),
        ('{"answer": 1, "channel": "till"}', "invalid_body"),
        ('{"answer": "maybe", "channel": "till"}', "invalid_answer"),
        ('{"answer": "accept", "channel": "fax"}', "invalid_channel"),
        (json.dumps({"answer": "accept", "channel": "till", "agent": "x" * 65}), "invalid_body"),
    ],
)
def test_an_answer_that_means_nothing_is_refused_with_what_would(world, body, code):
    answer = world.ask(f"user_id:u1/{OFFER}", "", method="POST", body=body)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, code)
    assert world.queue == []


@pytest.mark.parametrize(
    ("who", "id", "channel"),
    [
        ("user_id:u1", "e" * 24, "till"),
        ("user_id:nobody", OFFER, "till"),
        ("user_id:u1", OFFER, "call_centre"),
        ("user_id:u1", TASK, "web"),
    ],
)
def test_what_does_not_wait_there_cannot_be_answered(world, who, id, channel):
    assert world.say("accept", channel, id, who) == 404
    assert world.queue == []


def test_an_offer_that_expired_can_neither_be_seen_nor_answered(world):
    world.now += 14 * DAY
    assert world.waiting() == []
    assert world.say("accept") == 404


def test_an_identifier_may_hold_slashes_and_escapes(world):
    play([an_event("m9", who={"user_id": "u1", "anonymous_id": "a/b c"})], world.table)
    who = "anonymous_id:" + quote("a/b c", safe="")
    assert world.waiting("web", who, headers=WEB) == [OFFER]
    assert world.say("accept", "web", who=who, headers=WEB) == 202


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_methods_are_refused_with_those_there_are(world, method):
    answer = world.ask(method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_what_is_not_taken_by_the_queue_is_not_promised(world, monkeypatch):
    def fail(_bodies):
        raise Unavailable("no queue")

    monkeypatch.setattr(world, "_send", fail)
    answer = world.ask(
        f"user_id:u1/{OFFER}", "", method="POST", body='{"answer": "accept", "channel": "till"}'
    )
    assert answer.status == 503
    assert "Retry-After" in answer.headers


def test_the_log_says_whose_key_which_home_and_what_and_no_name(world):
    looked = world.ask("email:anna@mail.example").facts
    body = '{"answer": "accept", "channel": "till"}'
    said = world.ask(f"email:anna@mail.example/{OFFER}", "", method="POST", body=body).facts

    anna = home(SECRET, "email", "anna@mail.example")
    assert looked == {"source": "till", "home": anna, "section": "inbox"}
    assert said == {"source": "till", "home": anna, "section": "inbox.accept"}


def test_a_replica_that_is_behind_does_not_turn_an_answer_away(world, monkeypatch):
    table, stale = world.table, dict(World().table.items)
    load = table.load_resolved

    def behind(homes, *, consistent=False):
        return (
            load(homes, consistent=True)
            if consistent
            else {h: stale[h] for h in homes if h in stale}
        )

    monkeypatch.setattr(table, "load_resolved", behind)
    assert world.say("accept") == 202


def test_an_answer_about_a_shared_tablet_stays_with_whose_offer_it_was():
    """Whoever was signed in at the time is somebody else."""
    world = World()
    tablet = [
        an_event(f"k{n}", at=world.now + n, who={"user_id": f"k{n}", "anonymous_id": "tablet"})
        for n in range(6)
    ]
    play(tablet, world.table, batch=1)
    at = home(SECRET, "anonymous_id", "tablet")
    world.offer(home=at, strand=at)
    world.now += 10

    assert world.say("accept", "web", who="anonymous_id:tablet", headers=WEB) == 202
    assert world.fold() == 1
    assert world.waiting("web", "anonymous_id:tablet", headers=WEB) == []


def test_a_till_system_may_answer_through_the_events_queue_as_well(world):
    """A plain event about an identifier of theirs, folded into another strand than the offer's."""
    event = an_event(
        "pos-1", name="Offer Declined", who={"email": "anna@mail.example"},
        properties={"message_id": OFFER, "channel": "till"},
    )  # fmt: skip
    world.hear(event)
    assert world.waiting() == [TASK]
    assert world.contact == "declined"
