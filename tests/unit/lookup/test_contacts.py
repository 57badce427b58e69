"""What was said to a customer and why not, as a till or a call centre reads it."""

from dataclasses import replace

import pytest

from portrait.dialogue import Dialogue
from portrait.strand import Contact
from portrait.waiting import Waiting
from tests.unit.core.worlds import NOON, an_event, play
from tests.unit.lookup.desk import Counted, read

HOUR = 3_600_000


@pytest.fixture
def table() -> Counted:
    """Anna: one message went after a night, one was held, one waits; one dialogue runs."""
    table = play([an_event("m1", at=NOON - HOUR, who={"user_id": "u1"})], Counted(), batch=1)
    (home,) = table.items
    portrait = table.items[home].portrait
    strand = portrait.strand(home)
    sent = Contact("a", "email", "marketing", "welcome", NOON - HOUR, "sent", "quiet_hours")
    held = Contact("b", "sms", "marketing", "basket", NOON - 2 * HOUR, "held", "no_consent")
    strand.contacts.update({"a": sent, "b": held})
    strand.waiting["c"] = Waiting(
        "j", "basket", 1, "0", "email", "t", "marketing", 1.0, NOON, NOON, NOON + 9 * HOUR,
        NOON - 60_000, NOON + HOUR, "cap",
    )  # fmt: skip
    strand.dialogues["j"] = Dialogue(
        "basket", 2, "running", "treated", NOON, NOON, entered_at=NOON, step="0", since=NOON
    )
    table.items[home] = replace(table.items[home], state=portrait.encode())
    return table


def test_each_message_says_what_became_of_it_and_why(table):
    found = read(table, "user_id:u1/messages")["data"]

    assert [(one["id"], one["state"], one["reason"]) for one in found] == [
        ("c", "waiting", "cap"), ("a", "sent", "quiet_hours"), ("b", "held", "no_consent"),
    ]  # fmt: skip
    assert found[0]["until"] == "2024-10-04T13:00:00.000Z"
    assert found[2]["because"].startswith("The customer has not agreed")


def test_messages_of_some_channels_can_be_asked_for_in_pages(table):
    first = read(table, "user_id:u1/messages", "include=email&limit=1")
    cursor = first["cursor"]["next"]
    second = read(table, "user_id:u1/messages", f"include=email&limit=1&next={cursor}")

    assert [one["id"] for one in first["data"] + second["data"]] == ["c", "a"]
    assert not second["cursor"]["has_more"]


def test_where_a_customer_is_in_campaigns_can_be_read(table):
    (one,) = read(table, "user_id:u1/dialogues")["data"]

    assert (one["campaign"], one["version"], one["state"], one["step"]) == (
        "basket",
        2,
        "running",
        "0",
    )
    assert (one["left_at"], one["goal_at"]) == (None, None)
