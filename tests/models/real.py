"""Real shops, honestly retrained from week to week: CDNOW and Online Retail."""

from collections import Counter
from collections.abc import Iterator, Sequence

from models.churn import features as churn
from models.churn.train import train
from models.gates import judge
from models.study import Company, Known
from models.tables import Gathering
from models.taste.study import FromLines, TasteStudy
from models.trial import Refusal
from models.windows import cut_offs, horizon_of
from portrait.learning.behaviour import purchase_days
from portrait.portrait import Portrait
from tests.bench_models.shops import DATA, LEARNING, cdnow, day, online_retail
from tests.models.corruptions import Retraining
from tests.models.matrix import incumbent
from tests.models.subjects import SUBJECTS
from tests.models.taste_corruptions import incumbent as incumbent_of_taste

WEEKS = 4
SHOPS = {
    "CDNOW": (DATA / "cdnow" / "CDNOW_sample.txt", cdnow, day("1998-01-05")),
    "Online Retail": (
        DATA / "online_retail" / "online_retail.csv.gz", online_retail, day("2011-10-10")
    ),
}  # fmt: skip
"""Where each is, how it is read, and when its first champion is trained."""


def retraining(portraits: Sequence[Portrait], today: int) -> Retraining:
    """Return what a retraining on that day makes of all customers of a shop."""
    bought = [purchase_days(portrait, LEARNING, today) for portrait in portraits]
    days = [[one.day for one in each] for each in bought]
    horizon = horizon_of(days, today=today)
    cuts = cut_offs(today, horizon, first=min(each[0] for each in days if each))
    gathering = Gathering(churn.names(LEARNING))
    for number, portrait in enumerate(portraits):
        for cut, row, outcome in churn.examples(portrait, LEARNING, cuts, horizon):
            gathering.add(row, outcome, cut=cut, customer=number)
    purchases = Counter({one.day: 0 for each in bought for one in each})
    for each in bought:
        for one in each:
            purchases[one.day] += one.times
    return Retraining(gathering.table(horizon), today, purchases)


def taste_weeks(name: str) -> Iterator[list[Refusal]]:
    """Yield the same of taste."""
    _, shop, first = SHOPS[name]
    portraits = shop().portraits
    champion = incumbent_of_taste(*_taste(portraits, first, seed=0))
    for week in range(1, WEEKS + 1):
        learned, known = _taste(portraits, first + 7 * week, seed=week)
        refusals = list(learned.judged(champion, known, accepted=()))
        yield refusals
        if not refusals:
            champion = incumbent_of_taste(learned, known)


def _taste(portraits: Sequence[Portrait], today: int, *, seed: int) -> tuple[FromLines, Known]:
    study, purchases = TasteStudy(Company.seen(portraits, LEARNING, today, {})), Counter[int]()
    for number, portrait in enumerate(portraits):
        study.take(portrait, number)
        for one in purchase_days(portrait, LEARNING, today):
            purchases[one.day] += one.times
    learned = study.learned(seed=seed)
    assert isinstance(learned, FromLines)
    return learned, Known(today, purchases)


def weeks(name: str) -> Iterator[list[Refusal]]:
    """Yield what is said in each of the weeks after the first champion; who passes, replaces it."""
    _, shop, first = SHOPS[name]
    portraits = shop().portraits
    champion = incumbent(SUBJECTS["churn"], retraining(portraits, first), seed=0)
    for week in range(1, WEEKS + 1):
        table, today, purchases = made = retraining(portraits, first + 7 * week)
        trained = train(table, seed=week)
        refusals = judge(trained, champion, table, today=today, purchases=purchases)
        yield refusals
        if not refusals:
            champion = incumbent(SUBJECTS["churn"], made, seed=week)
