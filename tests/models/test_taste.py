"""Taste: what goes together is found, one's own is told apart, and nothing is of the future."""

from random import Random

import pytest

from models.taste.features import Basket
from models.taste.train import LEAST_LINES, train
from portrait.faults import Rejected
from portrait.learning import taste

TODAY = 20_000
PAIRS = [(f"left{n}", f"right{n}") for n in range(8)]


def shop(customers: int = 400, seed: int = 1) -> Basket:
    """Return customers who buy a left one and, some weeks later, the right one that goes with it,
    amid things that sell to everybody."""
    random, basket = Random(seed), Basket()
    for _ in range(customers):
        left, right = random.choice(PAIRS)
        first = TODAY - random.randrange(40, 200)
        bought = [(first, left, 1), (random.choice([first + 20, TODAY - 5]), right, 1)]
        bought += [(TODAY - random.randrange(1, 200), f"bread{random.randrange(3)}", 1)] * 2
        basket.add(iter(sorted(bought)))
    return basket


def test_what_goes_with_what_somebody_owns_is_told_before_what_sells():
    trained = train(shop().lines(), TODAY, seed=0)
    recommend = taste.load(trained.export)

    assert trained.winner in ("ease", "cosine")
    for left, right in PAIRS:
        assert recommend({left: 1.0}, 1, True) == [right]


def test_new_items_are_not_ones_own_and_repeats_may_be():
    recommend = taste.load(train(shop().lines(), TODAY, seed=0).export)
    own = {"left0": 3.0, "bread0": 9.0}

    assert not own.keys() & set(recommend(own, 10, True))
    assert "bread0" in recommend(own, 3, False)


def test_what_comes_later_is_not_learned_from():
    later = shop()
    later.add(iter([(TODAY, "left0", 1), (TODAY + 1, "tomorrow", 500)]))

    assert train(later.lines(), TODAY, seed=0).export["popular"] == pytest.approx(
        train(shop().lines(), TODAY, seed=0).export["popular"]
    )
    assert "tomorrow" not in train(later.lines(), TODAY, seed=0).export["items"]


def test_a_rehearsal_has_not_seen_the_latest_window():
    novel = shop()
    novel.add(iter([(TODAY - 50, "left0", 1), (TODAY - 3, "novelty", 1)]))
    trained = train(novel.lines(), TODAY, seed=0)

    assert "novelty" in trained.export["items"]
    assert "novelty" not in trained.rehearsal["items"]
    assert taste.load(trained.rehearsal)({"left0": 1.0}, 1, True) == ["right0"]


def test_whoever_owns_nothing_is_told_what_sells_whatever_won():
    trained = train(shop().lines(), TODAY, seed=0)

    best = [trained.export["items"][place] for place in trained.export["popular"][:6:2]]

    assert trained.winner != "popularity"
    for new in (True, False):
        assert taste.load(trained.export)({}, 3, new) == best


def test_a_shop_with_too_little_is_told_so_and_gets_what_sells():
    few = shop(customers=20)
    few.add(iter([(TODAY - 1, "cake", 1)]))
    for _ in range(12):
        few.add(iter([(TODAY - 2, "cake", 1)]))
    trained = train(few.lines(), TODAY, seed=0)

    assert (trained.winner, str(LEAST_LINES) in trained.reason) == ("popularity", True)
    assert taste.load(trained.export)({"left0": 1.0}, 1, True) == ["cake"]


def test_nobody_and_nothing_end_in_an_empty_answer():
    trained = train(Basket().lines(), TODAY, seed=0)

    assert taste.load(trained.export)({"left0": 1.0}, 5, True) == []


def test_an_export_of_another_kind_is_refused():
    with pytest.raises(Rejected, match="unknown_model_format"):
        taste.load({"format": 2, "kind": "taste"})
