"""The starters: they check, they render for anybody, and they start when they should."""

import json
from decimal import Decimal

import pytest

from portrait import rendering
from portrait.catalogue import Catalogue
from portrait.changes import Happening
from portrait.conditions import Situation
from portrait.definitions.checking import check
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.event import Event
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait

NOW = 1_780_000_000_000
DRAFTS = read_folder(STARTERS)
CATALOGUE = Catalogue.compile(canonical(draft.definition) for draft in DRAFTS)
NEWSLETTER = {"channel": "email", "purpose": "marketing"}
UNSUBSCRIBE = "https://p.example/u/token"

NOBODY = {"orders_ever": 0, "orders_30d": 0, "spend_30d": 0}
SOMEBODY = NOBODY | {"firstName": "Åsa <b>", "email": "asa@example.com", "orders_ever": 3}
BARE = {"name": "x", "at": NOW, "properties": {}, "traits": {}}
FULL = {
    "order_id": 'W-"1"', "revenue": 249.5, "currency": "SEK", "value": 99.9,
    "products": [{"name": "Oak chair"}, {"product_id": "L-1"}, {}],
}  # fmt: skip


def portrait_after(*events):
    """Fold (name, properties, age in ms) through the real strand, with the e-mail address known."""
    portrait = Portrait("a")
    for number, (name, properties, age) in enumerate(events):
        event = Event(
            id=str(number), source="web", kind="track", name=name, timestamp=NOW - age,
            received_at=NOW, properties=properties, traits={"email": "a@example.com"},
        )  # fmt: skip
        portrait.strand("a").fold(event, number.to_bytes(6, "big"), CATALOGUE.metrics)
    return portrait


def started_by(*events):
    """Return the campaigns that the last of the events starts."""
    name, properties, age = events[-1]
    happening = Happening("0a", "web", "track", name, NOW - age, NOW, "a", properties)
    situation = Situation(
        portrait_after(*events).view(CATALOGUE, NOW), happening, CATALOGUE.segments
    )
    campaigns = (one for one in CATALOGUE.campaigns if name in one.entry.events)
    return {one.key for one in campaigns if one.entry.where(situation)}


def test_the_starters_hold_together():
    check(DRAFTS, rendering.check)


@pytest.mark.parametrize(
    ("events", "campaigns"),
    [
        ([("Consent Granted", NEWSLETTER, 0)], {"onboarding"}),
        ([("Consent Granted", {**NEWSLETTER, "channel": "sms"}, 0)], set()),
        ([("Consent Granted", {**NEWSLETTER, "purpose": "research"}, 0)], set()),
        ([("Checkout Started", {}, 0)], {"abandoned_basket"}),
        ([("Order Completed", {}, DAY_MS), ("Checkout Started", {}, 0)], {"abandoned_basket"}),
        ([("Order Completed", {"revenue": 199.99}, 0)], {"post_purchase"}),
        ([("Order Completed", {"revenue": 200}, 0)], {"post_purchase", "high_value_order"}),
        ([("Order Completed", {"revenue": "1200.00"}, 0)], {"post_purchase", "high_value_order"}),
        ([("Product Viewed", {}, 0)], set()),
    ],
)
def test_campaigns_start_when_they_should(events, campaigns):
    assert started_by(*events) == campaigns


def test_onboarding_waits_for_an_address():
    view = Portrait("a").view(CATALOGUE, NOW)
    happening = Happening("0a", "web", "track", "Consent Granted", NOW, NOW, "a", NEWSLETTER)

    (onboarding,) = (one for one in CATALOGUE.campaigns if one.key == "onboarding")
    assert not onboarding.entry.where(Situation(view, happening))


def known(customer, properties):
    return {
        "customer": customer, "event": BARE | {"properties": properties}, "campaign": "thanks",
        "message_id": "m1", "unsubscribe_url": UNSUBSCRIBE, "trap_url": UNSUBSCRIBE, "now": NOW,
        "time_zone": None,
    }  # fmt: skip


EMAILS = sorted(key for key, one in CATALOGUE.templates.items() if one.channel == "email")


@pytest.mark.parametrize("customer", [{}, NOBODY, SOMEBODY], ids=["unknown", "nobody", "somebody"])
@pytest.mark.parametrize("properties", [{}, FULL], ids=["bare", "full"])
@pytest.mark.parametrize("key", EMAILS)
def test_mails_read_well_whatever_is_known(key, properties, customer):
    email = rendering.render_email(CATALOGUE.templates[key], known(customer, properties))

    assert UNSUBSCRIBE in email.text
    assert f'href="{UNSUBSCRIBE}"' in email.html
    assert ("Åsa <b>" in email.text) is (customer is SOMEBODY)
    assert "<b>" not in email.html
    for part in (email.subject, email.text, email.html):
        assert "{" not in part
        assert " ," not in part
        assert " ." not in part
    assert not any(line != line.rstrip() for line in email.text.splitlines())
    assert "\n\n\n" not in email.text


@pytest.mark.parametrize(("properties", "revenue"), [({}, None), (FULL, 249.5)])
def test_the_webhook_says_json_whatever_is_known(properties, revenue):
    template = CATALOGUE.templates["high_value_order"]
    body = json.loads(rendering.render_webhook(template, known(SOMEBODY, properties)))

    assert body["order"]["revenue"] == revenue
    assert body["order"]["id"] == properties.get("order_id")
    assert body["customer"]["email"] == "asa@example.com"


def test_segments_and_traits_follow_a_customer():
    portrait = portrait_after(
        ("Order Completed", {"revenue": 450.0}, 200 * DAY_MS),
        ("Order Completed", {"revenue": 50.5}, 31 * DAY_MS),
        *[
            ("Product Viewed", {"product_id": f"T-{n}", "category": "ab"[n > 0]}, n * 1000)
            for n in range(3)
        ],
    )
    now = portrait.view(CATALOGUE, NOW)
    later = portrait.view(CATALOGUE, NOW + 150 * DAY_MS)

    def segments(view):
        situation = Situation(view, None, CATALOGUE.segments)
        return {key for key, belongs in CATALOGUE.segments.items() if belongs(situation)}

    assert segments(now) == {"vip", "looking_around"}
    assert segments(later) == {"vip", "lapsed_buyer"}
    assert now.trait("spend_ever") == Decimal("500.5")
    assert (now.trait("orders_30d"), now.trait("product_views_7d")) == (0, 3)
    assert (now.trait("last_product_viewed"), now.trait("favourite_category")) == ("T-0", "b")
    assert now.trait("average_order_value") == Decimal("250.25")
    assert now.trait("seconds_since_last_order") == 31 * 86_400


def test_sources_cover_each_way_in():
    assert {source.kind for source in CATALOGUE.sources.values()} == {
        "browser", "mobile", "server", "queue",
    }  # fmt: skip
    assert CATALOGUE.sources["import"].max_age_days > 16 * 365
