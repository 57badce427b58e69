"""Gates of churn: those of any chance, and that customers who buy are not said to leave."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.churn import features
from models.data_gates import closed, copied, drift, horizon, label_rate, leak, rows
from models.merit_gates import calibration, duel, rule_gate, worth
from models.pockets import by_champion, pockets_gate, pure_gate
from models.score_gates import agreement_gate, scores_gate
from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trial import Gate, Refusal, RowTrial
from models.volume_gates import rewritten, volume
from portrait.learning.behaviour import Behaviour, Doing
from portrait.learning.learning import LOOKBACK_DAYS
from portrait.metrics import MICRO

MEAN = 1.25
DISAGREEMENT = 0.1
RISE = 0.1
"""By how much churn may rise, anywhere along a sweep, where it should fall."""
RECENCIES = (2, 5, 10, 20, 40, 80, 160, 300)
CUT = 20_000


def sweeps(trial: RowTrial) -> Iterator[Refusal]:
    """A more recent last purchase never raises churn, nor does buying once more."""
    for what, lines in (("a more recent purchase", recent()), ("every purchase made", often())):
        worst = max((_rise(trial, line) for line in lines), default=0.0)
        if worst > RISE:
            yield Refusal("sweeps", worst, RISE, f"Churn rises by {worst:.2f} with {what}.")


def recent() -> Iterator[list[Behaviour]]:
    """Yield customers of every kind, each with the last purchase ever more recent."""
    for orders in (1, 2, 5, 12):
        for gap in (7, 30):
            yield [_customer(orders, gap, recency) for recency in reversed(RECENCIES)]


def often() -> Iterator[list[Behaviour]]:
    """Yield customers of every kind, who buy again, and again.

    Of two who were last seen on the same day, who bought more often before may well be the surer
    gone (the increasing-frequency paradox); so it is what they do next that counts.

    Source: Fader, Hardie & Lee 2005.
    """
    for orders in (1, 3, 8):
        days = [120 + 25 * back for back in reversed(range(orders))]
        yield [_bought((*days, *AGAIN[:more])) for more in range(len(AGAIN) + 1)]


AGAIN = (60, 30, 10, 3)
"""Days before the cut-off on which they buy again."""


def _customer(orders: int, gap: int, recency: int) -> Behaviour:
    return _bought([recency + gap * back for back in reversed(range(orders))])


def _bought(ago: Sequence[int]) -> Behaviour:
    days = (CUT - each for each in ago if each <= LOOKBACK_DAYS)
    return Behaviour(CUT, tuple(Doing(day, 1, 40 * MICRO) for day in days))


def _rise(trial: RowTrial, line: Sequence[Behaviour]) -> float:
    """Return by how much churn rises along customers of whom each buys more than the last."""
    told = load_vectorised(trial.challenger.export)(_rows(trial, line))["churn"]
    return float((told - np.minimum.accumulate(told)).max())


def _rows(trial: RowTrial, line: Sequence[Behaviour]) -> Floats:
    """Return their rows; what they say nothing of is as it usually is."""
    usual = np.nanmedian(np.vstack([trial.table.rows, np.zeros(len(trial.table.names))]), axis=0)
    made = np.tile(usual, (len(line), 1))
    places = [trial.table.names.index(name) for name in TIMING if name in trial.table.names]
    for number, one in enumerate(line):
        row = features.row(one) or []
        made[number, places] = [row[place] for place in range(len(places))]
    return made


TIMING = features._BASE[:14]
"""What purchases alone make."""


def _rule(trial: RowTrial) -> int:
    return trial.table.names.index(features.RULE)


def _expected(trial: RowTrial) -> tuple[Table, Floats] | None:
    """Return who of the customers bought nothing, and the chance that they would not."""
    return by_champion(trial, trial.table.clean(), "churn")


GATES: tuple[Gate, ...] = (
    rows, closed, volume, rewritten, horizon, label_rate, drift, copied, leak, duel, worth,
    rule_gate(_rule), calibration, scores_gate(MEAN), agreement_gate(DISAGREEMENT),
    pockets_gate(_expected), pure_gate(_expected), sweeps,
)  # fmt: skip
