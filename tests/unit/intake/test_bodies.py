"""Bodies are read for what they are, whatever headers say, up to the last byte allowed."""

import gzip
import zlib

import pytest

ONE = b'{"event":"E","userId":"u1"}'
KB = 1024


def padded(size: int, *, event: bytes = ONE) -> bytes:
    """Return a call of exactly that many bytes."""
    filler = b',"properties":{"x":"%s"}}'
    room = size - len(event) - len(filler) + 3
    return event[:-1] + filler % (b"x" * room)


def batch(size: int, *, extra: bytes = b"") -> bytes:
    """Return a batch of exactly that many bytes whose events are all within their own limit."""
    head, item, tail = b'{"batch":[', ONE[:-1] + b',"type":"track"' + extra + b"}", b"]}"
    items = []
    left = size - len(head) - len(tail)
    while left > 60 * KB:
        items.append(padded(30 * KB, event=item))
        left -= 30 * KB + 1
    first = left // 2
    items += [padded(first, event=item), padded(left - first - 1, event=item)]
    return head + b",".join(items) + tail


ENCODINGS = {
    "plain": (lambda body: body, {"content-type": "application/json"}),
    "text/plain": (lambda body: body, {"content-type": "text/plain"}),
    "a form": (lambda body: body, {"content-type": "application/x-www-form-urlencoded"}),
    "no type": (lambda body: body, {}),
    "gzip": (gzip.compress, {"content-encoding": "gzip"}),
    "gzip as text": (gzip.compress, {"content-encoding": "gzip", "content-type": "text/plain"}),
    "gzip unsaid": (gzip.compress, {"content-type": "application/json"}),
    "said to be gzip, is not": (lambda body: body, {"content-encoding": "gzip"}),
}


@pytest.mark.parametrize(("encode", "headers"), ENCODINGS.values(), ids=ENCODINGS)
def test_the_body_itself_says_how_it_is_encoded(shop, encode, headers):
    assert shop.post("/v1/track", encode(ONE), headers=headers).text == '{"success": true}'
    assert shop.events[0].name == "E"


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(ONE)[:-1],
        gzip.compress(ONE)[:-9],
        gzip.compress(ONE)[:3],
        gzip.compress(ONE)[:-5] + b"\0\0\0\0\0",
        gzip.compress(ONE) + b"more",
        b"\x1f\x8b garbage",
    ],
    ids=["cut by one", "cut by nine", "cut short", "wrong sum", "something follows", "garbage"],
)
def test_damaged_gzip_is_400(shop, body):
    reply = shop.post("/v1/track", body, headers={"content-encoding": "gzip"})

    assert (reply.status, reply.json["code"]) == (400, "invalid_gzip")


@pytest.mark.parametrize("body", [zlib.compress(ONE), b"garbage"], ids=["deflate", "garbage"])
def test_what_is_neither_gzip_nor_json_is_400(shop, body):
    reply = shop.post("/v1/track", body, headers={"content-encoding": "gzip"})

    assert (reply.status, reply.json["code"]) == (400, "invalid_json")


def test_a_call_may_have_32_kb(shop):
    assert shop.post("/v1/track", padded(32 * KB)).text == '{"success": true}'

    reply = shop.post("/v1/track", padded(32 * KB + 1))

    assert (reply.status, reply.json["code"]) == (413, "payload_too_large")
    assert len(shop.events) == 1


def test_a_batch_may_have_500_kb_however_small_it_was_sent(shop):
    assert shop.post("/v1/batch", batch(500 * KB)).text == '{"success": true}'
    assert shop.post("/v1/batch", gzip.compress(batch(500 * KB))).text == '{"success": true}'

    for body in (batch(500 * KB + 1), gzip.compress(batch(500 * KB + 1))):
        assert shop.post("/v1/batch", body).status == 413


RUDDER = {
    "browser": ({"anonymousid": "YTE="}, b"", "/v1/batch"),
    "browser, again": ({"rsa-retry-attempt": "1"}, b"", "/v1/batch"),
    "user agent": ({"user-agent": "RudderLabs/1.0"}, b"", "/v1/batch"),
    "library": ({}, b',"context":{"library":{"name":"RudderLabs JavaScript SDK"}}', "/v1/batch"),
    "server": ({}, b',"channel":"server"', "/v1/batch"),
    "beacon": ({}, b"", "/beacon/v1/batch"),
}


@pytest.mark.parametrize(("headers", "extra", "path"), RUDDER.values(), ids=RUDDER)
def test_a_batch_from_rudderstack_may_have_4000_kb(shop, headers, extra, path):
    largest = batch(4000 * KB, extra=extra)

    assert shop.post(path, largest, headers=headers).text == '{"success": true}'
    assert shop.post(path, gzip.compress(largest), headers=headers).text == '{"success": true}'
    assert shop.post(path, batch(4000 * KB + 1, extra=extra), headers=headers).status == 413
    assert shop.post(path, gzip.compress(largest + b" "), headers=headers).status == 413
