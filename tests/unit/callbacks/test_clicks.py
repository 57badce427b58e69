"""A click leads on whatever happens, and proves that a link was followed, not by whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait import links
from portrait.bursts import HONEYPOT, remembered
from portrait.feedback import FEEDBACK, FOLLOWED, MACHINE, RESERVED
from tests.unit.callbacks.conftest import MESSAGE, NOW, STRAND, Door, link

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
TARGET = "https://shop.example/boots?email=ada%40b.example#x"


def test_the_sample_leads_on_and_is_an_event_about_whose_message_it_was(door, sample):
    answer = door.handle(sample("link_click"))

    assert answer.status == 302
    assert answer.headers["Location"].startswith("https://shop.example/boots?utm_source=welcome")
    (event,) = door.events
    assert (event.source, event.kind, event.name) == ("links", "track", "Email Link Followed")
    assert event.properties == {
        "channel": "email",
        "message_id": MESSAGE,
        "link": "https://shop.example/boots",
    }


def test_a_click_identifies_nobody_and_leaves_nothing_behind(door):
    cookies = {"cookie": "ajs_anonymous_id=a1; ajs_user_id=u1", "referer": "https://mail.example/"}

    answer = door.click(headers=cookies)

    assert answer.headers == {
        "Location": TARGET,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
    (event,) = door.events
    assert event.identifiers == (("$home", STRAND),)
    assert event.traits == event.context == {}
    assert "203.0.113.7" not in door.bodies[0]
    assert "a1" not in door.bodies[0].replace(STRAND, "").replace(event.id, "")


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("email", "Email Link Clicked"),
        ("sms", "SMS Link Clicked"),
        ("push", "Push Link Clicked"),
        ("webhook", "Webhook Link Clicked"),
        ("inbox", "Offer Link Clicked"),
    ],
)
def test_each_channel_has_a_click_of_its_own(door, channel, name):
    door.click(link(channel))

    (event,) = door.events
    assert FOLLOWED[event.name] == name
    assert FEEDBACK[name] == "clicked"
    assert event.name in RESERVED
    assert name in RESERVED


def test_two_clicks_are_two_and_one_handed_over_twice_is_one(door):
    for request in ("r1", "r1", "r2"):
        door.click(request_id=request)

    first, again, second = (event.id for event in door.events)
    assert first == again != second


def test_head_is_answered_and_never_counts(door, sample):
    answer = door.handle(sample("link_scanned"))

    assert (answer.status, answer.body) == (302, "")
    assert door.bodies == []


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"user-agent": ""}, "no_browser"),
        ({"user-agent": "Mozilla/5.0"}, "no_browser"),
        ({"user-agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"}, "scanner"),
        ({"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, "bot"),
        ({"user-agent": "WhatsApp/2.24 A"}, "bot"),
        ({"user-agent": "python-requests/2.32"}, "bot"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "prefetch"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
    ],
)
def test_a_machine_is_led_on_as_well_and_its_click_has_another_name(door, headers, reason):
    answer = door.click(headers=headers)

    assert answer.headers["Location"] == TARGET
    (event,) = door.events
    assert event.name == "Email Link Clicked by Machine"
    assert event.name in MACHINE
    assert event.properties["machine"] == reason


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_follows_a_link_that_nobody_sees_is_a_machine_and_is_led_nowhere(door, method):
    answer = door.click(link(url=links.TRAP), method, headers={"user-agent": BROWSER})

    assert (answer.status, "Location" in answer.headers) == (404, False)
    (event,) = door.events
    assert event.name == "Email Link Clicked by Machine"
    assert event.properties["machine"] == HONEYPOT
    assert remembered(event.name, event.properties, NOW).link == ""


def test_a_click_lost_beats_a_link_that_is_broken(door):
    door.broken = {"queue"}

    answer = door.click()

    assert (answer.status, answer.headers["Location"]) == (302, TARGET)
    assert answer.facts["clicks_lost"] == 1


def test_definitions_are_not_needed(door):
    door.broken = {"catalogue"}

    assert door.click().status == 302
    assert len(door.events) == 1


def test_without_the_secret_no_link_can_be_read(door):
    door.broken = {"secret"}

    answer = door.click()

    assert answer.status == 503
    assert answer.headers["Retry-After"]


def test_a_link_that_we_did_not_write_or_of_long_ago_leads_nowhere(door):
    old = link(now=NOW - (links.VALID_DAYS + 1) * 86_400_000)
    good = link()

    for token in (old, good[:-1], good + "A", good[:5] + "~" + good[6:], "x", "../unsubscribe"):
        answer = door.click(token)
        assert answer.status == 404
        assert "Location" not in answer.headers
    assert door.request("GET", "/l/").status == 404
    assert door.bodies == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_link_is_only_followed(door, method):
    assert door.click(method=method).status == 405
    assert door.bodies == []


def test_the_log_line_knows_nobody(door):
    assert door.click().facts == {"route": "/l/", "event": "Email Link Followed"}


@given(st.text(max_size=200))
def test_no_token_makes_it_fail(token):
    door = Door()
    assert door.request("GET", f"/l/{token}").status == 404
    assert door.bodies == []
