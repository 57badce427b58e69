"""The privacy handler: POST withdraws, looking changes nothing, and no page tells anything."""

import html.parser
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from portrait import unsubscribe
from portrait.faults import Unavailable
from tests.unit.dispatch.desks import HOME, NOW, SECRET, World
from tests.unit.dispatch.test_withdrawal import WHAT, consent

EVENTS = Path(__file__).parents[3] / "events" / "privacy"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The privacy handler with its table in memory."""
    world = World()
    module = import_module("functions.privacy.handler")
    monkeypatch.setattr(module, "portraits", world.table)
    monkeypatch.setattr(module, "secret", lambda: SECRET)
    monkeypatch.setattr(module, "_now", world.clock)
    monkeypatch.setattr(module, "_pause", world.clock.pause)
    return world


def call(method: str, token: str, *, tail: str = "") -> dict[str, Any]:
    event = json.loads((EVENTS / "one_click.json").read_text())
    event["requestContext"]["http"]["method"] = method
    event["rawPath"] = f"/unsubscribe/{token}{tail}"
    answer = import_module("functions.privacy.handler").handler(event, None)
    assert isinstance(answer, dict)
    return answer


TOKEN = unsubscribe.issue(SECRET, WHAT, now=NOW)


@pytest.mark.parametrize("tail", ["", "/"])
def test_a_post_withdraws_at_once(world, tail):
    answer = call("POST", TOKEN, tail=tail)

    assert answer["statusCode"] == 200
    assert consent(world) == "withdrawn"


def test_a_post_may_be_repeated(world):
    assert [call("POST", TOKEN)["statusCode"] for _ in range(3)] == [200] * 3


def test_a_thousand_looks_change_nothing(world):
    before = dict(world.table.items)

    answers = [call(method, TOKEN) for method in ("GET", "HEAD") for _ in range(500)]

    assert {answer["statusCode"] for answer in answers} == {200}
    assert world.table.items == before


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
@pytest.mark.parametrize("token", [TOKEN[:-1] + "A", "", "x", "../health", TOKEN + "%00"])
def test_a_forged_token_leads_nowhere(world, method, token):
    before = dict(world.table.items)

    assert call(method, token)["statusCode"] == 404
    assert world.table.items == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(world, method):
    answer = call(method, TOKEN)

    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET, POST")
    assert consent(world) == "granted"


def test_a_table_that_does_not_answer_is_not_a_promise(world, monkeypatch):
    def unavailable(_home: str) -> None:
        raise Unavailable

    monkeypatch.setattr(world.table, "follow", unavailable)

    answer = call("POST", TOKEN)

    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0


class Form(html.parser.HTMLParser):
    """The form a page offers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_asks_with_one_button_that_posts_to_itself(world):
    found = Form(call("GET", TOKEN)["body"]).found

    assert [attrs for tag, attrs in found if tag == "form"] == [{"method": "post"}]
    assert [attrs for tag, attrs in found if tag == "button"] == [{"type": "submit"}]
    assert ("html", {"lang": "en"}) in found
    assert {"main", "h1", "title"} <= {tag for tag, _ in found}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_page_is_private_and_runs_nothing(world, method):
    answer = call(method, TOKEN)
    headers = answer["headers"]

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "<script" not in answer["body"]
    assert TOKEN not in answer["body"]
    assert "Set-Cookie" not in headers


def test_head_has_no_body(world):
    assert call("HEAD", TOKEN)["body"] == ""


def test_the_log_line_does_not_tell_whose_link_it_was(world, caplog):
    call("POST", TOKEN)

    (line,) = (vars(record) for record in caplog.records)
    assert (line["method"], line["status"]) == ("POST", 200)
    assert TOKEN not in str(line)
    assert HOME not in str(line)


def test_the_stored_envelopes_are_answered_as_their_names_say(world):
    answers = {
        path.stem: import_module("functions.privacy.handler").handler(
            json.loads(path.read_text()), None
        )["statusCode"]
        for path in sorted(EVENTS.glob("*.json"))
    }

    assert answers == {"forged": 404, "look": 200, "one_click": 200}
