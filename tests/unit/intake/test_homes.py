"""Only our own functions may address an event to a home."""

import msgspec
import pytest

from portrait.event import Event
from portrait.identity import STRENGTH, home
from portrait.intake.homes import HOME, at_home

GOOD = "gaaaaaaaaaaaaaaaaaaaaaaaaaa"
CLAIMS = {
    "external id": {"context": {"externalIds": [{"type": HOME, "id": GOOD}]}},
    "external id of users": {
        "context": {"externalIds": [{"type": HOME, "id": GOOD, "collection": "users"}]}
    },
    "trait": {"traits": {HOME: GOOD, "home": GOOD}},
    "trait of the context": {"context": {"traits": {HOME: GOOD}}},
    "identifiers": {"identifiers": [[HOME, GOOD]], HOME: GOOD},
    "user id": {"userId": GOOD},
}


@pytest.mark.parametrize("call", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("kind", ["identify", "track"])
def test_no_client_can_address_an_event_to_a_home(shop, kind, call):
    shop.batch({"type": kind, "event": "E", "anonymousId": "a1", **call}, key="shop")

    (event,) = shop.events
    assert not [pair for pair in event.identifiers if pair[0].startswith("$")]


def test_no_channel_system_can_either(shop):
    from portrait.intake import queue_message

    for call in CLAIMS.values():
        body = msgspec.json.encode({"type": "identify", "anonymousId": "a1", **call}).decode()
        items = queue_message(body, catalogue=shop.catalogue, received_at=10**12, message_id="q")
        assert isinstance(items[0], Event)
        assert not [pair for pair in items[0].identifiers if pair[0].startswith("$")]


@pytest.mark.parametrize("namespace", [*STRENGTH, "crm_id"])
def test_every_home_is_one(namespace):
    made = home(b"secret", namespace, "value")

    assert at_home(made) == ((HOME, made),)


@pytest.mark.parametrize(
    "none", ["", "a", GOOD + "a", GOOD.upper(), "1" + GOOD[1:], None, 5, GOOD + "\n"]
)
def test_what_is_no_home_is_nobody(none):
    assert at_home(none) == ()
