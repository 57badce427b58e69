"""Who gets in, by which key, from where."""

import base64

import pytest

CALL = {"event": "E", "userId": "u1"}


def basic(text: str, *, scheme: str = "Basic") -> dict[str, str]:
    return {"Authorization": f"{scheme} {base64.b64encode(text.encode()).decode()}"}


WAYS_IN = {
    "basic": (basic("wk_shop:"), {}),
    "basic without a colon": (basic("wk_shop"), {}),
    "basic with a password": (basic("wk_shop:secret"), {}),
    "basic, lower case": (basic("wk_shop:", scheme="basic"), {}),
    "body": ({}, {"writeKey": "wk_shop"}),
    "both": (basic("wk_shop:"), {"writeKey": "wk_shop"}),
    "header before body": (basic("wk_shop:"), {"writeKey": "nobody"}),
    "bearer and body": ({"Authorization": "Bearer abc"}, {"writeKey": "wk_shop"}),
    "damaged header and body": ({"Authorization": "Basic %%%"}, {"writeKey": "wk_shop"}),
    "half a header and body": ({"Authorization": "Basic"}, {"writeKey": "wk_shop"}),
    "empty header and body": (basic(":"), {"writeKey": "wk_shop"}),
}


@pytest.mark.parametrize(("headers", "body"), WAYS_IN.values(), ids=WAYS_IN)
def test_a_key_opens_its_source(shop, headers, body):
    single = shop.post("/v1/track", {**CALL, **body}, key=None, headers=headers)
    batch = {"batch": [{**CALL, "type": "track"}], **body}
    several = shop.post("/v1/batch", batch, key=None, headers=headers)

    assert (single.status, several.status) == (200, 200)
    assert [event.source for event in shop.events] == ["shop", "shop"]


WAYS_OUT = {
    "nothing": ({}, {}, "missing_write_key"),
    "bearer alone": ({"Authorization": "Bearer wk_shop"}, {}, "missing_write_key"),
    "empty": (basic(""), {"writeKey": ""}, "missing_write_key"),
    "not a text": ({}, {"writeKey": ["wk_shop"]}, "missing_write_key"),
    "unknown": (basic("wk_nobody:"), {}, "unknown_write_key"),
    "unknown in the body": ({}, {"writeKey": "wk_nobody"}, "unknown_write_key"),
    "of another case": (basic("WK_SHOP:"), {}, "unknown_write_key"),
    "with a space": (basic("wk_shop :"), {}, "unknown_write_key"),
    "very long": (basic("wk_shop" * 10_000), {}, "unknown_write_key"),
    "not UTF-8": ({"Authorization": "Basic /w=="}, {}, "unknown_write_key"),
    "the hash of a key": ({}, {"writeKey": "0" * 64}, "unknown_write_key"),
}


@pytest.mark.parametrize(("headers", "body", "code"), WAYS_OUT.values(), ids=WAYS_OUT)
def test_without_a_known_key_there_is_no_way_in(shop, headers, body, code):
    for path, content in [("/v1/track", CALL), ("/v1/batch", {"batch": [CALL]})]:
        reply = shop.post(path, {**content, **body}, key=None, headers=headers)
        assert (reply.status, reply.json["code"]) == (401, code)
        assert reply.json["message"]
    assert not shop.bodies
    assert not shop.quarantined


def test_a_source_that_is_switched_off_is_404(shop):
    reply = shop.post("/v1/track", CALL, key="off")

    assert (reply.status, reply.json["code"]) == (404, "source_disabled")


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://shop.example", 200), ("https://evil.example", 403), (None, 200)],
)
def test_a_source_may_list_the_sites_its_browsers_send_from(shop, origin, status):
    headers = {"Origin": origin} if origin else {}

    assert shop.post("/v1/track", CALL, key="listed", headers=headers).status == status
    assert shop.post("/v1/track", CALL, key="web", headers=headers).status == 200


def test_a_stranger_is_turned_away_before_the_body_is_read(shop):
    assert shop.post("/v1/batch", b"\x1f\x8b garbage", key="nobody").status == 401
