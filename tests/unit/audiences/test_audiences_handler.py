"""The handler on the envelopes of events/audiences, with both platforms behind real TLS."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.audiences import handler as audiences
from portrait.audiences.identifiers import digest
from portrait.settings import get_settings
from tests.unit.audiences.platforms import (
    GOOGLE_LIST,
    GOOGLE_SECRET,
    META_LIST,
    META_SECRET,
    Platform,
    google_refusal,
)
from tests.unit.audiences.worlds import World
from tests.unit.dispatch.test_dispatch_handler import Context, logged

EVENTS = Path(__file__).parents[3] / "events" / "audiences"
ANNA, PHONE = digest("anna@mail.example"), "+46701234567"
IN_GOOGLE = {("email", ANNA), ("phone", digest(PHONE))}
IN_META = {("email", ANNA), ("phone", digest(PHONE[1:]))}

Handle = Callable[..., list[str]]


@pytest.fixture
def handle(address: str, monkeypatch: pytest.MonkeyPatch) -> Handle:
    """Return what invokes the handler with a case, and returns which of its messages are kept."""
    world = World()
    world.join("u1", email="anna@mail.example", phone=PHONE)
    secrets = {"google": GOOGLE_SECRET, "meta": META_SECRET}
    monkeypatch.setenv("AUDIENCE_ENDPOINT", f"https://{address}")
    monkeypatch.setenv("WEBHOOK_PRIVATE_HOSTS", address)
    get_settings.cache_clear()
    monkeypatch.setattr(audiences, "_tokens", {})
    monkeypatch.setattr(audiences, "portraits", world.table)
    monkeypatch.setattr(audiences, "_now", lambda: world.now)
    monkeypatch.setattr(audiences.definitions, "catalogue", lambda now: world.catalogue)
    monkeypatch.setattr(audiences, "audience_secret", secrets.__getitem__)

    def invoke(case: str, context: Any = None) -> list[str]:
        event = json.loads((EVENTS / f"{case}.json").read_text())
        answer = audiences.handler(event, context or Context(left=180_000))
        return [failure["itemIdentifier"][-1] for failure in answer["batchItemFailures"]]

    yield invoke
    get_settings.cache_clear()


def test_the_cases_are_what_trigger_writes():
    world = World()
    world.join("u1", email="anna@mail.example", phone=PHONE)
    event = json.loads((EVENTS / "one_member_of_two_audiences.json").read_text())
    assert [record["body"] for record in event["Records"]] == world.take_hints()


def test_a_member_is_pushed_to_both_platforms(handle: Handle, platform: Platform):
    assert handle("one_member_of_two_audiences") == []
    assert platform.lists == {GOOGLE_LIST: IN_GOOGLE, META_LIST: IN_META}


def test_a_token_outlives_an_invocation(handle: Handle, platform: Platform):
    for _ in range(3):
        handle("one_member_of_two_audiences")
    assert len(platform.tokens) == 1


def test_what_cannot_be_read_harms_nobody_and_stays(handle: Handle, platform: Platform):
    assert handle("one_member_one_unreadable") == ["2"]
    assert platform.lists[GOOGLE_LIST] == IN_GOOGLE


def test_where_a_platform_refuses_for_good_an_error_is_logged_without_naming_anybody(
    handle: Handle, platform: Platform, caplog: pytest.LogCaptureFixture
):
    def refuse() -> None:
        platform.trouble = lambda: None
        raise google_refusal(403, "PERMISSION_DENIED")

    platform.trouble = refuse

    assert handle("one_member_of_two_audiences") == ["1"]
    assert platform.lists == {GOOGLE_LIST: set(), META_LIST: IN_META}
    error, counts = logged(caplog)
    assert (error["levelname"], error["audience"]) == ("ERROR", "buyers_google")
    assert error["why"] == "google_permission_denied"
    assert counts["kept_google_permission_denied"] == 1
    for secret in ("anna", ANNA, "ya29", "EAAB"):
        assert secret not in str((error, counts))


def test_without_time_everything_stays(handle: Handle, platform: Platform):
    assert handle("one_member_of_two_audiences", Context(left=60_000)) == ["1", "2"]
    assert platform.asked == []
