"""200 means the queue has it, 503 means send it again, and nothing falls between the two."""

import pytest

from portrait.intake.packing import MAX_BODY_BYTES, pack


def test_success_is_exactly_what_every_client_takes_for_it(shop, track):
    reply = shop.batch(track())

    assert (reply.status, reply.text) == (200, '{"success": true}')
    assert reply.headers == {"Content-Type": "application/json"}


def test_an_empty_batch_is_a_success_and_queues_nothing(shop):
    assert shop.batch().text == '{"success": true}'
    assert not shop.bodies


def test_refused_events_are_reported_by_index_and_put_aside_whole(shop, track):
    reply = shop.batch(track(), {"type": "track", "userId": "u1"}, track(), {"type": "page"})

    assert reply.status == 200
    assert reply.json["success"] is True
    assert [set(one) for one in reply.json["rejected"]] == [{"index", "reason", "message"}] * 2
    assert reply.reasons == {1: "missing_event", 3: "no_identifier"}
    assert len(shop.events) == 2
    first, second = shop.quarantined
    assert (first.reason, first.source, first.origin) == ("missing_event", "web", "http")
    assert first.payload == b'{"type":"track","userId":"u1"}'
    assert (first.receipt, second.receipt) == ("request-1:1", "request-1:3")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t/"])
def test_a_single_call_that_is_no_event_is_refused_as_index_0(shop, path):
    reply = shop.post(path, {"userId": "u1"})

    assert (reply.status, reply.reasons) == (200, {0: "missing_event"})
    assert shop.quarantined[0].payload == b'{"userId":"u1"}'


def test_strict_mode_queues_all_or_nothing(shop, track):
    strict = {"X-Strict-Mode": "1"}

    reply = shop.batch(track(), {"type": "track"}, track(), headers=strict)

    assert (reply.status, reply.json["success"]) == (400, False)
    assert (reply.json["code"], reply.reasons) == ("events_rejected", {1: "missing_event"})
    assert not shop.bodies
    assert not shop.quarantined
    assert reply.facts["events"] == 0
    assert shop.batch(track(), track(), headers=strict).text == '{"success": true}'
    assert shop.post("/v1/track", {"userId": "u1"}, headers=strict).status == 400


@pytest.mark.parametrize("value", ["0", "", "true"])
def test_strict_mode_is_asked_for_with_a_1(shop, value):
    assert shop.batch({"type": "page"}, headers={"X-Strict-Mode": value}).status == 200


@pytest.mark.parametrize("part", ["catalogue", "queue", "bucket"])
def test_what_could_not_be_stored_is_503_and_may_be_sent_again(shop, track, part):
    shop.broken = {part}

    reply = shop.batch(track(messageId="m1"), {"type": "page"})

    assert reply.status == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.json["success"] is False
    assert reply.json["code"] == "unavailable"
    assert reply.facts["reason"] == "unavailable"

    shop.broken = set()
    assert shop.batch(track(messageId="m1"), {"type": "page"}).status == 200
    assert {event.id for event in shop.events} == {"m1"}
    assert len(shop.quarantined) == 1


def test_nothing_is_put_aside_before_the_queue_has_the_rest(shop, track):
    shop.broken = {"queue"}

    shop.batch(track(), {"type": "page"})

    assert not shop.quarantined


def test_a_batch_of_refused_events_alone_needs_no_queue(shop):
    shop.broken = {"queue"}

    assert shop.batch({"type": "page"}).reasons == {0: "no_identifier"}


def test_the_log_line_counts_and_names_reasons_and_nothing_else(shop, track):
    reply = shop.batch(track(traits={"email": "ada@shop.example"}), {"type": "page"}, {})

    assert reply.facts == {
        "route": "/v1/batch",
        "source": "web",
        "events": 1,
        "rejected": {"no_identifier": 1, "unknown_type": 1},
    }
    assert shop.request("GET", "/ada@shop.example").facts["route"] == "other"
    assert shop.request("GET", "/v1/projects/wk_web/settings").facts == {"route": "other"}


def test_events_are_packed_in_order_into_as_few_messages_as_hold_them(shop, track):
    shop.batch(*(track(messageId=f"m{i}", properties={"x": "å" * 40}) for i in range(2_000)))

    assert [event.id for event in shop.events] == [f"m{i}" for i in range(2_000)]
    sizes = [len(body.encode()) for body in shop.bodies]
    assert max(sizes) <= MAX_BODY_BYTES
    assert len(sizes) == -(-sum(sizes) // MAX_BODY_BYTES)


def test_nothing_is_packed_into_nothing():
    assert pack([]) == []


def test_events_of_very_different_size_are_packed_within_the_limit(shop, track):
    large = [track(properties={"x": "x" * 30_000}) for _ in range(12)]
    shop.batch(*(track() for _ in range(300)), *large)

    assert max(len(body) for body in shop.bodies) <= MAX_BODY_BYTES
    assert len(shop.events) == 312
