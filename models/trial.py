"""Trials: what a gate is shown of a challenger, and what it says against it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trained import Trained

UNKNOWN: Mapping[str, Any] = {}


class Refusal(NamedTuple):
    """What speaks against a challenger.

    Attributes:
        gate: its name, for alarms and metrics.
        measured: what was found.
        limit: what would just have passed.
        sentence: the same for people.
    """

    gate: str
    measured: float
    limit: float
    sentence: str


class Champion(Protocol):
    """The model that acts now, as the registry keeps it."""

    @property
    def version(self) -> str:
        """Its name."""

    @property
    def export(self) -> Mapping[str, Any]:
        """What scores customers."""

    @property
    def rehearsal(self) -> Mapping[str, Any]:
        """The same recipe, fitted without the latest window of its own day."""

    @property
    def card(self) -> Mapping[str, Any]:
        """What `card.card` wrote, with the `reference` that later rows are compared with."""


@dataclass(frozen=True)
class Trial:
    """A challenger before the judge.

    Attributes:
        table: all that the challenger was trained on.
        today: the first day of which not everything is known; None where nobody says.
        purchases: how many purchases those customers made on each day; None where nobody counted.
    """

    challenger: Trained
    champion: Champion | None
    table: Table
    today: int | None = None
    purchases: Mapping[int, int] | None = None

    @cached_property
    def customers(self) -> int:
        """How many customers the table is about."""
        return len(np.unique(self.table.customers))

    @property
    def reference(self) -> Mapping[str, Any]:
        """What the champion's card keeps of the rows that it was trained on."""
        return self.champion.card.get("reference", UNKNOWN) if self.champion else UNKNOWN

    @cached_property
    def defended(self) -> Floats | None:
        """What the champion's rehearsal says of the challenger's holdout, a column per output.

        None where there is no champion, no holdout, or nothing that both predict.
        """
        holdout = self.challenger.holdout
        if self.champion is None or holdout is None or not self.champion.rehearsal:
            return None
        return said(self.champion.rehearsal, holdout.table, self.challenger.outputs)


Gate = Callable[[Trial], Iterable[Refusal]]


def said(export: Mapping[str, Any], table: Table, outputs: Iterable[str]) -> Floats | None:
    """Return what an export says of a table's rows, output by output; None where it has none.

    Features go by name: one that the table does not have is unknown to the export.
    """
    place = {name: number for number, name in enumerate(table.names)}
    wanted = [place.get(name, -1) for name in export["features"]]
    blank: Floats = np.full((len(table), 1), np.nan)
    scores = load_vectorised(export)(np.hstack([table.rows, blank])[:, wanted])
    columns = [scores[name] for name in outputs if name in scores]
    return np.column_stack(columns) if columns else None
