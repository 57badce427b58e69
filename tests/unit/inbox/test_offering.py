"""Offering: one write is judgement, content and sending; whatever speaks against it holds."""

import json
from dataclasses import replace
from typing import Any

import pytest

from portrait.catalogue import Catalogue
from portrait.compiled import Template
from portrait.dialogue import Dialogue
from portrait.dispatch import Fate
from portrait.erasure import erase
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.portrait import Portrait
from portrait.record import Write
from portrait.rendering import render_offer
from portrait.rendering.messages import MAX_OFFER_BYTES
from portrait.strand import Consent
from portrait.waiting import MAX_OFFERS, SNOOZE_MS
from tests.unit.core.worlds import NOON, an_event, play
from tests.unit.inbox.desk import (
    DAY,
    DOCUMENTS,
    HOME,
    OFFER,
    POLICY,
    World,
    a_template,
)


def amend(world: World, change: Any) -> None:
    """Write the portrait as somebody else would."""
    record = world.table.follow(HOME)
    assert record is not None
    portrait: Portrait = record.portrait
    change(portrait)
    world.table.write(Write(record, portrait.encode(), None), now=NOON)


def test_the_write_that_records_the_contact_is_the_sending():
    world = World()
    before = world.table.writes

    assert world.offer() == Fate("sent")

    assert world.table.writes == before + 1
    offer = world.view.offers[OFFER]
    assert offer.content == {"title": "Coffee for you", "text": "A free cup."}
    assert (offer.kind, offer.channels, offer.value) == ("offer", ("web", "app", "till"), 1.0)
    assert (offer.at, offer.expires_at, offer.snooze_ms) == (NOON, NOON + 14 * DAY, SNOOZE_MS)
    told = world.table.told[-1]
    assert [(one.id, one.channel, one.state) for one in told.contacts] == [(OFFER, "inbox", "sent")]
    assert [(one.step, one.state, one.message) for one in told.outcomes] == [
        ("coffee", "sent", OFFER)
    ]


def test_a_redelivered_message_writes_nothing_more():
    world = World()
    world.offer()
    writes = world.table.writes

    assert world.offer() == Fate("sent")
    assert world.table.writes == writes


def test_who_writes_in_between_costs_one_more_try_and_loses_nothing(monkeypatch):
    world = World()
    write, tries = world.table.write, [Conflict("somebody else")]

    def interfere(work: Write, *, now: int) -> None:
        if tries:
            play([an_event("m2", who={"user_id": "u1"})], _Raw(write, world))
            raise tries.pop()
        write(work, now=now)

    monkeypatch.setattr(world.table, "write", interfere)
    assert world.offer() == Fate("sent")
    assert OFFER in world.view.offers
    assert sum(strand.events for strand in world.table.follow(HOME).portrait.strands.values()) == 2


class _Raw:
    """The table, past the interference."""

    def __init__(self, write: Any, world: World) -> None:
        self.write = write
        self.load_resolved = world.table.load_resolved


def test_it_needs_no_consent_and_knows_no_caps_and_no_quiet_hours():
    policy = {
        **POLICY,
        "caps": [{"messages": 1, "window": "7d"}],
        "quiet_hours": {"from": "00:00", "to": "23:59", "time_zone": "UTC"},
    }
    world = World(Catalogue.compile([*DOCUMENTS, policy, a_template()]))

    fates = [world.offer(id=f"{n}" * 24, step=f"s{n}", campaign=f"c{n}") for n in range(3)]
    assert fates == [Fate("sent")] * 3


def test_a_control_group_an_expiry_and_once_hold_it():
    world = World()
    assert world.offer(arm="control") == Fate("held", "control_group")
    world = World()
    assert world.offer(expires_at=NOON) == Fate("held", "expired")
    world = World()
    world.offer(id="a" * 24, once=True)
    assert world.offer(id="b" * 24, once=True) == Fate("held", "already_sent")
    assert set(world.view.offers) == {"a" * 24}


def test_an_erasure_takes_the_inbox_along_and_nothing_is_offered_afterwards():
    world = World()
    world.offer()
    erase(HOME, world.table, clock=lambda: NOON + 1, pause=lambda _: None)

    assert world.offer(id="b" * 24) == Fate("held", "erased")
    assert world.waiting() == []
    assert world.say("accept") == 404


