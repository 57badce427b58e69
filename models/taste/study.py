"""The study of taste: what each customer bought on which day."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.card import about, finite
from models.study import Company, Known, Learned
from models.taste.contest import AT
from models.taste.features import Basket, Lines, lines
from models.taste.gates import GATES, judge
from models.taste.reference import reference
from models.taste.train import TrainedTaste, train
from models.trial import Champion, Refusal
from models.volume_gates import past
from portrait.learning.taste import load
from portrait.portrait import Portrait

FOREMOST = 12
"""Items that a card names."""


@dataclass(frozen=True, slots=True)
class FromLines:
    """A model that learned from lines."""

    trained: TrainedTaste
    lines: Lines

    def judged(
        self, champion: Champion | None, known: Known, *, accepted: Collection[str]
    ) -> Sequence[Refusal]:
        """Return what speaks against it."""
        return judge(self.trained, champion, self.lines, **known._asdict(), accepted=accepted)

    def card(self, champion: Champion | None, known: Known, **told: Any) -> dict[str, Any]:
        """Return its card."""
        kept = reference(self.trained, self.lines)
        return finite({
            **about(self.trained, GATES, champion=champion, **told),
            "customers": self.lines.buyers,
            **recommended(self.trained),
            "reference": kept | {"past": past(known.purchases, known.today)},
        })  # fmt: skip


def recommended(trained: TrainedTaste) -> dict[str, Any]:
    """Return which new items some customers are told, most of them first."""
    recommend, asked = load(trained.export), [own for own in trained.golden if own]
    counts = Counter(item for own in asked for item in recommend(own, AT, True))
    items = len(trained.ready.items)
    return {
        "items": items,
        "asked": len(asked),
        "coverage": len(counts) / max(1, items),
        "recommended": [
            {"item": item, "share": number / len(asked)}
            for item, number in counts.most_common(FOREMOST)
        ],
    }


@dataclass(frozen=True, slots=True)
class TasteStudy:
    """Lines as they are gathered, 32 bytes each."""

    company: Company
    basket: Basket = field(default_factory=Basket)

    def take(self, portrait: Portrait, number: int) -> None:
        """Gather what one more customer bought."""
        self.basket.add(lines(portrait, self.company.learning, self.company.today))

    def learned(self, *, seed: int) -> Learned | str:
        """Train, or return why not."""
        found, learning = self.basket.lines(), self.company.learning
        if not learning.items:
            return "the learning document does not say which items a purchase is of"
        if not len(found.item):
            return f"no item was bought within {learning.lookback} days"
        return FromLines(train(found, self.company.today, seed=seed), found)
