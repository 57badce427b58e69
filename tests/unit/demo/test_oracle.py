"""The oracle's own arithmetic: people, traits, words, sums and control groups."""

from decimal import Decimal

import pytest

from tests.demo.arms import arm, bucket
from tests.demo.expectations import entries
from tests.demo.oracle import DAY_MS, customers, home, once
from tests.demo.told import Heard

SECRET = b"s"
NOW = 1_800_000_000_000
NEWSLETTER = {"channel": "email", "purpose": "marketing"}
ANNA = (("user_id", "anna"), ("email", "anna@example.com"))


def heard(id: str, name: str, who=ANNA, *, ago: int = 0, phase: int = 0, **more) -> Heard:
    """Return an event that happened `ago` ms ago; ids that are numbers give the order too."""
    order = int(id) if id.isdigit() else 0
    properties, traits = more.get("properties", {}), more.get("traits", {})
    return Heard(phase, order, "web", id, "track", name, who, NOW - ago, ago, properties, traits)


def only(*events: Heard):
    (customer,) = customers(events, SECRET)
    return customer


def test_whoever_shares_an_identifier_is_one_person():
    a, b, c = (("anonymous_id", "a"),), (("anonymous_id", "b"),), (("email", "c@example.com"),)
    events = [heard("1", "x", a), heard("2", "x", c), heard("3", "x", b), heard("4", "x", (*c, *a))]

    people = sorted(customers(events, SECRET), key=lambda customer: customer.events)

    assert [customer.events for customer in people] == [1, 3]
    assert people[1].root == home(SECRET, "email", "c@example.com")


def test_the_home_of_an_identifier_is_what_the_design_says():
    # printf 'email\0a@b.se' | openssl dgst -sha256 -hmac key -binary | head -c16 | base32
    assert home(b"key", "email", "a@b.se") == "cyczqaamxqdlwoxzgeoalm34eey"


def test_the_latest_word_on_a_trait_stands_and_null_removes():
    customer = only(
        heard("1", "$identify", ago=10, traits={"city": "Oslo", "age": 30}),
        heard("2", "$identify", ago=20, traits={"city": "Bergen"}),
        heard("3", "$identify", ago=5, traits={"age": None}),
    )

    assert customer.traits() == {"city": "Oslo"}


def test_consent_goes_by_the_order_of_receipt_not_by_the_clients_clock():
    customer = only(
        heard("1", "Consent Granted", ago=0, properties=NEWSLETTER),
        heard("2", "Unsubscribed", ago=500, properties=NEWSLETTER),
    )

    assert customer.consents() == {("email", "marketing"): "withdrawn"}
    assert customer.consents(until=1) == {("email", "marketing"): "granted"}


def test_sums_are_exact_and_windows_are_open_at_their_start():
    customer = only(
        heard("1", "Order Completed", ago=30 * DAY_MS, properties={"revenue": 0.1}),
        heard("2", "Order Completed", ago=30 * DAY_MS - 1, properties={"revenue": "0.20"}),
        heard("3", "Order Completed", properties={"revenue": 0.7}),
    )

    assert customer.total("Order Completed", "revenue", now=NOW, days=30) == Decimal("0.90")
    assert customer.total("Order Completed", None, now=NOW, days=None) == 3


def test_an_id_counts_once_per_source():
    events = [heard("1", "x"), heard("1", "x"), heard("1", "x")._replace(source="shop")]

    assert len(once(events)) == 2


@pytest.mark.parametrize(
    ("seed", "subject", "expected"),
    [
        ("seed", "a", 0.0505),
        ("seed", "b", 0.2696),
        ("foo", "ab", 0.2575),
        ("foo", "def", 0.2019),
        ("89123klj", "8952klfjas09ujkasdf", 0.124),
        ("90850943850283058242805", "123", 0.7516),
        ("()**(%$##$%#$#", '___)((*":&', 0.0128),
    ],
)
def test_the_hash_gives_growthbooks_published_values(seed, subject, expected):
    assert bucket(seed, subject) == expected


def test_service_messages_know_no_programme_wide_hold_out():
    subject = next(s for s in map(str, range(1000)) if bucket("programme", s) < 0.05)

    assert arm("c", subject, 0) == "control"
    assert arm("c", subject, 0, service=True) == "treated"


# What the starters do, for somebody who is in no control group.

TREATED = next(
    name
    for name in (f"u{number}" for number in range(1000))
    if all(
        arm(key, home(SECRET, "user_id", name), 0.1) == "treated"
        for key in ("welcome", "abandoned_basket", "post_purchase")
    )
)
WHO = (("user_id", TREATED), ("email", "who@example.com"))
JOINED = heard("1", "$identify", WHO, traits={"email": "who@example.com"})
YES = heard("2", "Consent Granted", WHO, properties=NEWSLETTER)


def order(id: str, *, phase: int = 1, revenue: float = 10, ago: int = 0) -> Heard:
    properties = {"order_id": id, "revenue": revenue}
    return heard(id, "Order Completed", WHO, phase=phase, ago=ago, properties=properties)


def outcomes(*events: Heard) -> list[tuple[str, set[str]]]:
    return [(entry.campaign, set(entry.outcomes)) for entry in entries(events, SECRET)]


def test_a_welcome_is_sent_once():
    again = heard("9", "Consent Granted", WHO, phase=2, properties=NEWSLETTER)

    assert outcomes(JOINED, YES, again) == [("welcome", {"sent"})]


def test_no_marketing_without_a_yes_but_service_all_the_same():
    assert outcomes(JOINED, order("3", revenue=200)) == [
        ("post_purchase", {"no_consent"}),
        ("high_value_order", {"sent"}),
    ]


def test_an_order_of_four_days_ago_is_counted_and_not_thanked_for():
    assert outcomes(JOINED, YES, order("3", ago=4 * DAY_MS))[1:] == []


def test_a_basket_after_an_order_is_not_abandoned():
    basket = heard("4", "Checkout Started", WHO, phase=2)

    assert outcomes(JOINED, basket) == [("abandoned_basket", {"no_consent"})]
    assert [key for key, _ in outcomes(JOINED, order("3"), basket)] == ["post_purchase"]


def test_the_fourth_marketing_mail_of_a_week_is_held_back():
    orders = [order(str(3 + phase), phase=phase) for phase in (1, 2, 3)]

    assert outcomes(JOINED, YES, *orders)[1:] == [
        ("post_purchase", {"sent"}),
        ("post_purchase", {"sent"}),
        ("post_purchase", {"cap"}),
    ]


def test_nothing_more_goes_to_an_address_that_bounced():
    bounce = heard("3", "Email Bounce", WHO, phase=1, properties={"type": "Permanent"})

    assert outcomes(JOINED, YES, bounce, order("4", phase=2))[1:] == [
        ("post_purchase", {"suppressed"})
    ]


def test_a_mind_that_changes_within_a_phase_allows_either_outcome():
    no = heard("4", "Unsubscribed", WHO, phase=1, properties=NEWSLETTER)

    assert outcomes(JOINED, YES, order("3"), no)[1:] == [("post_purchase", {"sent", "no_consent"})]
