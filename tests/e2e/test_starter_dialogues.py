"""The starter campaigns on the deployed product, all side by side, with timers that really fire.

They are published as they are, but for their control groups, which are empty, and for onboarding's
waits of days, which are a minute each, or until a time of day that comes soon. Where a campaign
waits for half a year or for longer than is usual for somebody, history is imported that lacks some
seconds of it.
"""

from collections.abc import Iterator

import pytest

from tests.demo.play import clock
from tests.demo.shop_day import publish
from tests.demo.stack import running_stack
from tests.e2e.starters import DAY, Shop, eventually, order, track, whole_minute

SOON = 25
"""Seconds that the imported histories lack: more than it takes to import them."""

HERE, ELSEWHERE = "Asia/Kathmandu", "America/Lima"
CAMPAIGNS = (
    "abandoned_basket", "birthday", "churn_risk", "onboarding", "post_purchase", "replenishment",
    "win_back",
)  # fmt: skip
WELCOME, LAST_CALL = "Welcome. Good to have you here", "Your first order, with something from us"
BASKET, WISHES = "Your basket is waiting", "Happy birthday"
MISSED, LETTER, LATE = "It has been a while", "Are we still good for you?", "Running low?"
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A shop whose customers all begin their stories at once; each test waits for one's end."""
    with running_stack(parameters={"DefinitionsMaxAgeSeconds": "1"}) as stack:
        hour = whole_minute(80, HERE)
        publish(
            stack,
            {f"campaign/{key}.control": "0" for key in CAMPAIGNS}
            | {
                "policy/default.control": "0",
                "campaign/high_value_order.status": "paused",
                "campaign/birthday.entry.at": f"{hour:%H:%M}",
                "campaign/onboarding.steps.1.wait_for.timeout": "1m",
                "campaign/onboarding.steps.3.wait.for": "1m",
                "campaign/onboarding.steps.4.wait.until": f"{hour:%H:%M}",
            },
        )
        begun = Shop(stack)
        begin(begun, f"1990-{hour:%m-%d}")
        yield begun


def begin(shop: Shop, birthday: str) -> None:
    nearly = 45 * 60 - SOON
    shop.account("curious", timezone=HERE)
    shop.account("silent", timezone=HERE)
    for user in ("forgetful", "buyer"):
        shop.account(user, track("Checkout Started", ago=nearly), ago=300 * DAY)
    shop.tell("buyer", order("B-1"))
    shop.account("lost", order("L-1", ago=200 * DAY), order("L-2", ago=180 * DAY - SOON),
                 ago=300 * DAY)  # fmt: skip
    regular = [order(f"R-{n}", ago=(24 + 20 * n) * DAY - SOON) for n in range(4)]
    shop.account("regular", *regular, ago=300 * DAY)
    shop.account("jubilar", ago=300 * DAY, timezone=HERE, birthday=birthday)
    shop.account("elsewhere", ago=300 * DAY, timezone=ELSEWHERE, birthday=birthday)
    for user, revenue in (("shaky", 40), ("valued", 900)):
        shop.account(user, order(f"{user}-1", ago=9 * DAY, revenue=revenue), ago=300 * DAY)
        score(shop, user, 0.8)
    assert eventually(lambda: shop.subjects("curious"))
    shop.click("curious", "onboarding")


def score(shop: Shop, user: str, churn: float) -> None:
    shop.tell(user, {"type": "identify", "traits": {"score.churn": churn}})


def test_a_score_that_trembles_writes_once_and_a_good_customer_is_called(shop: Shop):
    assert eventually(lambda: shop.subjects("shaky") == [LETTER])
    for churn in (0.6, 0.75, 0.4, 0.9):  # and whoever falls below the line is not asked again soon
        score(shop, "shaky", churn)
    shop.tell("shaky", order("shaky-2"))
    assert eventually(lambda: len(shop.subjects("shaky")) > 1)

    assert eventually(
        lambda: shop.path("shaky", "churn_risk") == {"worth_a_call": "otherwise", "letter": "sent"}
    )
    assert shop.subjects("shaky")[1].startswith("Thank you")
    assert eventually(lambda: shop.inbox("valued", "call_centre") == ["churn_risk"])
    assert shop.subjects("valued") == []


