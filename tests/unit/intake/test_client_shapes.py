"""What each published client puts on the wire, as read in its source: wire.md section 3."""

import base64
import gzip

import msgspec
import pytest

BODY_KEY = {"writeKey": "wk_web"}
AUTH = {"authorization": "Basic " + base64.b64encode(b"wk_web:").decode()}
JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
GZIP = {"content-encoding": "gzip"}
EVENT = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "anonymousId": "8f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f",
    "messageId": "m1",
    "timestamp": "2026-01-01T09:59:58.000Z",
    "properties": {"order_id": "o1", "revenue": 25},
    "integrations": {"All": True},
}
BATCH = {"batch": [EVENT], "sentAt": "2026-01-01T09:59:59.000Z"}
RUDDER = {"anonymousid": "YTE=", "sentat": "2026-01-01T09:59:59.000Z", "rsa-recovered": "true"}

CLIENTS = {
    "analytics-next": ("/v1/t", {**EVENT, **BODY_KEY}, {**TEXT, **AUTH, "x-retry-count": "1"}),
    "analytics-next before 1.84": ("/v1/t", {**EVENT, **BODY_KEY}, TEXT),
    "analytics-next, batching": ("/v1/b", {**BATCH, **BODY_KEY}, {**TEXT, **AUTH}),
    "analytics-node": ("/v1/batch", {**BATCH, **BODY_KEY}, {**JSON, **AUTH}),
    "analytics-python 2.3": ("/v1/batch", {**BATCH, **BODY_KEY}, JSON),
    "analytics-python 2.3, gzip": ("/v1/batch", {**BATCH, **BODY_KEY}, {**JSON, **GZIP}),
    "analytics-python 2.4": ("/v1/batch", {**BATCH, **BODY_KEY}, {**JSON, **AUTH}),
    "analytics-ruby": ("/v1/import", BATCH, {**JSON, **AUTH}),
    "analytics-java": ("/v1/import/", BATCH, {**JSON, **AUTH}),
    "analytics-go": ("/v1/batch", BATCH, {**JSON, **AUTH}),
    "analytics-php": ("/v1/batch", BATCH, {**JSON, **AUTH, **GZIP}),
    "analytics-kotlin": ("/v1/b", {**BATCH, **BODY_KEY}, {**TEXT, **GZIP}),
    "analytics-swift": ("/v1/b", {**BATCH, **BODY_KEY}, JSON),
    "rudder js": ("/v1/track", EVENT, {"content-type": "application/json", **AUTH, **RUDDER}),
    "rudder js, batch": ("/v1/batch", BATCH, {**JSON, **AUTH, **RUDDER}),
    "rudder python": ("/v1/batch", BATCH, {**JSON, **AUTH, **GZIP}),
    "rudder node": ("/v1/batch", BATCH, {**FORM, **AUTH, **GZIP}),
}


@pytest.mark.parametrize(("path", "body", "headers"), CLIENTS.values(), ids=CLIENTS)
def test_the_event_of_every_client_arrives_the_same(shop, path, body, headers):
    content = msgspec.json.encode(body)
    if "content-encoding" in headers:
        content = gzip.compress(content)

    reply = shop.post(path, content, headers=headers, key=None)

    assert (reply.status, reply.text) == (200, '{"success": true}')
    (event,) = shop.events
    assert (event.id, event.source, event.kind, event.name) == (
        "m1",
        "web",
        "track",
        EVENT["event"],
    )
    assert event.properties == EVENT["properties"]
    assert event.identifiers == (("user_id", "u1"), ("anonymous_id", EVENT["anonymousId"]))


def test_the_beacon_of_rudder_js_has_its_key_in_the_query_alone(shop):
    reply = shop.post("/beacon/v1/batch", BATCH, headers=TEXT, key=None, query="writeKey=wk_web")

    assert reply.text == '{"success": true}'
    assert shop.events[0].id == "m1"


def test_rudder_clients_put_the_traits_of_identify_into_context(shop):
    traits = {"email": "ada@shop.example", "plan": "pro"}
    identify = {"type": "identify", "userId": "u1", "context": {"traits": traits}}
    track = {"type": "track", "event": "E", "userId": "u1", "context": {"traits": traits}}

    shop.batch(identify, {**identify, "traits": {"plan": "basic"}}, track)

    first, second, third = shop.events
    assert first.traits == traits
    assert second.traits == {**traits, "plan": "basic"}
    assert third.traits == {}
    assert {event.identifiers for event in shop.events} == {
        (("user_id", "u1"), ("email", "ada@shop.example"))
    }


def test_the_moment_of_sending_may_be_in_a_header(shop):
    shop.post("/v1/track", {**EVENT, "timestamp": "2026-01-01T09:00:00Z"}, headers=RUDDER)

    assert shop.events[0].sent_at == 1_767_261_599_000
    assert shop.events[0].timestamp == 1_767_261_600_000 - 3_599_000


def test_a_python_client_that_writes_nan_and_a_browser_that_cuts_an_emoji_lose_one_event(shop):
    good = msgspec.json.encode(EVENT)
    nan = b'{"type":"track","event":"E","userId":"u1","properties":{"x":NaN}}'
    half = b'{"type":"track","event":"caf\\u00e9 \\ud83d","userId":"u1"}'
    body = (
        b'{"batch":[' + b",".join([good, nan, half, good]) + b'],"sentAt":"2026-01-01T10:00:00Z"}'
    )

    reply = shop.post("/v1/batch", body)

    assert reply.reasons == {1: "invalid_json", 2: "invalid_json"}
    assert [event.properties for event in shop.events] == [EVENT["properties"]] * 2
    assert shop.events[0].sent_at == 1_767_261_600_000
    assert [record.payload.count(b"\xc3\xa9") for record in shop.quarantined] == [0, 1]
