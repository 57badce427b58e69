"""What clients are told before they send, and that they are told no more."""

import pytest

PATHS = ["/v1/projects/{}/settings", "/projects/{}/settings", "/projects/{}/settings/"]


@pytest.mark.parametrize("path", PATHS)
def test_segment_clients_are_sent_back_to_this_api(shop, path):
    reply = shop.request("GET", path.format("wk_web"), key=None)

    assert reply.status == 200
    assert reply.json == {
        "integrations": {
            "Segment.io": {"apiKey": "wk_web", "apiHost": "api.example/v1", "retryQueue": True}
        },
        "plan": {},
        "metrics": {"sampleRate": 0},
        "consentSettings": {
            "allCategories": ["marketing", "analytics"],
            "hasUnmappedDestinations": False,
        },
    }


def test_the_public_address_goes_before_the_one_that_was_asked(shop):
    shop.public_url = "http://127.0.0.1:4566/_aws/execute-api/abc"

    options = shop.request("GET", "/v1/projects/wk_web/settings").json["integrations"]["Segment.io"]

    assert options["apiHost"] == "127.0.0.1:4566/_aws/execute-api/abc/v1"
    assert options["protocol"] == "http"


def test_the_stage_is_part_of_the_address(shop):
    reply = shop.request("GET", "/v1/projects/wk_web/settings", stage="prod")

    assert reply.json["integrations"]["Segment.io"]["apiHost"] == "api.example/prod/v1"


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
@pytest.mark.parametrize("how", [{"query": "p=npm&writeKey=wk_web", "key": None}, {"key": "web"}])
def test_rudder_clients_find_their_source_by_query_or_basic_auth(shop, path, how):
    source = shop.request("GET", path, **how).json["source"]

    assert (source["id"], source["writeKey"], source["enabled"]) == ("web", "wk_web", True)
    assert source["destinations"] == []
    assert source["config"]["statsCollection"]["metrics"] == {"enabled": False}


def test_a_source_that_is_off_tells_rudder_clients_to_stop(shop):
    reply = shop.request("GET", "/sourceConfig/", key="off")

    assert (reply.status, reply.json["source"]["enabled"]) == (200, False)
    assert shop.request("GET", "/v1/projects/wk_off/settings").status == 404


@pytest.mark.parametrize("path", ["/v1/projects/nobody/settings", "/sourceConfig/"])
def test_only_a_known_key_gets_a_document(shop, path):
    assert shop.request("GET", path, key=None).status == 401


def test_documents_reveal_nothing_of_other_sources_or_of_how_this_one_is_kept(shop):
    for path in ("/v1/projects/wk_listed/settings", "/sourceConfig/"):
        text = shop.request("GET", path, key="listed").text
        for secret in ("sha256", "last4", "origin", "max_age", "wk_web", "wk_shop", "shop.example"):
            assert secret not in text


def test_a_browser_key_reads_nothing_back(shop, track):
    shop.batch(track(traits={"email": "ada@shop.example"}))

    for method, path in [("GET", "/v1/track"), ("GET", "/v1/batch"), ("GET", "/v1/identify")]:
        assert shop.request(method, path).status == 405
    assert "ada" not in shop.request("GET", "/sourceConfig/").text
