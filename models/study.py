"""Studies: what a model gathers of a sample of customers, and what it learns from that."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from models.trained import Challenger
from models.trial import Champion, Refusal
from models.windows import cut_offs, horizon_of
from portrait.learning.behaviour import purchase_days
from portrait.learning.exposures import Lot
from portrait.learning.learning import Learning
from portrait.portrait import Portrait


class Windows(NamedTuple):
    """From where a training looks ahead: `cuts` are days, ascending; `horizon` is in days."""

    cuts: tuple[int, ...]
    horizon: int


@dataclass(frozen=True, slots=True)
class Company:
    """What is known of a company before its customers are studied.

    Attributes:
        bought: of some customers, the days of their purchases, ascending.
        today: the first day of which not everything is known.
        lots: how its campaigns draw whom they leave alone.
    """

    learning: Learning
    bought: Sequence[Sequence[int]]
    today: int
    lots: Mapping[str, Lot] = field(default_factory=dict)

    @classmethod
    def seen(
        cls, some: Iterable[Portrait], learning: Learning, today: int, lots: Mapping[str, Lot]
    ) -> "Company":
        """Return what some of its customers tell of it."""
        known = (purchase_days(portrait, learning, today) for portrait in some)
        return cls(learning, [[one.day for one in each] for each in known], today, lots)

    @property
    def days(self) -> int:
        """How many days back its purchases reach."""
        return self.today - min((days[0] for days in self.bought if days), default=self.today)

    def windows(self, horizon: int | None = None) -> Windows:
        """Return the windows that have closed, of its own horizon unless a model has one."""
        days = horizon or self.learning.horizon or horizon_of(self.bought, today=self.today)
        first, lookback = self.today - self.days, self.learning.lookback
        return Windows(cut_offs(self.today, days, first=first, lookback=lookback), days)


class Known(NamedTuple):
    """What is known beside what a model learned from.

    Attributes:
        today: the first day of which not everything is known.
        purchases: how many purchases the sampled customers made on each day.
    """

    today: int
    purchases: Mapping[int, int]


class Learned(Protocol):
    """A trained model together with what it learned from."""

    @property
    def trained(self) -> Challenger:
        """The challenger."""

    def judged(
        self, champion: Champion | None, known: Known, *, accepted: Collection[str]
    ) -> Sequence[Refusal]:
        """Return what speaks against it, but for the gates that a person accepted."""

    def card(
        self, champion: Champion | None, known: Known, *, version: str,
        refusals: Sequence[Refusal], trained_at: str, revision: str,
    ) -> dict[str, Any]:  # fmt: skip
        """Return its card."""


class Study(Protocol):
    """What one model gathers in a training, in a shape of its own."""

    def take(self, portrait: Portrait, number: int) -> None:
        """Gather what there is to learn from one more customer, whom the number stands for."""

    def learned(self, *, seed: int) -> Learned | str:
        """Train; return why not, as a sentence, where there is nothing to learn from."""


Learner = Callable[[Company], Study]
"""Begins a study."""
