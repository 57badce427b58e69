"""Nothing that anybody can put into a body harms more than itself."""

import gzip
import tracemalloc

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portrait.intake.batches import MAX_ITEMS
from portrait.intake.requests import MAX_BODY_BYTES

GOOD = b'{"type":"track","event":"Product Viewed","userId":"u1"}'


def with_property(value: bytes) -> bytes:
    return GOOD[:-1] + b',"properties":{"x":' + value + b"}}"


def of_size(size: int) -> bytes:
    return with_property(b'"' + b"x" * (size - len(with_property(b'""'))) + b'"')


DEPTH_16 = b"[" * 14 + b"]" * 14
BAD_EVENTS = {
    "NaN": (with_property(b"NaN"), "invalid_json"),
    "Infinity": (with_property(b"-Infinity"), "invalid_json"),
    "1e400": (with_property(b"1e400"), "number_too_large"),
    "1e16": (with_property(b"1e16"), "number_too_large"),
    "-1e16": (with_property(b"-1e16"), "number_too_large"),
    "beyond 1e15": (with_property(b"1000000000000001"), "number_too_large"),
    "beyond 64 bits": (with_property(b"18446744073709551616"), "number_too_large"),
    "30 digits": (with_property(b"9" * 30), "number_too_large"),
    "5,000 digits": (with_property(b"9" * 5000), "number_too_large"),
    "number in a list": (with_property(b'[{"y":1e300}]'), "number_too_large"),
    "lone high surrogate": (with_property(b'"\\ud800abc"'), "invalid_json"),
    "lone surrogate at the end": (with_property(b'"\\ud800"'), "invalid_json"),
    "lone low surrogate": (with_property(b'"\\udc00"'), "invalid_json"),
    "invalid UTF-8": (with_property(b'"\xff"'), "invalid_json"),
    "surrogate in UTF-8": (with_property(b'"\xed\xa0\x80"'), "invalid_json"),
    "overlong UTF-8": (with_property(b'"\xc0\xaf"'), "invalid_json"),
    "depth 17": (with_property(b"[" * 15 + b"]" * 15), "too_deep"),
    "depth 17 of objects": (with_property(b'{"y":' * 15 + b"1" + b"}" * 15), "too_deep"),
    "depth 17 of traits in context": (
        GOOD[:-1] + b',"context":{"traits":{"x":' + b"[" * 15 + b"]" * 15 + b"}}}",
        "too_deep",
    ),
    "number in traits": (
        b'{"type":"identify","userId":"u1","traits":{"x":1e16}}',
        "number_too_large",
    ),
    "depth 500": (with_property(b"[" * 500 + b"]" * 500), "too_deep"),
    "a number": (b"1", "invalid_event"),
    "null": (b"null", "invalid_event"),
    "a text": (b'"track"', "invalid_event"),
    "a list": (b"[]", "invalid_event"),
    "nothing": (b"{}", "unknown_type"),
    "unknown type": (b'{"type":"delete","userId":"u1"}', "unknown_type"),
    "type of another type": (b'{"type":["track"],"userId":"u1"}', "invalid_event"),
    "event is a number": (b'{"type":"track","event":5,"userId":"u1"}', "invalid_event"),
    "no event": (b'{"type":"track","userId":"u1"}', "missing_event"),
    "empty event": (b'{"type":"track","event":"","userId":"u1"}', "missing_event"),
    "no group": (b'{"type":"group","userId":"u1"}', "missing_group_id"),
    "no previous": (b'{"type":"alias","userId":"u1"}', "missing_previous_id"),
    "no user": (b'{"type":"alias","previousId":"p1"}', "missing_previous_id"),
    "nobody": (b'{"type":"page"}', "no_identifier"),
    "a placeholder": (b'{"type":"page","userId":"null","anonymousId":"0000"}', "no_identifier"),
    "user is a list": (b'{"type":"page","userId":["u1"]}', "invalid_event"),
    "user is true": (b'{"type":"page","userId":true}', "invalid_event"),
    "user is too long": (b'{"type":"page","userId":"' + b"u" * 513 + b'"}', "no_identifier"),
    "properties are a text": (GOOD[:-1] + b',"properties":"{}"}', "invalid_event"),
    "properties are a list": (GOOD[:-1] + b',"properties":[1]}', "invalid_event"),
    "traits are a number": (b'{"type":"identify","userId":"u1","traits":1}', "invalid_event"),
    "context is a text": (GOOD[:-1] + b',"context":"web"}', "invalid_event"),
    "message id of 101": (
        GOOD[:-1] + b',"messageId":"' + b"m" * 101 + b'"}',
        "message_id_too_long",
    ),
    "32 KB and one byte": (of_size(32_769), "event_too_large"),
}
HARMLESS_EVENTS = {
    "depth 16": with_property(DEPTH_16),
    "1e15": with_property(b"1e15"),
    "-1000000000000000": with_property(b"-1000000000000000"),
    "an emoji in halves": with_property(b'"\\ud83d\\ude00"'),
    "NUL": with_property(b'"\\u0000"'),
    "what XML forbids": with_property('"\ufffe\uffff\x7f"'.encode()),
    "the same key twice": with_property(b'1,"x":2'),
    "an empty key": with_property(b'1,"":2'),
    "tiny number": with_property(b"1e-400"),
    "lists for objects, as PHP writes them": GOOD[:-1] + b',"properties":[],"context":[]}',
    "nulls": GOOD[:-1] + b',"properties":null,"context":null,"timestamp":null}',
    "odd context": GOOD[:-1] + b',"context":{"page":"x","library":[],"locale":1,"traits":null}}',
    "depth in what nobody reads": GOOD[:-1] + b',"x":' + b"[" * 100 + b"]" * 100 + b"}",
    "user is a number": b'{"type":"page","userId":42}',
    "32 KB": of_size(32_768),
}


