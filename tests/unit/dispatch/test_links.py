"""Link tokens: unforgeable, opaque, and no open door to anywhere."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait import links
from portrait.compiled import Template
from portrait.faults import Rejected
from portrait.links import MAX_URL, VALID_DAYS, Click
from portrait.metrics import DAY_MS
from portrait.rendering import render_email, render_sms, values
from portrait.tokens import bytes_of
from portrait.view import View
from tests.unit.dispatch.desks import HOME, NOW, SECRET, WELCOME, a_message, a_portrait

CLICK = Click("a1" * 12, "sms", HOME, "https://shop.example/lamp?size=2&från=sms")
TOKEN = links.issue(SECRET, CLICK, now=NOW)
ALPHABET = string.ascii_letters + string.digits + "-_"


def test_a_token_says_which_message_and_where_to():
    assert links.read(SECRET, TOKEN, now=NOW) == CLICK
    assert links.read(SECRET, TOKEN, now=NOW + VALID_DAYS * DAY_MS) == CLICK


def test_after_its_time_it_leads_nowhere():
    assert links.read(SECRET, TOKEN, now=NOW + (VALID_DAYS + 1) * DAY_MS) is None


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_a_token_that_was_touched_anywhere_leads_nowhere(position):
    for character in "Aa0_":
        touched = TOKEN[:position] + character + TOKEN[position + 1 :]
        if touched != TOKEN:
            assert links.read(SECRET, touched, now=NOW) is None


@given(st.text(ALPHABET, max_size=300))
def test_no_invented_token_leads_anywhere(token):
    assert links.read(SECRET, token, now=NOW) is None


@pytest.mark.parametrize("odd", ["", "=", TOKEN + "=", TOKEN + "A", TOKEN[:-1], "A" * 5_000, "å"])
def test_odd_tokens_lead_nowhere(odd):
    assert links.read(SECRET, odd, now=NOW) is None


def test_another_stack_s_token_and_one_of_another_kind_lead_nowhere():
    assert links.read(b"another secret", TOKEN, now=NOW) is None
    assert links.read(SECRET, links.issue(b"other", CLICK, now=NOW), now=NOW) is None


def test_a_token_shows_neither_who_nor_where_to():
    other = links.issue(SECRET, CLICK._replace(message="b2" * 12), now=NOW)
    seen, unlike = bytes_of(TOKEN), bytes_of(other)

    assert b"shop.example" not in seen
    assert bytes.fromhex(CLICK.message) not in seen
    same = sum(one == two for one, two in zip(seen, unlike, strict=True))
    assert same < 10  # of some ninety bytes, though customer and address are the same


def test_a_short_address_makes_a_link_that_fits_into_a_text_message():
    token = links.issue(SECRET, CLICK._replace(url="https://shop.example/lamp"), now=NOW)

    assert len(links.link("https://api.shop.example", token)) <= 120


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "javascript:alert(1)",
        "//evil.example/",
        "https://",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example/ x",
        'https://shop.example/"><script>',
        "ftp://shop.example/",
        " https://shop.example/",
        "https://shop.example/" + "x" * MAX_URL,
    ],
)
def test_a_link_leads_to_plain_https_alone(url):
    with pytest.raises(ValueError, match="https"):
        links.issue(SECRET, CLICK._replace(url=url), now=NOW)


@pytest.mark.parametrize("fields", [{"message": "m" * 24}, {"message": "a1"}, {"strand": "x"}])
def test_a_link_belongs_to_a_message_and_a_home(fields):
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        links.issue(SECRET, CLICK._replace(**fields), now=NOW)


def known(tracker=None):
    message = a_message(happening={"properties": {"link": "https://shop.example/lamp"}})
    view = View(a_portrait(), {}, NOW)
    return values(view, message, unsubscribe_url="u", time_zone="UTC", tracker=tracker)


SMS = Template("t", 1, "sms", text="Look: {{ 'https://shop.example/lamp' | tracked }}")


def test_where_the_provider_counts_no_clicks_the_filter_makes_links_of_ours():
    assert (
        render_sms(SMS, known(lambda url: f"<{url}>")).text == "Look: <https://shop.example/lamp>"
    )


def test_elsewhere_it_leaves_the_address_alone():
    html = '<a href="{{ event.properties.link | tracked | url }}">Look</a>'

    assert (
        'href="https://shop.example/lamp"'
        in render_email(replace(WELCOME, html=html), known()).html
    )


@pytest.mark.parametrize("address", ["http://shop.example/", "javascript:x", "shop.example", ""])
def test_only_https_is_tracked(address):
    with pytest.raises(Rejected, match="tracked: needs an https:// address"):
        render_sms(replace(SMS, text=f"{{{{ '{address}' | tracked }}}}"), known(str.upper))


def test_no_template_can_write_what_makes_the_links():
    for source in ("{{ tracker }}", "{{ [' tracker'] }}", "{{ customer | json }}"):
        try:
            written = render_sms(replace(SMS, text=source), known(lambda _: "secret")).text
        except Rejected:
            continue
        assert "lambda" not in written
        assert "function" not in written
