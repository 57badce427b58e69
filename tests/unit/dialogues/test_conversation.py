"""Conversations: who enters what and how often, and what becomes of it through merges and time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.conversation import Conversation
from portrait.effects import Outcome
from portrait.happening import Happening
from portrait.portrait import Portrait
from portrait.stimulus import Start, Stimulus
from portrait.unmerging import undo
from tests.unit.dialogues.shop import ANNA, DAY_MS, HOUR, MINUTE, NOW, Shop, a_campaign, letter

COOKIE = {"anonymous_id": "c1"}
PHONE = {"anonymous_id": "c2"}
BASKET = {"event": "Checkout Started", "absent": {"event": "Order Completed", "within": "45m"}}
RUNNING = [{"wait": {"for": "9d"}}]


def states(shop, who=None):
    return [(one.state, one.reason) for one in shop.dialogues(who)]


def test_an_event_lets_its_customer_in_and_the_message_goes_once():
    shop = Shop(a_campaign([letter()]))
    shop.happens("Started")

    assert shop.sent == ["c"]
    assert [(one.arm, one.path, one.left_by) for one in shop.dossiers()] == [
        ("treated", {"0": "sent"}, "done")
    ]


def test_once_is_once_also_for_two_visitors_who_turn_out_to_be_one():
    shop = Shop(a_campaign(RUNNING, reentry="once"))
    for who in (COOKIE, PHONE):
        shop.happens("Started", who)
    assert len(shop.dossiers()) == 2  # nobody could know
    shop.happens("$identify", {**ANNA, **COOKIE})
    shop.happens("$identify", {**ANNA, **PHONE})
    shop.happens("Started")

    assert len(shop.dossiers()) == 2
    assert len(shop.dialogues()) == 2  # both go on


def test_a_key_lets_in_once_for_each_value_whoever_tells_it():
    shop = Shop(a_campaign(RUNNING, key_property="order_id"))
    shop.happens("Started", order_id="1")
    shop.happens("Started", order_id="1")
    shop.happens("Started", {**ANNA, **COOKIE}, order_id="1")
    shop.happens("Started", order_id="2")

    assert len(shop.dossiers()) == 2


def test_the_same_key_of_two_customers_is_two_entries():
    shop = Shop(a_campaign(RUNNING, key_property="product"))
    for name in ("anna", "bo"):
        shop.happens("Started", {"user_id": name}, product="lamp")

    assert len(shop.dossiers()) == 2


def test_who_entered_may_enter_again_only_after_so_long():
    shop = Shop(a_campaign([letter()], reentry={"after": "30d"}))
    shop.happens("Started")
    shop.passes(30 * DAY_MS - 1)
    shop.happens("Started")
    assert shop.sent == ["c"]
    shop.passes(1)
    shop.happens("Started")

    assert shop.sent == ["c", "c"]


def test_no_more_run_at_once_than_are_allowed():
    shop = Shop(a_campaign(RUNNING, at_most=2))
    for _ in range(4):
        shop.happens("Started")

    assert len(shop.dossiers()) == 2


def test_nobody_is_in_more_than_twenty_five_dialogues_at_once():
    shop = Shop(a_campaign(RUNNING))
    for _ in range(30):
        shop.happens("Started")

    assert len(shop.dossiers()) == 25


def test_what_is_heard_of_too_late_starts_nothing():
    shop = Shop(a_campaign([letter()]))
    shop.happens("Started", at=NOW - 3 * DAY_MS - 1)
    assert shop.sent == []
    shop.happens("Started", at=NOW - 3 * DAY_MS)

    assert len(shop.dossiers()) == 1


def test_an_absence_lets_in_when_it_is_certain_and_not_before():
    shop = Shop(a_campaign([letter()], entry=BASKET))
    shop.happens("Checkout Started")
    shop.passes(45 * MINUTE - 1)
    assert shop.sent == []
    shop.passes(1)

    assert shop.sent == ["c"]


@pytest.mark.parametrize(
    "order",
    [
        lambda shop: (shop.passes(10 * MINUTE), shop.happens("Order Completed")),
        lambda shop: (
            shop.passes(50 * MINUTE), shop.happens("Order Completed", at=NOW + 10 * MINUTE),
        ),
    ],
    ids=["in time", "in time, and heard of too late"],
)  # fmt: skip
def test_whoever_does_it_in_time_is_not_let_in(order):
    shop = Shop(a_campaign([letter()], entry=BASKET))
    shop.happens("Checkout Started")
    order(shop)
    shop.passes(DAY_MS)

    late = shop.now > NOW + DAY_MS + 40 * MINUTE
    assert shop.sent == (["c"] if late else [])


def test_an_order_heard_of_before_its_checkout_or_with_it_counts_as_well():
    first, both = (Shop(a_campaign([letter()], entry=BASKET)) for _ in range(2))
    first.now += 20 * MINUTE
    first.happens("Order Completed", at=NOW + 10 * MINUTE)
    first.happens("Checkout Started", at=NOW)
    both.now += 20 * MINUTE
    both.hears([
        ("Checkout Started", ANNA, NOW, {}), ("Order Completed", ANNA, NOW + 10 * MINUTE, {}),
    ])  # fmt: skip
    for shop in (first, both):
        shop.passes(DAY_MS)
        assert shop.sent == []


def test_a_repetition_starts_the_time_of_an_absence_anew():
    shop = Shop(a_campaign([letter()], entry=BASKET))
    shop.happens("Checkout Started")
    shop.passes(30 * MINUTE)
    shop.happens("Checkout Started")
    shop.passes(30 * MINUTE)
    assert shop.sent == []
    shop.passes(15 * MINUTE)

    assert shop.sent == ["c"]


def test_a_condition_lets_in_when_it_begins_to_hold_also_by_time_alone():
    entry = {"becomes": {"not": {"event": "Order Completed", "within": "50h"}}}
    where = {"event": "Order Completed"}
    shop = Shop(a_campaign([letter()], entry={**entry, "where": where}))
    shop.happens("Order Completed")
    shop.passes(50 * HOUR - 1)
    assert shop.sent == []
    shop.passes(1)

    assert shop.sent == ["c"]


def test_a_score_that_trembles_lets_nobody_in_twice():
    entry = {
        "becomes": {"score": "churn", "at_least": 0.7}, "until": {"score": "churn", "below": 0.5},
    }  # fmt: skip
    shop = Shop(a_campaign([letter()], entry=entry))
    for score in (0.6, 0.72, 0.68, 0.71, 0.55, 0.75):
        shop.passes(DAY_MS)
        shop.happens("$identify", **{"score.churn": score})
    assert shop.sent == ["c"]
    for score in (0.4, 0.7):
        shop.passes(DAY_MS)
        shop.happens("$identify", **{"score.churn": score})

    assert shop.sent == ["c", "c"]


def test_whom_it_held_for_when_it_was_published_is_not_let_in():
    entry = {"becomes": {"event": "Order Completed", "at_least": 3}}
    campaign = a_campaign([letter()], entry=entry)
    bo = {"user_id": "bo", "email": "bo@mail.example"}
    shop = Shop({**campaign, "status": "paused"})
    for who in (*[ANNA] * 5, bo):
        shop.happens("Order Completed", who)
    shop.passes(MINUTE)
    shop.publish(campaign)
    shop.passes(MINUTE)
    shop.happens("Order Completed")
    assert shop.sent == []
    for _ in range(2):
        shop.happens("Order Completed", bo)

    assert shop.sent == ["c"]  # bo's third


def test_a_birthday_comes_every_year_at_nine_by_the_customers_clock():
    entry = {"date": "birthday", "every": "year", "at": "09:00"}
    shop = Shop(a_campaign([letter()], entry=entry))
    shop.happens("$identify", birthday="1980-06-01", timezone="America/New_York")
    due = shop.due_at()
    assert due == 1_780_318_800_000  # 2026-06-01T13:00Z
    shop.passes(due - shop.now - 1)
    assert shop.sent == []
    shop.passes(1)
    assert shop.sent == ["c"]
    shop.passes(365 * DAY_MS)

    assert shop.sent == ["c", "c"]


def test_a_segment_that_is_left_lets_in():
    segment = {
        "kind": "segment", "key": "fresh", "name": "F",
        "where": {"event": "Order Completed", "within": "50h", "at_least": 1},
    }  # fmt: skip
    campaign = a_campaign([letter()], entry={"segment": "fresh", "crossing": "left"})
    shop = Shop(segment, campaign)
    shop.happens("Order Completed")
    shop.passes(50 * HOUR)

    assert shop.sent == ["c"]


def test_two_dialogues_of_one_customer_go_on_when_portraits_merge_and_part():
    shop = Shop(a_campaign([{"wait": {"for": "1d"}}, letter()]))
    shop.happens("Started", COOKIE)
    shop.passes(HOUR)
    shop.happens("Started")
    shop.happens("$identify", {**ANNA, **COOKIE})
    assert len(shop.dialogues()) == 2
    shop.passes(DAY_MS)

    assert shop.sent == ["c", "c"]


def test_taken_apart_each_customer_keeps_their_own_dialogue():
    shop = Shop(a_campaign(RUNNING))
    shop.happens("Started", COOKIE)
    shop.passes(HOUR)
    shop.happens("Started")
    shop.happens("$identify", {**ANNA, **COOKIE})
    found = undo(shop.portrait(), shop.home(COOKIE), rules=shop.catalogue.identity, at=shop.now)
    assert found is not None
    near, _ = found

    kept = {home: len(one.view(shop.catalogue, shop.now).dialogues)
            for home, one in near.portraits.items()}  # fmt: skip
    assert kept == {shop.home(): 1, shop.home(COOKIE): 1}


def test_ever_held_out_stays_held_out_when_portraits_merge():
    shop = Shop(
        a_campaign([letter()], control=1),
    )
    shop.happens("Started", COOKIE)
    shop.publish(a_campaign([letter()], control=0))
    shop.happens("$identify", {**ANNA, **COOKIE})
    shop.happens("Started")

    assert shop.sent == []
    assert {one.arm for one in shop.dossiers()} == {"control"}


def test_the_goal_is_watched_for_in_the_control_group_too():
    shop = Shop(
        a_campaign([letter()], control=1, goal={"event": "Order Completed", "within": "7d"})
    )
    shop.happens("Started")
    assert states(shop) == [("watching", "control")]
    shop.passes(6 * DAY_MS)
    shop.happens("Order Completed")

    (one,) = shop.dossiers()
    assert (one.arm, one.goal_at, one.path) == ("control", shop.now, {})
    assert states(shop) == [("ended", "control")]


def test_a_message_that_waits_is_dropped_when_its_dialogue_ends():
    quiet = {"from": "21:00", "to": "08:00", "time_zone": "UTC", "channels": ["email"]}
    policy = {
        "kind": "policy", "key": "default", "control": 0, "seed": "p", "caps": [],
        "service_purposes": [], "quiet_hours": quiet, "service_counts": False,
    }  # fmt: skip
    shop = Shop(a_campaign([letter()], goal={"event": "Order Completed"}))
    shop.publish(a_campaign([letter()], goal={"event": "Order Completed"}))
    shop.played._catalogue = type(shop.catalogue).compile(
        [{"version": 1, **a_campaign([letter()], goal={"event": "Order Completed"})},
         {"kind": "template", "key": "t", "channel": "email", "subject": "s", "text": "t"}, policy]
    )  # fmt: skip
    shop.passes((22 - 20) * HOUR)  # ten to eleven in the evening
    shop.happens("Consent Granted", channel="email", purpose="marketing")
    shop.happens("$identify")
    shop.happens("Started")
    (waiting,) = shop.portrait().view(shop.catalogue, shop.now).waiting.values()
    assert waiting.reason == "quiet_hours"
    shop.passes(HOUR)
    shop.happens("Order Completed")
    shop.passes(DAY_MS)

    assert shop.sent == []
    assert shop.portrait().view(shop.catalogue, shop.now).waiting == {}


def test_nothing_is_due_of_a_customer_whose_dialogues_are_over():
    shop = Shop(a_campaign([{"wait": {"for": "1d"}}, letter()], goal={"event": "Order Completed"}))
    shop.happens("Started")
    assert shop.due_at() == NOW + DAY_MS
    shop.happens("Order Completed", at=NOW + 1)

    assert shop.due_at() is None


def test_a_running_dialogue_stays_on_its_version():
    old = {**a_campaign([{"wait": {"for": "1d"}}, letter()]), "version": 1}
    new = {**a_campaign([{"wait": {"for": "9d"}}, letter()]), "version": 2}
    shop = Shop(old)
    shop.happens("Started")
    shop.publish(new, running=[old])
    shop.passes(DAY_MS)

    assert shop.sent == ["c"]


def test_a_version_that_is_kept_no_more_ends_its_dialogues():
    shop = Shop({**a_campaign([{"wait": {"for": "1d"}}, letter()]), "version": 1})
    shop.happens("Started")
    shop.publish({**a_campaign([letter()]), "version": 2})
    shop.passes(DAY_MS)

    assert states(shop) == [("ended", "retired")]
    assert shop.sent == []


def test_a_new_version_may_let_running_dialogues_begin_anew():
    steps = [{"name": "hello", **letter()}, {"wait": {"for": "20d"}}, {"name": "bye", **letter()}]
    old = {**a_campaign(steps), "version": 1}
    sooner = [steps[0], {"wait": {"for": "1d"}}, steps[2]]
    new = {**a_campaign(sooner, running="restart"), "version": 2}
    shop = Shop(old)
    shop.happens("Started")
    shop.passes(HOUR)
    shop.publish(new, running=[old])
    shop.happens("Looked At")
    shop.played._attend([_wake(shop)])
    shop.played._settle()
    shop.passes(DAY_MS + HOUR)

    assert shop.sent == ["c", "c"]  # hello was said before, and is not said again


def test_a_new_version_may_move_running_dialogues_to_a_step_of_its_own():
    old = {**a_campaign([{"name": "long", "wait": {"for": "20d"}}, letter()]), "version": 1}
    new = {
        **a_campaign(
            [{"wait": {"for": "9d"}}, {"name": "now", **letter()}],
            running={"move": {"long": "now"}},
        ),
        "version": 2,
    }
    shop = Shop(old)
    shop.happens("Started")
    shop.publish(new, running=[old])
    shop.played._attend([_wake(shop)])
    shop.played._settle()

    assert shop.sent == ["c"]


def _wake(shop):
    from portrait.attending import Call
    from portrait.waking import Wake

    return Call("w", Wake(home=shop.home(), due_at=shop.now))


moves = st.lists(
    st.tuples(
        st.sampled_from(["Started", "Order Completed", "Clicked", "$identify", "time"]),
        st.sampled_from([ANNA, COOKIE, PHONE, {**ANNA, **COOKIE}, {**ANNA, **PHONE}]),
        st.integers(0, 3 * DAY_MS),
    ),
    max_size=18,
)


@settings(max_examples=60, deadline=None)
@given(moves=moves, control=st.sampled_from([0, 0.5]))
def test_in_any_history_with_merges_everything_comes_to_an_end(moves, control):
    listen = {"wait_for": {"branches": [{"name": "b", "event": "Clicked"}], "timeout": "2d"}}
    shop = Shop(
        a_campaign(
            [letter(), listen, {"wait": {"for": "1d"}}, letter()], control=control,
            goal={"event": "Order Completed", "within": "9d"},
        ),
        a_campaign([letter()], entry=BASKET, at_most=1) | {"key": "basket"},
    )  # fmt: skip
    for name, who, ms in moves:
        if name == "time":
            shop.passes(ms)
        else:
            shop.happens(name, who, at=shop.now - ms % HOUR)
    shop.passes(200 * DAY_MS)

    for one in shop.dossiers():
        assert one.left_by is not None or one.arm == "control"
        assert one.arm == "treated" or not one.path
    assert not any(at for at, _ in shop.played._shelf.due if at > shop.now)


def test_that_a_message_waited_is_old_news_once_it_has_gone():
    shop = Shop(a_campaign([letter()]))
    shop.happens("$identify")
    shop.happens("Started")
    (journey,) = shop.portrait().view(shop.catalogue, shop.now).dialogues
    (contact,) = shop.portrait().view(shop.catalogue, shop.now).contacts
    talk = Conversation(shop.portrait(), shop.catalogue, shop.now)
    told = Outcome(journey, "0", contact.id, "waiting", shop.now, shop.home(), "cap")

    talk.hear(Stimulus(shop.home(), shop.now, outcomes=(told,)))

    assert (contact.state, talk.effects) == ("sent", [])


def test_who_was_erased_and_returns_has_other_journeys_for_the_same_occasion():
    campaign = a_campaign([letter()], key_property="cart_id")
    shop = Shop(campaign)
    shop.happens("Started", cart_id="7")
    (before,) = shop.portrait().view(shop.catalogue, shop.now).dialogues
    portrait = Portrait(shop.home())
    erased_at = shop.now - 1
    talk = Conversation(portrait, shop.catalogue, shop.now, erased_at, erased_at)
    happening = Happening(
        "x", "shop", "track", "Started", shop.now, shop.now, shop.home(), {"cart_id": "7"}
    )

    talk.hear(Stimulus(shop.home(), shop.now, (
        Start("c", 1, "x", shop.now, shop.now, shop.home(), happening),
    )))  # fmt: skip

    (after,) = talk.view.dialogues
    assert before != after
