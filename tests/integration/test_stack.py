"""What only the deployed template shows: routes, triggers, and the commands of make start."""

import shlex
import shutil
import subprocess
import time

import pytest
import urllib3

from tests.demo.measure import find
from tests.demo.shop_day import publish
from tests.demo.start import curl_lines

SECONDS = 60


@pytest.fixture(scope="module")
def published(stack):
    publish(stack, {})
    return stack


def request(method, url, **headers):
    return urllib3.request(method, url, headers=headers, timeout=SECONDS)


def eventually(look):
    """Return the first true answer of `look`, or its last one when the time is up."""
    deadline = time.monotonic() + SECONDS
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return answer


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_the_commands_of_make_start_lead_into_campaigns(published):
    for line in curl_lines(published.api_url):
        answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True)
        assert answer.stdout == '{"success": true}'

    expected = {"welcome", "post_purchase", "high_value_order"}
    assert eventually(lambda: expected <= entered(published))


def entered(stack):
    """Return the campaigns that anybody has entered, with a control group or without."""
    return {journey["campaign"] for journey in find(stack).journeys}


def test_a_browser_may_send_its_key_from_anywhere(stack):
    answer = request(
        "OPTIONS",
        f"{stack.api_url}/v1/track",
        **{
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_unsubscribe_is_answered_by_privacy_and_everything_else_by_ingest(stack):
    forged = request("GET", f"{stack.api_url}/unsubscribe/forged")
    unknown = request("GET", f"{stack.api_url}/no/such/path")

    assert (forged.status, forged.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert unknown.status == 404
    assert unknown.json()["code"] == "unknown_route"
