"""Studies of rows: a table of windows, of which each tells what was known and what came."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.card import card
from models.gates import judge
from models.study import Company, Known, Learned, Windows
from models.tables import Drawn, Gathering, Table
from models.trained import Trained
from models.trial import Champion, Refusal
from portrait.learning.learning import Learning
from portrait.portrait import Portrait

Example = tuple[int, list[float], list[float], Drawn | None]
"""Cut-off, features and outcomes, and how the lot fell, where there was one."""
NOBODY = "no customer bought before a window of {horizon} days that has closed"


@dataclass(frozen=True, slots=True)
class FromRows:
    """A model that learned from a table."""

    trained: Trained
    table: Table

    def judged(
        self, champion: Champion | None, known: Known, *, accepted: Collection[str]
    ) -> Sequence[Refusal]:
        """Return what speaks against it."""
        return judge(self.trained, champion, self.table, **known._asdict(), accepted=accepted)

    def card(self, champion: Champion | None, known: Known, **told: Any) -> dict[str, Any]:
        """Return its card."""
        return card(self.trained, self.table, champion=champion, **known._asdict(), **told)


@dataclass(frozen=True, slots=True)
class RowLearner:
    """How a model learns from rows.

    Attributes:
        names: of its features.
        outcomes: how many there are of each window.
        examples: what it learns from a customer.
        train: from all the examples, a seed, and for how many days purchases are known.
        horizon: days, where they are not the company's own.
        nobody: what to say where there are no examples.
    """

    names: Callable[[Learning], tuple[str, ...]]
    outcomes: int
    examples: Callable[[Portrait, Company, Windows], Iterable[Example]]
    train: Callable[[Table, int, int], Trained]
    horizon: int | None = None
    nobody: str = NOBODY

    def __call__(self, company: Company) -> "RowStudy":
        """Begin a study."""
        rows = Gathering(self.names(company.learning), self.outcomes)
        return RowStudy(self, company, company.windows(self.horizon), rows)


@dataclass(frozen=True, slots=True)
class RowStudy:
    """Rows as they are gathered; memory is theirs, whatever the sample."""

    learner: RowLearner
    company: Company
    windows: Windows
    rows: Gathering

    def take(self, portrait: Portrait, number: int) -> None:
        """Gather the rows of one more customer."""
        for cut, row, outcomes, drawn in self.learner.examples(
            portrait, self.company, self.windows
        ):
            self.rows.add(row, outcomes, cut=cut, customer=number, drawn=drawn)

    def learned(self, *, seed: int) -> Learned | str:
        """Train, or return why not."""
        table = self.rows.table(self.windows.horizon)
        if not len(table):
            nobody = self.learner.nobody.format(horizon=table.horizon)
            return f"{nobody}; purchases reach {self.company.days} days back"
        return FromRows(self.learner.train(table, seed, self.company.days), table)
