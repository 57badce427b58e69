"""A callback is believed when its template signed it just now, and counted once."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portrait.channels.signing import sign, signing_secret
from portrait.event import Event
from tests.unit.callbacks.conftest import MESSAGE, NOW, SECRET, STRAND, Door

BODY = {"message_id": MESSAGE, "strand": STRAND, "event": "delivered"}


def test_the_sample_is_an_event_about_whom_the_webhook_was(door, sample):
    answer = door.handle(sample("webhook_accepted"))

    assert answer.status == 200
    (event,) = door.events
    assert (event.source, event.kind, event.name) == ("callbacks", "track", "Webhook Accepted")
    assert event.identifiers == (("$home", STRAND),)
    assert event.properties == {
        "slot": "2026-01-03T14:00",
        "channel": "webhook",
        "message_id": MESSAGE,
    }
    assert (event.timestamp, event.received_at) == (NOW, NOW)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("delivered", "Webhook Delivered"),
        ("opened", "Webhook Opened"),
        ("clicked", "Webhook Link Clicked"),
        ("replied", "Webhook Replied"),
        ("declined", "Webhook Declined"),
        ("accepted", "Webhook Accepted"),
    ],
)
def test_what_can_become_of_a_webhook(door, told, name):
    assert door.callback({**BODY, "event": told}).status == 200
    assert [event.name for event in door.events] == [name]


def test_properties_cannot_say_whose_message_it_was(door):
    lies = {"channel": "email", "message_id": "another", "permanent": True}

    door.callback({**BODY, "properties": lies})

    assert door.events[0].properties == {
        "channel": "webhook",
        "message_id": MESSAGE,
        "permanent": True,
    }


def test_a_replay_is_the_event_it_was_and_another_template_or_id_another(door):
    for _ in range(2):
        door.callback(BODY)
    door.callback(BODY, id_="m2")

    first, again, other = (event.id for event in door.events)
    assert first == again != other


@pytest.mark.parametrize("drift", [-300, -299, 0, 299, 300])
def test_clocks_may_differ_by_five_minutes(door, drift):
    assert door.callback(BODY, at=NOW + drift * 1000).status == 200
    assert door.events[0].timestamp == min(NOW, NOW + drift * 1000)


FORGED = {
    "of another template": {"key": "welcome"},
    "too old": {"at": NOW - 301_000},
    "of the future": {"at": NOW + 301_000},
    "without a signature": {"webhook-signature": ""},
    "with half a signature": {"webhook-signature": "v1,"},
    "of an unknown scheme": {"webhook-signature": "v1a,AAAA"},
    "with letters that are none": {"webhook-signature": "v1,å\ud800"},
    "without an id": {"webhook-id": ""},
    "for another id": {"webhook-id": "m2"},
    "with an endless id": {"id_": "m" * 257},
    "for another time": {"webhook-timestamp": str(NOW // 1000 - 1)},
    "without a time": {"webhook-timestamp": ""},
    "at a time that is no number": {"webhook-timestamp": "1767261600.0"},
    "at a negative time": {"webhook-timestamp": "-1767261600"},
    "at a time in other digits": {"webhook-timestamp": "١٧٦٧٢٦١٦٠٠"},
    "at an endless time": {"webhook-timestamp": "1" * 5_000},
}


@pytest.mark.parametrize("how", FORGED.values(), ids=FORGED)
def test_what_is_not_signed_is_answered_401_and_no_more(door, how):
    answer = door.callback(BODY, **how)

    assert (answer.status, answer.body) == (401, '{"success": false}')
    assert door.bodies == []


def test_a_changed_body_is_not_signed(door):
    text = json.dumps(BODY)
    signed = sign(signing_secret(SECRET, "loyalty_call"), "m1", NOW // 1000, text.encode())

    answer = door.callback(text.replace("delivered", "accepted"), **{"webhook-signature": signed})

    assert answer.status == 401


def test_one_of_several_signatures_is_enough(door):
    text = json.dumps(BODY)
    signed = sign(signing_secret(SECRET, "loyalty_call"), "m1", NOW // 1000, text.encode())

    assert door.callback(text, **{"webhook-signature": f"v1,AAAA v2,x {signed}"}).status == 200


@pytest.mark.parametrize(("version", "status"), [(1, 401), (2, 200), (3, 200), (4, 401)])
def test_while_receivers_change_over_the_secret_before_stands_too(door, version, status):
    assert door.callback(BODY, template="changing", version=version).status == status


def test_the_secret_before_ends_with_its_last_day(door):
    door.now = NOW + 24 * 3_600_000

    old, new = (
        door.callback(BODY, template="changing", version=version, at=door.now).status
        for version in (2, 3)
    )

    assert (old, new) == (401, 200)


@pytest.mark.parametrize("template", ["welcome", "nobody", "../loyalty_call", "x" * 500])
def test_strangers_do_not_learn_which_templates_there_are(door, template):
    answer = door.callback(BODY, template=template)

    assert (answer.status, answer.body) == (401, '{"success": false}')
    assert door.bodies == []


BAD = {
    "not JSON": "hello",
    "nothing": "",
    "a list": "[]",
    "no message": {"strand": STRAND, "event": "opened"},
    "an empty message": {**BODY, "message_id": ""},
    "an endless message": {**BODY, "message_id": "m" * 129},
    "a message that is none": {**BODY, "message_id": 5},
    "no strand": {"message_id": MESSAGE, "event": "opened"},
    "a strand that is an address": {**BODY, "strand": "ada@shop.example"},
    "an unknown event": {**BODY, "event": "bounced"},
    "properties that are a list": {**BODY, "properties": [1]},
    "properties too deep": {**BODY, "properties": json.loads('{"x":' * 20 + "1" + "}" * 20)},
    "a number beyond measure": {**BODY, "properties": {"x": 10**400}},
    "depth": '{"properties":' + '{"x":' * 5_000,
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_signed_body_that_is_no_callback_is_told_what_is_wrong(door, body):
    answer = door.callback(body)

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "invalid_body"
    assert door.bodies == []


def test_a_body_larger_than_an_event_is_refused_unread(door):
    answer = door.callback({**BODY, "properties": {"x": "x" * 33_000}})

    assert answer.status == 413
    assert door.bodies == []


@pytest.mark.parametrize("part", ["queue", "catalogue", "secret"])
def test_it_is_answered_only_when_the_queue_has_it(door, part):
    door.broken = {part}

    answer = door.callback(BODY)

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"


def test_other_methods_and_paths_lead_nowhere(door):
    assert door.request("GET", "/v1/callbacks/loyalty_call").status == 405
    assert door.request("POST", "/v1/elsewhere").status == 404
    assert door.request("POST", "/v1/callbacks").status == 404


def test_the_log_line_knows_nobody(door):
    facts = door.callback({**BODY, "properties": {"email": "ada@b.example"}}).facts

    assert facts == {"route": "/v1/callbacks/", "event": "Webhook Delivered"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["message_id", "strand", "event", "properties"]),
        st.none() | st.text() | st.integers() | st.sampled_from([STRAND, "opened", {}, {"a": 1}]),
    )
)
def test_no_signed_body_makes_it_fail(body):
    door = Door()
    assert door.callback(body).status in (200, 400)
    assert all(isinstance(event, Event) for event in door.events)
