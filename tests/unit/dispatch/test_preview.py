"""Looking at a message before anybody gets it."""

import json

import pytest
import yaml

from portrait import links
from portrait.links import Click
from portrait.rendering.__main__ import main
from tests.unit.dispatch.desks import HOME, NOW, SECRET

MAIL = {
    "kind": "template", "key": "news", "channel": "email", "subject": "Hej {{ customer.name }}",
    "preview": "New lamps",
    "html": "<p>{{ event.name }} at {{ event.at | date: '%H' }}</p>"
    '<a href="{{ unsubscribe_url }}">Stop</a>',
}  # fmt: skip
SMS = {
    "kind": "template", "key": "sale", "channel": "sms", "opt_out": "Svara STOPP",
    "text": "Hej {{ customer.name }}, rea! {{ opt_out }}",
}  # fmt: skip
PUSH = {
    "kind": "template", "key": "back", "channel": "push", "title": "Hej {{ customer.name }}",
    "body": "Back!", "url": "https://shop.example/", "data": '{"a": 1}',
}  # fmt: skip
HOOK = {
    "kind": "template", "key": "order", "channel": "webhook", "url": "https://hooks.example.com/",
    "body": '{"who": {{ customer.name | json }} }',
}  # fmt: skip


@pytest.fixture
def preview(tmp_path, capsys):
    """Return what the command prints, on both streams, with its exit code."""

    def run(template, *options, customer=None, event=None):
        (tmp_path / "template.yaml").write_text(yaml.safe_dump(template), "utf-8")
        (tmp_path / "customer.json").write_text(json.dumps(customer or {"name": "Åsa"}), "utf-8")
        arguments = [str(tmp_path / "template.yaml"), "--customer", str(tmp_path / "customer.json")]
        if event:
            (tmp_path / "event.json").write_text(json.dumps(event), "utf-8")
            arguments += ["--event", str(tmp_path / "event.json")]
        code = main(["preview", *arguments, *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_recommendations_are_shown_by_items_that_are_none(preview):
    shown = "{% for item in recommended.new limit: 2 %}{{ item }} {% endfor %}{{ opt_out }}"

    code, out, _ = preview({**SMS, "text": shown})

    assert (code, "new-item-1 new-item-2 Svara" in out) == (0, True)


def test_a_mail_is_shown_as_it_reads_and_its_page_can_be_opened(preview, tmp_path):
    page = tmp_path / "page.html"
    event = {"name": "Order Completed", "at": 1_763_726_400_000}

    code, out, _ = preview(
        MAIL, "--html", str(page), "--time-zone", "Europe/Stockholm", event=event
    )

    assert code == 0
    shown, _, link = out.rstrip().rpartition(" ")
    assert link.startswith("https://api.example.com/unsubscribe/")
    assert shown.splitlines() == [
        "Subject  Hej Åsa",
        f"HTML     {len(page.read_text('utf-8'))} characters, in {page}",
        "",
        "Order Completed at 13",
        "",
        "Stop:",
    ]
    assert "New lamps" in page.read_text("utf-8")


def test_a_text_message_is_shown_with_what_it_takes(preview):
    assert preview(SMS)[1].splitlines() == [
        "1 of 3 segments, 25 units of GSM-7",
        "",
        "Hej Åsa, rea! Svara STOPP",
    ]


def test_links_are_as_long_as_those_that_will_be_sent(preview):
    text = "Rea: {{ 'https://shop.example/rea' | tracked }} {{ opt_out }}"

    out = preview({**SMS, "text": text}, "--public-url", "https://x.example")[1]

    (link,) = (word for word in out.split() if "/l/" in word)
    token = link.removeprefix("https://x.example/l/")
    click = Click("a1" * 12, "sms", HOME, "https://shop.example/rea")
    assert len(token) == len(links.issue(SECRET, click, now=NOW))


def test_a_push_and_a_webhook_are_shown_as_they_are_sent(preview):
    assert preview(PUSH)[1].splitlines() == [
        "Title    Hej Åsa", "Opens    https://shop.example/", 'Data     {"a": 1}', "", "Back!",
    ]  # fmt: skip
    assert preview(HOOK)[1].splitlines() == [
        "POST     https://hooks.example.com/", "", '{"who":"Åsa"}',
    ]  # fmt: skip


def test_an_offer_is_shown_with_all_that_whoever_shows_it_gets(preview):
    offer = {
        "kind": "template", "key": "offer", "channel": "inbox", "title": "Hej {{ customer.name }}",
        "text": "Ten per cent", "accept": "Yes",
    }  # fmt: skip

    assert preview(offer)[1].splitlines() == [
        "Title    Hej Åsa", "Text     Ten per cent", "Accept   Yes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({**SMS, "text": "{{ customer.nickname }}"}, "render_error: text: line 1"),
        ({**SMS, "text": "x" * 481 + "{% if 1 %}{% endif %}"}, "takes 4 segments of GSM-7 already"),
        ({**SMS, "text": "{{ nobody }}"}, "text: there is no variable 'nobody'"),
        ({**SMS, "channel": "fax"}, "unknown channel 'fax'"),
        ({"kind": "segment", "key": "a", "name": "a", "where": {"trait": "b", "exists": True}},
         "kind: expected a template"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_the_exit_code_tells(preview, template, said):
    code, out, err = preview(template)

    assert (code, out) == (1, "")
    assert said in err


def test_files_that_cannot_be_read_are_named(preview, tmp_path):
    code, _, err = preview(SMS, "--event", str(tmp_path / "gone.json"))

    assert code == 1
    assert "gone.json: cannot be read" in err


def test_a_customer_is_one_object(preview):
    assert "expected one JSON object" in preview(SMS, customer=["Åsa"])[2]
