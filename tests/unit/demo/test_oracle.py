"""The oracle's own arithmetic: people, traits, words, sums and control groups."""

from decimal import Decimal

import pytest

from tests.demo.arms import arm, bucket
from tests.demo.expectations import Entry, entries, play
from tests.demo.oracle import DAY_MS, customers, home, once
from tests.demo.told import Heard

SECRET = b"s"
NOW = 1_800_000_000_000
MINUTE_MS = 60_000
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
        for key in ("onboarding", "abandoned_basket", "post_purchase", "win_back", "replenishment")
    )
)
WHO = (("user_id", TREATED), ("email", "who@example.com"))
JOINED = heard("1", "$identify", WHO, traits={"email": "who@example.com"})
YES = heard("2", "Consent Granted", WHO, ago=DAY_MS, properties=NEWSLETTER)


def order(id: str, *, phase: int = 1, revenue: float = 10, ago: int = 0) -> Heard:
    properties = {"order_id": id, "revenue": revenue}
    return heard(id, "Order Completed", WHO, phase=phase, ago=ago, properties=properties)


def basket(id: str, *, phase: int, minutes_ago: int) -> Heard:
    return heard(id, "Checkout Started", WHO, phase=phase, ago=minutes_ago * MINUTE_MS)


def entered(*events: Heard) -> list[Entry]:
    return entries(events, SECRET)


def words(*events: Heard) -> list[tuple[str, set[str]]]:
    """Return what becomes of what each entry says first."""
    return [(one.campaign, set(next(iter(one.path.values())))) for one in entered(*events)]


def test_a_welcome_is_sent_once():
    again = heard("9", "Consent Granted", WHO, phase=2, properties=NEWSLETTER)

    assert words(JOINED, YES, again) == [("onboarding", {"sent"})]


def test_onboarding_is_over_with_an_order_and_listens_until_then():
    (waiting,) = entered(JOINED, YES)
    onboarding, thanks = entered(JOINED, YES, order("3"))

    assert (waiting.left, waiting.goal) == ("", False)
    assert (onboarding.left, onboarding.goal) == ("goal", True)
    assert (thanks.left, thanks.goal) == ("done", False)


@pytest.mark.parametrize(
    ("told", "steps"),
    [
        ({}, {"welcome": {"sent"}, "first_look": {"looked"}, "first_order": {"sent"}}),
        ({"by": " by a machine"}, {"welcome": {"sent"}}),
        ({"subject": "Thank you, Anna"}, {"welcome": {"sent"}}),
    ],
    ids=["a click", "of a scanner", "in another letter"],
)
def test_a_click_in_the_welcome_brings_the_offer(told, steps):
    subject = told.get("subject", "Welcome. Good to have you here")
    name = f"Email Click{told.get('by', '')}"
    click = heard("3", name, WHO, phase=1, properties={"subject": subject})

    assert entered(JOINED, YES, click)[0].path == steps


def test_no_marketing_without_a_yes_but_service_all_the_same():
    assert words(JOINED, order("3", revenue=200)) == [
        ("post_purchase", {"held:no_consent"}),
        ("high_value_order", {"sent"}),
    ]


def test_an_order_of_four_days_ago_is_counted_and_not_thanked_for():
    assert words(JOINED, YES, order("3", ago=4 * DAY_MS))[1:] == []


def test_a_basket_is_abandoned_when_its_time_is_over_without_an_order():
    old, young = basket("4", phase=1, minutes_ago=50), basket("4", phase=1, minutes_ago=40)
    soon = basket("4", phase=1, minutes_ago=45)._replace(at=NOW - 45 * MINUTE_MS + 9_000)

    assert words(JOINED, old) == words(JOINED, soon) == [("abandoned_basket", {"held:no_consent"})]
    assert entered(JOINED, young) == []
    assert len(play([JOINED, young], SECRET).baskets) == 1


@pytest.mark.parametrize(
    ("minutes_ago", "campaigns"),
    [(39, {"post_purchase"}), (20, {"post_purchase"}), (41, {"post_purchase"})],
    ids=["at once", "in time", "before it"],
)
def test_a_basket_that_is_ordered_is_not_abandoned(minutes_ago, campaigns):
    known = [JOINED, basket("4", phase=1, minutes_ago=40)]
    bought = order("5", phase=2, ago=minutes_ago * MINUTE_MS)

    assert {one.campaign for one in entered(*known, bought)} == campaigns
    assert len(play([*known, bought], SECRET).baskets) == (minutes_ago == 41)


def test_an_order_after_the_time_is_over_reaches_the_goal():
    known = [JOINED, YES, basket("4", phase=1, minutes_ago=90)]

    left = entered(*known, order("5", phase=2, ago=10 * MINUTE_MS))[1]

    assert (left.campaign, left.goal, left.left) == ("abandoned_basket", True, "done")


def test_who_bought_long_ago_is_won_back_and_who_is_late_reminded():
    long_ago = [order(str(n), phase=0, ago=(200 + n) * DAY_MS) for n in (3, 4)]
    late = [order(str(n), phase=0, ago=(33 + 21 * n) * DAY_MS) for n in (1, 2, 3)]

    assert words(JOINED, YES, *long_ago)[1:] == [("win_back", {"sent"})]
    assert words(JOINED, YES, *late)[1:] == [("replenishment", {"sent"})]
    assert words(JOINED, YES, *late, order("9", phase=0, ago=5 * DAY_MS))[1:] == []


def test_a_score_over_the_line_is_worth_a_letter_or_for_a_good_customer_a_call():
    def scored(score: float) -> Heard:
        return heard("5", "$identify", WHO, traits={"score.churn": score})

    much = order("4", phase=0, ago=9 * DAY_MS, revenue=600)

    assert entered(JOINED, scored(0.6)) == []
    letter, call = entered(JOINED, scored(0.7))[-1], entered(JOINED, much, scored(0.7))[-1]
    assert letter.path == {"worth_a_call": {"otherwise"}, "letter": {"held:no_consent"}}
    assert call.path == {"worth_a_call": {"call"}, "call": {"sent"}}


def test_the_fourth_marketing_mail_of_a_week_is_held_back():
    orders = [order(str(3 + phase), phase=phase) for phase in (1, 2, 3)]

    assert words(JOINED, YES, *orders)[1:] == [
        ("post_purchase", {"sent"}),
        ("post_purchase", {"sent"}),
        ("post_purchase", {"held:cap"}),
    ]


def test_the_last_place_is_kept_for_a_basket_that_is_worth_more():
    orders = [order(str(3 + phase), phase=phase, ago=2 * DAY_MS) for phase in (1, 3)]
    left = basket("5", phase=2, minutes_ago=10)

    assert words(JOINED, YES, *orders)[2] == ("post_purchase", {"sent"})
    assert words(JOINED, YES, *orders, left)[2] == ("post_purchase", {"waiting:outranked"})


def test_nothing_more_goes_to_an_address_that_bounced():
    bounce = heard("3", "Email Bounce", WHO, phase=1, properties={"type": "Permanent"})

    assert words(JOINED, YES, bounce, order("4", phase=2))[1:] == [
        ("post_purchase", {"held:suppressed"})
    ]


def test_a_mind_that_changes_within_a_phase_allows_either():
    no = heard("4", "Unsubscribed", WHO, phase=1, properties=NEWSLETTER)

    assert words(JOINED, YES, order("3"), no)[1:] == [
        ("post_purchase", {"sent", "held:no_consent"})
    ]
