"""Arms: the two are compared by customers as they were drawn, whatever the treated go through."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.funnel import Dossier, funnel, lines
from tests.unit.dialogues.campaigns import NOW, Customer, a_campaign, definition
from tests.unit.dialogues.shop import DAY_MS, MINUTE, Shop, letter

GOAL = {"event": "Ordered", "within": "7d"}
LONG = [{"wait": {"for": "5d"}}, letter()]


def compared(shop: Shop) -> dict[str, tuple[int, int]]:
    found = funnel(shop.catalogue.newest["c"], shop.dossiers())
    return {arm: (found.customers[arm], found.reached[arm]) for arm in found.customers}


def played(moves: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    """Return how the arms compare where the same happened to two halves of the customers."""
    shop = Shop(a_campaign(LONG, goal=GOAL, at_most=1, control=0.5))
    for name, user, minutes in [("Started", n, 0) for n in range(12)] + list(moves):
        shop.passes(minutes * MINUTE)
        shop.happens(name, {"user_id": f"u{user}"})
    return compared(shop)


def test_a_step_that_is_a_goal_is_of_the_treated_alone_and_compares_nobody():
    campaign = definition(a_campaign([{"goal": {}}, letter()], goal=GOAL))
    customer = Customer(campaign)
    (noted,) = customer.noted("goal")

    assert (noted.step, noted.value, customer.state.goal_at) == ("0", "reached", 0)


def test_how_many_came_to_it_is_shown_beside_what_the_arms_are_compared_by():
    shop = Shop(a_campaign([{"name": "half_way", "goal": {}}, *LONG], goal=GOAL, control=0.5))
    for user in range(12):
        shop.happens("Started", {"user_id": f"u{user}"})
    found = funnel(shop.catalogue.newest["c"], shop.dossiers())
    treated, control = found.customers["treated"], found.customers["control"]
    said = "\n".join(lines(shop.catalogue.newest["c"], found))

    assert 0 < control < 12
    assert f"half_way               reached {treated}" in said
    assert f"treated 0 of {treated} (0 %), control 0 of {control} (0 %)" in said


def test_who_may_not_enter_twice_at_once_is_compared_with_whom_nothing_keeps_from_it():
    """Everybody starts again each day; one order each, after the fourth."""
    moves = [("Started", n, 0) for day in range(4) for n in range(12)]
    orders = [("Ordered", n, 24 * 60 if n == 0 else 0) for n in range(12)]
    shares = {arm: reached / of for arm, (of, reached) in played([*moves, *orders]).items()}

    assert shares == {"treated": 1.0, "control": 1.0}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Started", "Ordered", "Viewed"]), st.integers(0, 11),
                  st.integers(0, 3 * 24 * 60)),
        max_size=25,
    )
)  # fmt: skip
def test_what_is_compared_does_not_hang_on_how_often_anybody_enters_again(moves):
    without = [
        (name if name == "Ordered" else "Viewed", user, minutes) for name, user, minutes in moves
    ]
    assert played(moves) == played(without)


def test_of_several_entries_the_first_counts_in_whatever_order_they_are_read():
    campaign = definition(a_campaign(LONG, goal=GOAL))
    first = Dossier("control", NOW, {}, None, None, "anna")
    again = Dossier("control", NOW + DAY_MS, {}, NOW + 2 * DAY_MS, None, "anna")
    for some in ([first, again], [again, first]):
        found = funnel(campaign, some)
        assert (found.entered["control"], found.customers["control"]) == (2, 1)
        assert found.reached["control"] == 0
