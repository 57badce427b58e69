"""One template, both parts: what is read off HTML, and the line that inboxes show."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.compiled import Template
from portrait.rendering import render_email
from portrait.rendering.plain_text import plain_text
from portrait.rendering.preheader import with_preheader

PAGE = """<!doctype html>
<html lang="en"><head><title>Not this</title><style>p { color: red }</style></head>
<body style="margin:0">
<!-- nor this -->
<table role="presentation"><tr><td>
  <h1>Hello&nbsp;Anna &amp; Bo,</h1>
  <p>Your basket is
     <b>still</b> there.<br>Just as you left it.</p>
  <ul>
    <li>Lamp</li>
    <li><a href="https://shop.example/p?a=1&amp;b=2">Chair</a></li>
  </ul>
  <p><img src="x.png" alt="Two chairs"> <a href="https://shop.example/"><img src="l.png"></a>
     <a href="https://shop.example/x">https://shop.example/x</a> <a href="#top">Top</a></p>
  <p>Write to <a href="mailto:help@shop.example">us</a>.</p>
</td></tr></table>
<p style="font-size:13px">Enough? <a href="https://api.example/unsubscribe/t">One click</a>.</p>
</body></html>"""
READ = """Hello Anna & Bo,

Your basket is still there.
Just as you left it.

- Lamp
- Chair: https://shop.example/p?a=1&b=2

Two chairs https://shop.example/ https://shop.example/x Top

Write to us: help@shop.example.

Enough? One click: https://api.example/unsubscribe/t."""


def test_a_page_reads_as_a_person_would_read_it():
    assert plain_text(PAGE) == READ


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>a<p>b", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<table><tr><td>Lamp</td><td>20 kr</td></tr><tr><td>Chair</td></tr></table>",
         "Lamp 20 kr\nChair"),
        ("<div style='display: none'>a<br><b>b</b></div>c", "c"),
        ("<script>if (a < b) {}</script>c", "c"),
        ("a</p></div></td>b", "a\n\nb"),
        ("<a>nowhere</a> <a href=''>empty</a>", "nowhere empty"),
        ("<p>&lt;b&gt; stays text</p>", "<b> stays text"),
    ],
)  # fmt: skip
def test_odd_pages_read_well_too(html, text):
    assert plain_text(html) == text


@given(st.text())
def test_no_page_is_too_odd_to_be_read(html):
    plain_text(html)


@given(st.from_regex(r"(<[a-z/]{0,4}>|[a-z ]|<a href='https://x.y/z'>|<!--|-->){0,60}"))
def test_no_markup_is_too_odd_to_be_read(html):
    assert "\n\n\n" not in plain_text(html)


KNOWN = {
    "customer": {"first_name": "Anna <3"}, "event": {}, "campaign": "c", "message_id": "m",
    "unsubscribe_url": "https://api.example/unsubscribe/t", "opt_out": "", "now": 0,
    "time_zone": "UTC",
}  # fmt: skip
BOTH = Template(
    "t", 1, "email",
    subject="s",
    preview="{{ customer.first_name }}, two things\nare new",
    html="<html><head></head><body class='a'><p>Hi {{ customer.first_name }}</p></body></html>",
)  # fmt: skip


def test_without_a_text_part_the_text_is_read_off_the_html_without_the_preview():
    assert render_email(BOTH, KNOWN).text == "Hi Anna <3"


def test_a_text_part_of_one_s_own_stands():
    assert render_email(replace(BOTH, text="Own text"), KNOWN).text == "Own text"


def test_a_text_alone_stays_alone():
    assert render_email(replace(BOTH, text="Own text", html=""), KNOWN).html == ""


class Body(HTMLParser):
    """What stands first in a page's body, and whether it can be seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.first: list[tuple[str, str]] = []
        self.data: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.first.append((tag, dict(attrs).get("style") or ""))

    def handle_data(self, data: str) -> None:
        self.data.append(data)


@pytest.mark.parametrize(
    "top",
    ["<!doctype html><html><head></head><body class='a'>", "<BODY>", "<html>", "<!DOCTYPE html>",
     "<html><head><title></title></head>", ""],
)  # fmt: skip
def test_the_preview_stands_first_where_a_page_can_be_read_and_is_not_seen(top):
    page = Body(with_preheader(f"{top}<p>Hi</p>", "New & <old>"))

    readable = [each for each in page.first if each[0] in ("div", "p")]
    assert [tag for tag, _ in readable] == ["div", "p"]
    assert "display:none" in readable[0][1]
    assert "max-height:0" in readable[0][1]
    assert page.data[0].startswith("New & <old>\u034f\u200c\xa0")
    if top.lower().startswith("<!doctype"):
        assert with_preheader(f"{top}<p>Hi</p>", "x").lower().startswith("<!doctype")


def test_the_preview_is_one_line_and_cannot_add_to_the_page():
    html = render_email(BOTH, KNOWN).html

    assert "Anna &lt;3, two things are new" in html
    assert html.startswith("<html><head></head><body class='a'><div ")


def test_without_a_preview_the_page_stays_as_it_is():
    assert with_preheader("<p>Hi</p>", "") == "<p>Hi</p>"
