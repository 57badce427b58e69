"""Ready: blends with all that they need, in numpy; what an export is written of, and checked by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.tables import Floats
from models.taste.blends import Blend
from models.taste.features import Lines
from models.taste.known import Known
from portrait.learning.taste import FORMAT, KIND


@dataclass(frozen=True, slots=True)
class Ready:
    """What recommends.

    Attributes:
        items: their names, in order.
        popular: (items,), as it is known.
        similar: sparse (items, items): by how much a row's item speaks for a column's; None where
            no blend asks.
        blends: of `new` and `repeat`.
    """

    items: tuple[str, ...]
    popular: Floats
    similar: Any
    blends: Mapping[str, Blend]

    @classmethod
    def of(cls, lines: Lines, known: Known, similar: Any, blends: Mapping[str, Blend]) -> "Ready":
        """Return what recommends by what is known."""
        return cls(tuple(lines.items[n] for n in known.items), known.popular, similar, blends)

    def scores(self, own: Mapping[str, float], *, new: bool) -> Floats:
        """Return what each item is worth to a customer who bought `own` so often; -inf for what
        is not to be told."""
        blend = self.blends["new" if new else "repeat"]
        places = {name: place for place, name in enumerate(self.items)}
        times = np.zeros(len(self.items))
        for name, number in own.items():
            if name in places:
                times[places[name]] = number
        scores = blend.popular * self.popular + blend.own * times
        if blend.similar and self.similar is not None:
            scores = scores + blend.similar * ((times > 0).astype(np.float64) @ self.similar)
        told = (scores > 0) & ~(new & (times > 0))
        return np.where(told, scores, -np.inf)

    def export(self) -> Mapping[str, Any]:
        """Return it as data, for `portrait.learning.taste`."""
        best = np.argsort(-self.popular, kind="stable")
        popular = [(int(n), self.popular[n]) for n in best if self.popular[n] > 0]
        weights = {
            kind: {"own": one.own, "similar": one.similar, "popular": one.popular}
            for kind, one in self.blends.items()
        }
        return {
            "format": FORMAT,
            "kind": KIND,
            "items": list(self.items),
            "popular": list(_flat(popular)),
            "similar": [list(_flat(self._row(place))) for place in range(len(self.items))],
            **weights,
        }

    def _row(self, place: int) -> list[tuple[int, float]]:
        if self.similar is None:
            return []
        row = slice(self.similar.indptr[place], self.similar.indptr[place + 1])
        columns, values = self.similar.indices[row], self.similar.data[row]
        return list(zip(columns.tolist(), values.tolist(), strict=True))


def _flat(pairs: list[tuple[int, float]]) -> Iterator[float]:
    for place, weight in pairs:
        yield place
        yield round(float(weight), 6)