def test_what_came_too_late_for_its_dialogue_is_not_offered():
    world = World()
    over = Dialogue("winback", 1, "ended", "treated", NOON, NOON, ended_at=NOON, reason="bought")

    def leave(portrait: Portrait) -> None:
        portrait.strand(HOME).dialogues[f"journey-{OFFER}"] = over

    amend(world, leave)
    assert world.offer() == Fate("held", "left")
    assert world.view.offers == {}
    assert world.contact == "held"


def test_an_inbox_has_room_for_the_most_valuable():
    world = World()
    for n in range(MAX_OFFERS):
        world.offer(id=f"{n:024}", journey=f"j{n}", value=2.0)

    assert world.offer(id="x" * 24, value=1.0) == Fate("held", "outranked")
    assert world.offer(id="y" * 24, value=3.0) == Fate("sent")
    assert len(world.view.offers) == MAX_OFFERS
    assert world.waiting()[0] == "y" * 24


def test_a_template_that_cannot_be_written_fails_the_message_and_costs_nothing_else():
    world = World(
        Catalogue.compile([*DOCUMENTS, POLICY, a_template(text="{{ customer.shoe_size }}")])
    )
    assert world.offer() == Fate("failed", "render_error")
    assert world.view.offers == {}


def test_a_template_that_is_not_known_yet_leaves_the_message_on_the_queue():
    with pytest.raises(Unavailable):
        World().offer(template="new")


FULL = Template(
    "full", 1, "inbox", title="Hej\n{{ customer.name }}", text=" Hello. ",
    image="https://img.shop.example/{{ customer.size }}.png", url="https://shop.example/?a=1",
    accept="Yes", decline="No", script="Ask.", data='{"sku": {{ customer.size | json }}}',
)  # fmt: skip
KNOWN = {"customer": {"name": "Anna", "size": 42}}


def test_an_offer_is_written_with_everything_its_template_has():
    assert render_offer(FULL, KNOWN) == {
        "title": "Hej Anna",
        "text": "Hello.",
        "image": "https://img.shop.example/42.png",
        "url": "https://shop.example/?a=1",
        "accept": "Yes",
        "decline": "No",
        "script": "Ask.",
        "data": {"sku": 42},
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"url": "javascript:alert(1)"}, "render_error"),
        ({"url": "http://shop.example/"}, "render_error"),
        ({"url": "https://shop"}, "render_error"),
        ({"image": "https://a.example@b.example/"}, "render_error"),
        ({"image": "https://a.example/" + "x" * 1_000}, "render_error"),
        ({"data": "[1]"}, "render_error"),
        ({"data": "{"}, "render_error"),
        ({"text": "x" * 2_048}, "offer_too_large"),
    ],
)
def test_what_no_shop_could_show_is_refused(fields, reason):
    with pytest.raises(Rejected) as refusal:
        render_offer(replace(FULL, **fields), KNOWN)
    assert refusal.value.reason == reason


def test_an_inbox_full_of_the_largest_offers_still_fits_an_item_many_times():
    world = World(Catalogue.compile([*DOCUMENTS, POLICY, a_template(text="x" * 1_950)]))
    for n in range(MAX_OFFERS):
        world.offer(id=f"{n:024}", journey=f"j{n}")

    record = world.table.follow(HOME)
    assert len(json.dumps(world.view.offers["0" * 24].content)) <= MAX_OFFER_BYTES
    assert len(world.view.offers) == MAX_OFFERS
    assert len(record.state) < 50_000


def test_a_withdrawal_after_the_offer_hides_it_and_service_stays():
    world = World()
    world.offer()
    world.offer(id="b" * 24, purpose="service")

    def withdraw(portrait: Portrait) -> None:
        said = Consent("withdrawn", NOON, "web", b"m")
        portrait.strand(HOME).set_consent("*:*", said)

    amend(world, withdraw)
    assert world.waiting() == ["b" * 24]
    assert world.say("accept") == 404


@pytest.mark.parametrize("group", ["winback", "*"])
def test_who_turns_out_to_be_in_a_control_group_is_shown_nothing_more(group):
    world = World()
    world.offer()
    amend(world, lambda portrait: portrait.strand(HOME).set_arm(group, "control"))
    assert world.waiting() == []
