"""Templates of each channel: what they may say, and what is told before they are published."""

import pytest

from portrait import rendering
from portrait.compiled import Template
from portrait.definitions.checking import check
from portrait.definitions.documents import canonical, parse
from portrait.definitions.problems import DefinitionError
from tests.unit.definitions.programmes import a_template, drafts

SMS = {"kind": "template", "key": "sale", "channel": "sms", "text": "Sale! {{ opt_out }}"}
PUSH = {"kind": "template", "key": "back", "channel": "push", "title": "Back", "body": "It is."}
HOOK = {
    "kind": "template", "key": "order", "channel": "webhook", "body": "{}",
    "url": "https://hooks.example.com/",
}  # fmt: skip
HTML = {"kind": "template", "key": "news", "channel": "email", "subject": "s", "html": "<p>Hi</p>"}


def compiled(raw):
    return Template.from_document({**canonical(parse(raw)), "version": 3})


def test_a_text_message_has_a_way_out_and_three_segments_unless_it_says_otherwise():
    template = compiled(SMS)

    assert (template.opt_out, template.max_segments) == ("Reply STOP to opt out", 3)
    assert compiled({**SMS, "opt_out": "Svara STOPP", "max_segments": 1}) == Template(
        "sale", 3, "sms", text=SMS["text"], opt_out="Svara STOPP", max_segments=1
    )


def test_a_push_has_title_and_body_and_maybe_more():
    more = {"url": "https://shop.example/{{ campaign }}", "data": '{"a": 1}'}

    assert compiled(PUSH) == Template("back", 3, "push", title="Back", body="It is.")
    assert compiled({**PUSH, **more}).data == '{"a": 1}'


def test_a_mail_may_be_html_alone_with_a_preview_and_a_sender_of_its_own():
    raw = {**HTML, "preview": "New", "from": "Shop <a@shop.example>", "reply_to": "b@shop.example"}

    template = compiled(raw)

    assert (template.text, template.preview) == ("", "New")
    assert (template.sender, template.reply_to) == ("Shop <a@shop.example>", "b@shop.example")


def test_a_webhook_may_change_its_secret():
    rotating = {**HOOK, "secret_version": 2, "previous_secret_until": "2026-12-31"}

    assert compiled(HOOK).secret_version == 1
    assert compiled(rotating).previous_secret_until == "2026-12-31"


def test_what_was_published_before_reads_as_it_did():
    old = {"kind": "template", "key": "t", "channel": "email", "subject": "s", "text": "x"}

    assert Template.from_document(old) == Template("t", 0, "email", subject="s", text="x")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({**a_template(), "text": None}, "text: expected text, html, or both"),
        ({**a_template(), "preview": "New"}, "preview: needs an html part to stand in"),
        ({**HTML, "from": "Shop"}, "from: expected an address such as Shop <news@shop.example>"),
        ({**HTML, "from": "a@b.example, c@d.example"}, "from: expected an address such as"),
        ({**HTML, "from": "x\nBcc: <a@b.example>"}, "from: expected one line"),
        ({**HTML, "reply_to": "Help <a@b.example>"}, "reply_to: expected an address such as"),
        ({**SMS, "max_segments": 11}, "max_segments: expected at most 10"),
        ({**SMS, "max_segments": "3"}, "max_segments: expected a valid integer"),
        ({**SMS, "opt_out": ""}, "opt_out: expected one line of 1 to 60 characters"),
        ({**SMS, "subject": "s"}, "unknown field 'subject'; expected one of kind, key, channel, "),
        ({**PUSH, "title": "a\nb"}, "title: expected one line"),
        ({**HOOK, "url": "http://hooks.example.com/"}, "url: expected an https:// address"),
        ({**HOOK, "secret_version": 0}, "secret_version: expected at least 1"),
        ({**HOOK, "previous_secret_until": "soon"}, "previous_secret_until: expected a date"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(raw, problem):
    with pytest.raises(DefinitionError) as refusal:
        parse(raw, "t.yaml")

    assert any(line.startswith(f"t.yaml: {problem}") for line in refusal.value.problems), (
        refusal.value.problems
    )


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({**SMS, "text": "{{ nobody }}"}, "text: there is no variable 'nobody'"),
        ({**PUSH, "body": "{{ nobody }}"}, "body: there is no variable 'nobody'"),
        ({**PUSH, "url": "{{ 1 | quadruple }}"}, "url: there is no filter 'quadruple'"),
        ({**PUSH, "data": '{"a": {{ campaign }} }'}, "data: {{ campaign }} must end in `| json`"),
        ({**HTML, "preview": "{% if %}"}, "preview: "),
        (
            {**SMS, "text": "ж" * 135 + "{{ opt_out }}", "max_segments": 2},
            "text: what never changes takes 3 segments of UCS-2 already; max_segments is 2",
        ),
    ],
)
def test_what_is_wrong_with_the_liquid_is_told_before_it_is_published(raw, problem):
    with pytest.raises(DefinitionError) as refusal:
        check(drafts(raw), rendering.check)

    assert problem in refusal.value.problems[0]


def test_what_only_some_get_is_not_counted_before():
    rare = "{% if customer.vip %}" + "x" * 400 + "{% endif %}"

    check(drafts({**SMS, "text": rare + "{{ opt_out }}", "max_segments": 1}), rendering.check)


def test_templates_of_every_channel_fit_together():
    check(drafts(SMS, PUSH, HOOK, HTML), rendering.check)
