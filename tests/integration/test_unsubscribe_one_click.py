"""One click on a local AWS: what it stops stays stopped, and looking stops nothing."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from functions.privacy.handler import handler as privacy
from portrait.identity import home
from portrait.store import portraits
from portrait.view import View
from tests.integration import test_dispatch_sending as sending
from tests.integration.test_dispatch_sending import (
    anna_says_yes,
    ask_for_messages,
    became,
    deliver,
    mails,
    now,
)
from tests.local_aws import SECRET, LocalAws

_on = sending._on  # the same AWS, with a sender and definitions
ENVELOPES = Path(__file__).parents[2] / "events" / "privacy"


def call(envelope: str, token: str) -> int:
    event: dict[str, Any] = json.loads((ENVELOPES / f"{envelope}.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/unsubscribe/{token}"
    return int(privacy(event, None)["statusCode"])


def consent() -> str | None:
    record = portraits.follow(home(SECRET.encode(), "user_id", "u1"))
    assert record is not None
    return View(record.portrait, {}, now()).consent("email", "marketing")


@pytest.fixture
def token(aws: LocalAws) -> str:
    """Return the token in the mail that Anna got for an order."""
    anna_says_yes()
    assert deliver(*ask_for_messages(aws, "o1")) == []
    return str(mails(aws)[0]["BodyText"].rpartition("/")[2])


def test_one_click_stops_the_next_message(aws: LocalAws, token: str):
    assert call("one_click", token) == 200

    assert consent() == "withdrawn"
    *_, late = ask_for_messages(aws, "o2")
    deliver(late)
    assert became(aws, late) == "held:no_consent"
    assert len(mails(aws)) == 1


def test_clicking_again_is_the_same(token: str):
    assert [call("one_click", token) for _ in range(3)] == [200, 200, 200]
    assert consent() == "withdrawn"


def test_link_scanners_stop_nothing(token: str):
    before = portraits.follow(home(SECRET.encode(), "user_id", "u1"))

    assert {call("look", token) for _ in range(100)} == {200}

    assert portraits.follow(home(SECRET.encode(), "user_id", "u1")) == before
    assert consent() == "granted"


def test_a_forged_token_stops_nothing(token: str):
    assert call("one_click", token[:-2] + "AA") == 404
    assert consent() == "granted"


def test_no_sending_starts_after_the_answer(aws: LocalAws, token: str):
    messages = ask_for_messages(aws, *(f"r{n}" for n in range(12)))
    sent_when_answered: list[int] = []

    def click() -> None:
        assert call("one_click", token) == 200
        sent_when_answered.append(len(mails(aws)))

    senders = [threading.Thread(target=deliver, args=(message,)) for message in messages]
    clicker = threading.Thread(target=click)
    for thread in [*senders[:6], clicker, *senders[6:]]:
        thread.start()
    for thread in [*senders, clicker]:
        thread.join()
    deliver(*messages)

    assert sent_when_answered == [len(mails(aws))]
    outcomes = {became(aws, message) for message in messages}
    assert outcomes <= {"sent", "held:no_consent"}
