"""Churn on public data: trained at earlier cut-offs, judged at a later one, or across customers."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from models.churn import features
from models.churn.train import train
from models.evaluation import auc, average_precision, calibration_error, log_loss
from models.scoring import load_vectorised
from models.tables import Floats, Gathering, Table
from portrait.learning.behaviour import behaviour
from portrait.portrait import Portrait
from tests.bench_models.figures import Judged
from tests.bench_models.shops import DATA, LEARNING, Shop, day

SEED = 0
Fold = tuple[Any, Any]
Told = tuple[Floats, Floats, Floats]
"""Outcomes, what the model says, and what the one-line rule says."""

Measure = Callable[[Floats, Floats], float]


def examples(portraits: Sequence[Portrait], cuts: Sequence[int], horizon: int) -> Table:
    """Return the rows of all customers who had bought by each cut-off."""
    rows = Gathering(features.names(LEARNING))
    for number, portrait in enumerate(portraits):
        for cut, row, outcome in features.examples(portrait, LEARNING, cuts, horizon):
            rows.add(row, outcome, cut=cut, customer=number)
    return rows.table(horizon)


def to_come(shop: Shop, cut: int, horizon: int) -> Table:
    """Return the rows of all who had bought, by what was known then, and what came of them."""
    rows = Gathering(features.names(LEARNING))
    for number, (then, now) in enumerate(zip(shop.as_of(cut), shop.portraits, strict=True)):
        row = features.row(behaviour(then, LEARNING, cut))
        if row is not None:
            gone = features.churned(behaviour(now, LEARNING, cut + horizon), cut)
            rows.add(row, [gone], cut=cut, customer=number)
    return rows.table(horizon)


def foretold(table: Table, rows: Floats, rule: str = features.RULE) -> tuple[Floats, str]:
    """Train on a table; return what the export says of other rows, and which candidate won."""
    trained = train(table, seed=SEED, rule=rule)
    return load_vectorised(trained.export)(rows)["churn"], trained.winner


def across(table: Table, folds: Iterable[Fold], rule: str) -> tuple[list[Told], str]:
    """Return of each fold the outcomes, what a model says that had not seen it, and the rule."""
    told, winners = [], set()
    for known, other in folds:
        rows = table.rows[other]
        said, winner = foretold(table.where(known), rows, rule)
        told.append((table.outcomes[other], said, -rows[:, table.names.index(rule)]))
        winners.add(winner)
    return told, ", ".join(sorted(winners))


def _mean(measure: Measure, told: Iterable[Told], which: int = 1) -> float:
    return float(np.mean([measure(one[0], one[which]) for one in told]))


def cdnow(shop: Shop) -> Iterator[Judged]:
    """39 weeks after 39 weeks, five-fold across customers; the bar is the rule on these folds."""
    table = examples(shop.portraits, [day("1997-10-01")], 273)
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(table.rows, table.outcomes)
    told, winner = across(table, folds, features.RULE)
    where, peers = "CDNOW, five-fold", "rule .781, logistic .776, boosting .769"
    yield Judged(where, f"AUC ({winner})", _mean(auc, told), _mean(auc, told, 2), None, peers)
    loss = _mean(log_loss, told)
    yield Judged(where, "log loss", loss, None, 0.4822, "boosting .4822", more=False)


def online_retail(shop: Shop) -> Iterator[Judged]:
    """Any purchase in the next 91 and 30 days, trained at cut-offs whose windows had closed."""
    y, said, winner = _later(
        shop, ["2011-03-11", "2011-04-10", "2011-05-11", "2011-06-10"], "2011-09-09", 91
    )
    where = "Online Retail, 91 days"
    peers = "BG/NBD .7335, boosting .7404, rule .7205"
    yield Judged(where, f"AUC ({winner})", auc(y, said), 0.733, 0.740, peers)
    yield Judged(where, "log loss", log_loss(y, said), 0.61, 0.598, "", more=False)
    yield Judged(where, "ECE", calibration_error(y, said), 0.08, 0.047, "", more=False)
    y, said, winner = _later(
        shop, ["2011-07-11", "2011-08-10", "2011-09-09", "2011-10-10"], "2011-11-09", 30
    )
    where = "Online Retail, 30 days"
    yield Judged(where, f"AUC ({winner})", auc(y, said), 0.738, 0.745, "")
    yield Judged(where, "average precision", average_precision(1 - y, 1 - said), 0.64, 0.65, "")


def _later(shop: Shop, cuts: Sequence[str], test: str, horizon: int) -> tuple[Floats, Floats, str]:
    known = examples(shop.as_of(day(test)), [day(cut) for cut in cuts], horizon)
    judged = to_come(shop, day(test), horizon)
    said, winner = foretold(known, judged.rows)
    return judged.outcomes, said, winner


def telco() -> Iterator[Judged]:
    """Customers of a telephone company, five-fold; what is not a number is told apart by value."""
    (path,) = (DATA / "telco_ibm").glob("*.csv")
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    names, columns = [], []
    for name in lines[0]:
        if name in ("customerID", "Churn"):
            continue
        values = [line[name].strip() for line in lines]
        if name in ("tenure", "MonthlyCharges", "TotalCharges"):
            names.append(name)
            columns.append([float(value) if value else np.nan for value in values])
            continue
        for kind in sorted(set(values)):
            names.append(f"{name}={kind}")
            columns.append([float(value == kind) for value in values])
    rows = np.array(columns, dtype=np.float64).T
    churned = np.array([float(line["Churn"] == "Yes") for line in lines])
    number = len(lines)
    table = Table(tuple(names), rows, churned, np.zeros(number, np.int64), np.arange(number))
    folds = KFold(5, shuffle=True, random_state=42).split(rows)
    told, winner = across(table, folds, "tenure")
    where = "Telco, five-fold"
    yield Judged(where, f"AUC ({winner})", _mean(auc, told), 0.845, 0.849, "")
    whole = [np.concatenate(parts) for parts in zip(*told, strict=True)]
    ece = calibration_error(whole[0], whole[1])  # of all folds: a tenth of one is 140 customers
    yield Judged(where, "ECE", ece, 0.015, 0.009, "", more=False)