def test_who_has_lapsed_is_missed_and_who_is_later_than_usual_reminded(shop: Shop):
    for user, campaign, subject in (
        ("lost", "win_back", MISSED),
        ("regular", "replenishment", LATE),
    ):
        assert eventually(lambda user=user: shop.subjects(user)) == [subject]
        (entry,) = shop.dossiers(user, campaign)
        assert entry["entered_at"] - entry["occurred_at"] < MINUTE_MS


def test_a_basket_is_asked_about_after_three_quarters_of_an_hour_unless_it_is_ordered(shop: Shop):
    assert eventually(lambda: shop.subjects("forgetful")) == [BASKET]

    (entry,) = shop.dossiers("forgetful", "abandoned_basket")
    assert entry["entered_at"] - entry["occurred_at"] >= 45 * MINUTE_MS
    assert eventually(lambda: shop.subjects("buyer"))  # whose time was over at the same moment
    assert [one[:9] for one in shop.subjects("buyer")] == ["Thank you"]
    assert shop.dossiers("buyer", "abandoned_basket") == []


def test_onboarding_goes_on_where_nobody_acts_and_stops_with_an_order(shop: Shop):
    assert eventually(lambda: shop.inbox("silent", "till") == ["onboarding"])
    assert eventually(lambda: shop.path("silent", "onboarding").get("first_look") == "timeout")
    shop.tell("silent", order("S-1"))
    assert eventually(lambda: "left_by" in shop.dossiers("silent", "onboarding")[0])

    (entry,) = shop.dossiers("silent", "onboarding")
    assert (entry["left_by"], "goal_at" in entry, "last_call" in entry["path"]) == (
        "goal", True, False,
    )  # fmt: skip
    assert eventually(lambda: shop.inbox("silent", "till") == [])


def test_onboarding_takes_who_looks_around_through_three_steps_on_two_channels(shop: Shop):
    assert eventually(lambda: shop.inbox("curious", "app") == ["onboarding"])
    assert eventually(lambda: "last_call" in shop.path("curious", "onboarding"), 150)

    assert shop.path("curious", "onboarding") == {
        "welcome": "sent", "first_look": "looked", "first_order": "sent", "last_call": "sent",
    }  # fmt: skip
    assert shop.subjects("curious") == [WELCOME, LAST_CALL]
    assert shop.subjects("silent")[0] == WELCOME
    assert LAST_CALL not in shop.subjects("silent")


def test_wishes_come_on_the_day_at_the_hour_that_the_customers_own_clock_shows(shop: Shop):
    assert eventually(lambda: shop.subjects("jubilar")) == [WISHES]
    assert shop.subjects("elsewhere") == []


def test_no_timer_is_left_for_what_is_over_nor_for_who_is_forgotten(shop: Shop):
    assert eventually(lambda: [at > clock() for at in timers(shop, "lost")] == [True])

    shop.erase("lost")

    assert eventually(lambda: timers(shop, "lost") == [])
    for user in ("curious", "forgetful"):  # nothing is to come
        assert eventually(lambda user=user: timers(shop, user) == [])
    month = clock() + 20 * DAY * 1000
    for user in ("silent", "buyer"):  # the month is to end in which they count as active
        assert eventually(
            lambda user=user: [at > month for at in timers(shop, user)] == [True],
        )
    assert all(len(each) == 1 for each in shop.timers().values())
    assert eventually(lambda: min(min(each) for each in shop.timers().values()) > clock())


def timers(shop: Shop, user: str) -> list[int]:
    return shop.timers().get(shop.home(user), [])