@pytest.mark.parametrize(("item", "reason"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_a_bad_event_among_nine_good_ones_is_the_only_one_refused(shop, item, reason):
    body = b'{"batch":[' + b",".join([GOOD] * 4 + [item] + [GOOD] * 5) + b"]}"

    reply = shop.post("/v1/batch", body)

    assert reply.status == 200
    assert reply.reasons == {4: reason}
    assert len(shop.events) == 9
    assert [record.reason for record in shop.quarantined] == [reason]


@pytest.mark.parametrize("item", HARMLESS_EVENTS.values(), ids=HARMLESS_EVENTS)
def test_an_odd_event_that_can_be_read_is_accepted(shop, item):
    reply = shop.post("/v1/batch", b'{"batch":[' + item + b"]}")

    assert reply.text == '{"success": true}'
    assert len(shop.events) == 1
    # What the queue is given must be text that SQS takes and that decodes to the same.
    assert not set(shop.bodies[0]) & {"\0", "\ufffe", "\uffff"}


BAD_BODIES = {
    "empty": b"",
    "null": b"null",
    "a list": b"[" + GOOD + b"]",
    "a text": b'"x"',
    "cut off": b'{"batch":[' + GOOD,
    "something follows": b'{"batch":[]} {}',
    "single quotes": b"{'batch':[]}",
    "a byte order mark": b'\xef\xbb\xbf{"batch":[]}',
    "UTF-16": '{"batch":[]}'.encode("utf-16"),
    "UTF-16 without its mark": '{"batch":[]}'.encode("utf-16-le"),
    "UTF-32": '{"batch":[]}'.encode("utf-32"),
    "no batch": b"{}",
    "batch is null": b'{"batch":null}',
    "batch is an object": b'{"batch":{}}',
    "depth 100,000": b'{"batch":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "depth 100,000 and NaN": b'{"batch":[NaN],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "depth 100,000 in an unknown field": b'{"batch":[],"x":' + b'{"x":' * 100_000 + b"}",
    "NaN without a batch": b'{"x":NaN}',
    "NaN and 5,000 digits": b'{"batch":[NaN,' + b"9" * 5000 + b"]}",
    "NaN and no list": b'{"batch":{"x":NaN}}',
    "NaN in the shared context": b'{"batch":[],"context":{"traits":{"x":NaN}}}',
    "form fields": b"batch=1&writeKey=wk_web",
    "XML": b"<batch/>",
    "NUL": b"\0",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_batch_is_400(shop, body):
    reply = shop.post("/v1/batch", body)

    assert reply.status == 400
    assert reply.json["success"] is False
    assert reply.json["code"] in {"invalid_json", "invalid_body"}
    assert reply.json["error"] == {"type": reply.json["code"], "message": reply.json["message"]}
    assert not shop.bodies


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'{"event":', b"\xff\xfe{\0}\0"])
def test_a_body_that_is_no_object_is_400_on_a_route_of_one_call(shop, body):
    assert shop.post("/v1/track", body).status == 400


@pytest.mark.parametrize("body", [b'{"x":NaN}', b'{"x":"\\ud800 "}'], ids=["NaN", "surrogate"])
def test_one_call_that_is_not_strict_json_is_400(shop, body):
    assert shop.post("/v1/track", body).json["code"] == "invalid_json"


def test_each_of_several_bad_events_is_found_in_a_body_that_is_not_json_at_all(shop):
    bad = [with_property(value) for value in (b"NaN", b'"\xff"', b'"\\ud800x"', b"1e400")]
    body = b'{"batch":[' + b",".join([GOOD, *bad, GOOD]) + b"]}"

    reply = shop.post("/v1/batch", body)

    assert reply.reasons == {
        1: "invalid_json",
        2: "invalid_json",
        3: "invalid_json",
        4: "invalid_json",
    }
    assert len(shop.events) == 2


def test_messages_never_repeat_what_was_sent(shop):
    secret = "ada.lovelace"
    for body in (
        f'{{"batch":[{{"type":"{secret}","{secret}":1}},{{"{secret}":NaN}},{{"event":"{secret}"'
        f',"type":"track","properties":{{"{secret}":1e99}}}}]}}',
        f'{{"batch":"{secret}"}}',
        f'{{"{secret}',
    ):
        reply = shop.post("/v1/batch", body)
        assert secret not in reply.text
        assert secret not in str(reply.facts)
    assert len(shop.quarantined) == 3


def test_a_batch_may_have_2500_events_and_the_surplus_is_named(shop):
    assert shop.post("/v1/batch", batch_of(2_500)).text == '{"success": true}'

    reply = shop.post("/v1/batch", batch_of(2_502))

    assert reply.reasons == {2_500: "too_many_events", 2_501: "too_many_events"}
    assert len(shop.events) == 5_000
    assert len(shop.quarantined) == 2


def test_a_batch_beyond_what_an_answer_can_list_is_413(shop):
    body = b'{"batch":[' + b"1," * MAX_ITEMS + b"1]}"

    assert shop.post("/v1/batch", body).status == 413
    assert not shop.quarantined


def batch_of(count: int) -> bytes:
    item = msgspec.Raw(b'{"type":"page","userId":"u"}')
    return msgspec.json.encode({"batch": [item] * count})


def test_a_bomb_is_not_inflated_beyond_the_limit(shop):
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 60_000

    tracemalloc.start()
    status = shop.post("/v1/batch", bomb).status
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert status == 413
    assert peak < 3 * MAX_BODY_BYTES


RICH = (
    b'{"batch":[{"type":"identify","userId":"u1","traits":{"email":"a@shop.example","n":1.5e3}},'
    b'{"type":"track","event":"\\u00e5 \\ud83d\\ude00","anonymousId":"a1","timestamp":"2026-01-01",'
    b'"properties":{"products":[{"id":1,"tags":[[],{}]}]},"context":{"page":{"url":"x"},'
    b'"externalIds":[{"id":"u2","type":"user_id"}]}},{"type":"alias","userId":2,"previousId":"p"}],'
    b'"sentAt":1767261600,"context":{"locale":"sv"},"writeKey":"wk_web"}'
)
edits = st.lists(st.tuples(st.integers(0, len(RICH)), st.integers(0, 40), st.binary(max_size=12)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(edits, st.sampled_from(["/v1/batch", "/v1/track", "/v1/import/", "/v1/alias"]))
def test_however_a_body_is_mangled_it_is_answered(shop, edits, path):
    body = RICH
    for start, length, instead in edits:
        body = body[:start] + instead + body[start + length :]

    assert shop.post(path, body).status in {200, 400, 413}
