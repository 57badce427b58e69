"""Templates: strict, bounded, and safe whatever customers call themselves."""

from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.compiled import Template
from portrait.faults import Rejected
from portrait.portrait import Portrait
from portrait.rendering import MAX_LINE, render_email, render_webhook, values
from portrait.strand import Trait
from portrait.view import View
from tests.unit.dispatch.desks import ALERT, HOME, NOW, WELCOME, a_message

KNOWN = {
    "customer": {"first_name": "Anna", "orders": 3, "spend": 99.5},
    "event": {"name": "Order Completed", "at": NOW, "properties": {"total": 250, "items": [1, 2]}},
    "campaign": "welcome",
    "message_id": "m",
    "unsubscribe_url": "https://api.example.se/unsubscribe/t",
    "now": NOW,
    "time_zone": "Europe/Stockholm",
}


def text(source: str, **known: object) -> str:
    return render_email(replace(WELCOME, text=source), KNOWN | known).text


def html(source: str, **customer: object) -> str:
    return render_email(replace(WELCOME, html=source), KNOWN | {"customer": customer}).html


def body(source: str, **customer: object) -> bytes:
    return render_webhook(replace(ALERT, body=source), KNOWN | {"customer": customer})


class Elements(HTMLParser):
    """What a mail client would build: every element with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe src=javascript:alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "//evil.example/x",
    'https://evil.example/" onclick="alert(1)',
    "</title><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "{{ unsubscribe_url }}{% include 'x' %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u003cscript\u003e",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
]
PAGE = """<title>{{ customer.name }}</title><!-- {{ customer.name }} -->
<p title="{{ customer.name }}" lang='{{ customer.name }}'>Hi {{ customer.name | upcase }}
{% capture twice %}{{ customer.name }}{{ customer.name }}{% endcapture %}{{ twice }}
{{ customer.name | append: "<b>" | replace: "a", customer.name | newline_to_br }}
{{ customer.name | prepend: "<i>" | split: "&" | join: " " }}
{% assign parts = customer.name | split: "" %}{% for part in parts %}{{ part }}{% endfor %}
{{ customer }} {{ customer.name | truncate: 9 }} {{ customer.name | slice: 0, 7 }}
<a href="{{ customer.name | url }}">a</a><a href="https://shop.example/{{ customer.name }}">b</a>
<img src='{{ customer.name | url }}'></p>"""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_element_no_attribute_and_no_script_address(name):
    tame, wild = Elements(html(PAGE, name="Anna")), Elements(html(PAGE, name=name))

    assert [tag for tag, _ in wild.found] == [tag for tag, _ in tame.found]
    assert wild.found == tame.found
    for address in wild.addresses:
        assert address == "" or address.lower().startswith(("https://", "http://"))


@given(st.text())
def test_no_name_at_all_changes_what_a_page_is_made_of(name):
    page = (
        "<p title=\"{{ customer.name }}\">{{ customer.name }}<a href='{{ customer.name | url }}'>"
    )

    assert Elements(html(page, name=name)).found == [
        ("p", ("title",)),
        ("a", ("href",)),
    ]


@pytest.mark.parametrize("name", [*HOSTILE, '","admin":true,"x":"', "\\", '"', "\u2028", "\x00"])
def test_a_hostile_name_stays_one_value_of_a_webhook(name):
    written = msgspec.json.decode(
        body('{"name": {{ customer.name | json }}, "ok": true}', name=name)
    )

    assert written == {"name": name, "ok": True}


@pytest.mark.parametrize(
    "breaker", ["\r\nBcc: all@example.se", "\n", "\u2028", "\x85", "\x0b", "\0"]
)
def test_a_subject_is_one_line(breaker):
    template = replace(WELCOME, subject="Hi {{ customer.name }}!")

    subject = render_email(template, KNOWN | {"customer": {"name": f"A{breaker}B"}}).subject

    assert subject.isprintable()
    assert len(subject.splitlines()) == 1


def test_a_subject_cannot_be_turned_around_or_endless():
    template = replace(WELCOME, subject="{{ customer.name }}")

    def subject(name: str) -> str:
        return render_email(template, KNOWN | {"customer": {"name": name}}).subject

    assert (
        subject("\u202egnp.exe \U0001f469\u200d\U0001f680") == "gnp.exe \U0001f469\u200d\U0001f680"
    )
    assert len(subject("x" * 1_000)) == MAX_LINE


def test_what_is_not_known_is_an_error_unless_a_default_is_given():
    with pytest.raises(Rejected, match="UndefinedError"):
        text("Hi {{ customer.nickname }}")

    assert text("Hi {{ customer.nickname | default: 'you' }}") == "Hi you"
    assert text("{% if customer.nickname %}a{% else %}b{% endif %}") == "b"
    assert body('{"nick": {{ customer.nickname | json }} }') == b'{"nick":null}'


def test_the_text_part_is_not_escaped():
    assert text("{{ event.name }} & more <3") == "Order Completed & more <3"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("{{ event.at | date: '%-d %B %Y %H:%M' }}", "21 November 2025 13:00"),
        ("{{ '2026-06-01T10:00:00Z' | date: '%H:%M' }}", "12:00"),
        ("{{ '2026-06-01' | date: '%Y%%' }}", "2026%"),
        ("{{ now | date: '%H' }}", "13"),
    ],
)
def test_dates_are_written_in_the_time_zone_of_the_customer(source, written):
    assert text(source) == written


@pytest.mark.parametrize(
    "source", ['{"a": }', '{"a": 1} x', "", '{"a": "{{ customer.name | json }}"}']
)
def test_a_webhook_that_is_not_json_is_refused(source):
    with pytest.raises(Rejected, match="not JSON"):
        body(source, name="Anna")


@pytest.mark.parametrize(
    "source", ["{{ event[customer.first_name] }}", "{{ customer.first_name | split: '' | sum }}"]
)
def test_an_error_quotes_the_template_and_never_the_customer(source):
    with pytest.raises(Rejected) as caught:
        text(source)

    assert "Anna" not in str(caught.value)


def test_templates_see_plain_numbers_so_that_filters_can_use_them():
    portrait = Portrait(HOME)
    portrait.strand(HOME).traits["spend"] = Trait(Decimal("99.50"), NOW, b"m")
    portrait.strand(HOME).traits["orders"] = Trait(Decimal("3.000"), NOW, b"m")
    known = values(View(portrait, {}, NOW), a_message(), unsubscribe_url="u", time_zone="UTC")

    written = render_email(
        replace(WELCOME, text="{{ customer.spend | plus: 1 }} {{ customer.orders }}"), known
    ).text

    assert written == "100.5 3"


def test_an_email_without_html_has_none():
    assert render_email(Template("t", 1, "email", subject="s", text="t"), KNOWN).html == ""
