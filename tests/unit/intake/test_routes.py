"""Every path of the wire contract leads where it should."""

import base64

import pytest

CALLS = {
    "identify": ("identify", "i"),
    "track": ("track", "t"),
    "page": ("page", "p"),
    "screen": ("screen", "s"),
    "group": ("group", "g"),
    "alias": ("alias", "a"),
}
ROUTES = [(kind, f"/v1/{name}") for kind, names in CALLS.items() for name in names]
ALL = {"userId": "u1", "event": "E", "groupId": "g1", "previousId": "p1", "name": "N"}
GIF = b"GIF89a"


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
@pytest.mark.parametrize(("kind", "path"), ROUTES, ids=[path for _, path in ROUTES])
def test_a_call_route_queues_an_event_of_its_kind(shop, kind, path, slash):
    reply = shop.post(path + slash, ALL)

    assert (reply.status, reply.text) == (200, '{"success": true}')
    assert reply.headers["Content-Type"] == "application/json"
    assert [event.kind for event in shop.events] == [kind]


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"])
def test_a_batch_route_queues_every_item_by_its_own_type(shop, path, slash):
    items = [{**ALL, "type": kind} for kind in CALLS]

    reply = shop.post(path + slash, {"batch": items})

    assert (reply.status, reply.text) == (200, '{"success": true}')
    assert [event.kind for event in shop.events] == list(CALLS)


def test_the_route_decides_over_the_type_in_the_body(shop):
    shop.post("/v1/track", {**ALL, "type": "alias"})

    assert shop.events[0].kind == "track"


def test_a_stage_in_front_of_the_path_is_not_part_of_it(shop):
    assert shop.post("/v1/track", ALL, stage="prod").status == 200
    assert shop.request("POST", "/prod/v1/track", ALL).status == 404


def test_the_beacon_takes_its_key_from_the_query(shop, track):
    reply = shop.post("/beacon/v1/batch", {"batch": [track()]}, key=None, query="writeKey=wk_web")

    assert reply.status == 200
    assert shop.events[0].source == "web"


def test_a_key_in_the_query_opens_nothing_else(shop):
    assert shop.post("/v1/track", ALL, key=None, query="writeKey=wk_web").status == 401


@pytest.mark.parametrize("path", ["/v1/m", "/v1/m/", "/rsaMetrics", "/rsaMetrics/"])
def test_metrics_of_clients_are_taken_and_dropped(shop, path):
    reply = shop.post(path, {"series": [{"type": "Counter", "metric": "x", "value": 1}]}, key=None)

    assert (reply.status, reply.text) == (200, '{"success": true}')
    assert not shop.bodies


def test_health_asks_nothing_of_what_lies_behind(shop):
    shop.broken = {"catalogue", "queue", "bucket"}

    assert shop.request("GET", "/health", key=None).status == 200


def test_an_unknown_path_is_404_and_a_wrong_method_405(shop):
    assert shop.request("GET", "/v1/nothing").json["code"] == "unknown_route"
    assert shop.request("GET", "/v1/nothing").status == 404
    assert shop.request("GET", "/v1/track").status == 405
    assert shop.request("POST", "/v1/projects/wk_web/settings").status == 405


def test_a_preflight_that_reaches_us_is_answered_without_a_body(shop):
    reply = shop.request("OPTIONS", "/v1/track", key=None)

    assert (reply.status, reply.text) == (204, "")


@pytest.mark.parametrize(("kind", "name"), [("track", "Newsletter Seen"), ("page", "Home")])
def test_a_pixel_reads_its_query_and_answers_a_gif(shop, kind, name):
    query = (
        f"writeKey=wk_web&anonymousId=%22a1%22&event={name}&name={name}"
        "&properties.campaign=spring&context.page.url=https://shop.example/"
    )
    reply = shop.request("GET", f"/pixel/v1/{kind}", key=None, query=query)

    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/gif")
    assert reply.base64
    assert base64.b64decode(reply.text).startswith(GIF)
    (event,) = shop.events
    assert (event.kind, event.name, event.identifiers) == (kind, name, (("anonymous_id", "a1"),))
    assert event.properties == {"campaign": "spring"}
    assert event.context["page"] == {"url": "https://shop.example/"}


@pytest.mark.parametrize(
    ("query", "broken", "status"),
    [
        ("", "", 401),
        ("writeKey=nobody", "", 401),
        ("writeKey=wk_off", "", 404),
        ("writeKey=wk_web&userId=u1&event=E", "queue", 503),
        ("writeKey=wk_web&event=nobody", "", 200),
        ("writeKey=wk_web&userId=u1&" + ".a" * 5000 + "=deep", "", 200),
        ("writeKey=wk_web&userId=u1&event=E&userId.x=1&properties=text", "", 200),
    ],
    ids=["no key", "unknown", "off", "queue down", "nobody", "deep", "not an object"],
)
def test_a_pixel_is_an_image_whatever_became_of_the_event(shop, query, broken, status):
    shop.broken = {broken}

    reply = shop.request("GET", "/pixel/v1/track", key=None, query=query)

    assert reply.status == status
    assert base64.b64decode(reply.text).startswith(GIF)
    assert not shop.events
