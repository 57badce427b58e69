"""What only the deployed template shows: routes, triggers, and the commands of make start."""

import json
import shlex
import shutil
import subprocess
import time
from urllib.parse import quote

import pytest
import urllib3

from portrait import links
from portrait.identity import home
from portrait.links import Click
from tests.demo.measure import find
from tests.demo.shop_day import WRITE_KEYS, publish
from tests.demo.start import curl_lines

SECONDS = 60
TARGET = "https://shop.example/boots?utm_source=welcome#sizes"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"}


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

    expected = {"onboarding", "post_purchase", "high_value_order"}
    assert eventually(lambda: expected <= entered(published))


def entered(stack):
    """Return the campaigns that anybody has entered, with a control group or without."""
    return {journey["campaign"] for journey in find(stack).entries}


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


def test_a_till_reads_by_any_identifier_and_nobody_else_does(published):
    shop, till, web = (server(WRITE_KEYS[source]) for source in ("shop", "till", "web"))
    card = {"type": "card", "id": "7/100% å@b", "collection": "users"}
    call = {"userId": "reader", "traits": {"plan": "gold"}, "context": {"externalIds": [card]}}
    url = f"{published.api_url}/v1/identify"
    sent = urllib3.request("POST", url, json=call, headers=shop, timeout=SECONDS)
    assert sent.status == 200
    profile = f"{published.api_url}/v1/profiles/card:{quote(card['id'], safe='')}"

    found = eventually(
        lambda: (a := request("GET", f"{profile}/traits", **till)).status == 200 and a
    )

    assert found.json()["traits"]["plan"] == "gold"
    for headers, status in ((web, 403), ({}, 401), ({**till, "origin": "https://x.example"}, 403)):
        assert request("GET", f"{profile}/traits", **headers).status == status
    assert request("DELETE", f"{profile}/traits", **till).status == 405
    history = request("GET", f"{published.api_url}/v1/identity/user_id:reader/history", **till)
    assert (history.status, "data" in history.json()) == (200, True)


def server(key):
    return urllib3.make_headers(basic_auth=f"{key}:")


def test_a_click_on_a_link_leads_on_and_reaches_the_portrait(published):
    shop, till = (server(WRITE_KEYS[source]) for source in ("shop", "till"))
    secret = published.client("secretsmanager").get_secret_value(SecretId=published.secret_arn)
    key = secret["SecretString"].encode()
    told = Click("5f2b8c0e9a7d4136b1c2d3e4", "email", home(key, "user_id", "clicker"), TARGET)
    link = links.link(published.api_url, links.issue(key, told, now=time.time_ns() // 1_000_000))
    call = {"userId": "clicker", "event": "Signed Up"}
    url = f"{published.api_url}/v1/track"
    assert urllib3.request("POST", url, json=call, headers=shop, timeout=SECONDS).status == 200

    looked, clicked = (
        urllib3.request(method, link, headers=BROWSER, redirect=False, timeout=SECONDS)
        for method in ("HEAD", "GET")
    )

    assert (looked.status, clicked.status) == (302, 302)
    assert clicked.headers["location"] == TARGET
    assert "set-cookie" not in clicked.headers
    events = f"{published.api_url}/v1/profiles/user_id:clicker/events"
    heard = eventually(
        lambda: (
            (a := request("GET", events, **till)).status == 200
            and len(names := [each["event"] for each in a.json()["data"]]) == 2
            and names
        )
    )
    assert sorted(heard) == ["Email Link Clicked", "Signed Up"]


def test_a_callback_that_is_not_signed_reaches_nobody(stack):
    answer = request("POST", f"{stack.api_url}/v1/callbacks/loyalty_call")

    assert (answer.status, answer.data) == (401, b'{"success": false}')


def test_what_people_answer_to_a_text_message_comes_through_the_topic(published):
    till = server(WRITE_KEYS["till"])
    reply = {
        "originationNumber": "+46701740605",
        "destinationNumber": "+46700000001",
        "messageKeyword": "KEYWORD_123456789012",
        "messageBody": "Stopp",
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
    }
    published.client("sns").publish(
        TopicArn=published.outputs["FeedbackTopicArn"], Message=json.dumps(reply)
    )

    number = quote("+46701740605", safe="")
    events = f"{published.api_url}/v1/profiles/phone:{number}/events"
    heard = eventually(lambda: (a := request("GET", events, **till)).status == 200 and a)
    assert {each["event"] for each in heard.json()["data"]} == {"Consent Withdrawn", "SMS Replied"}
