"""Trials: what a gate is shown of a challenger, and what it says against it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trained import Challenger, Trained

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
class Trial(ABC):
    """A challenger before the judge; what it learned from, each kind of trial has in its own shape.

    Attributes:
        today: the first day of which not everything is known; None where nobody says.
        purchases: how many purchases the customers that it learned from made on each day; None
            where nobody counted.
    """

    challenger: Challenger
    champion: Champion | None
    today: int | None
    purchases: Mapping[int, int] | None

    @property
    @abstractmethod
    def customers(self) -> int:
        """How many customers the challenger learned from."""

    @property
    def reference(self) -> Mapping[str, Any]:
        """What the champion's card keeps of what it was trained on."""
        return self.champion.card.get("reference", UNKNOWN) if self.champion else UNKNOWN


@dataclass(frozen=True)
class RowTrial(Trial):
    """The trial of a challenger that learned from rows: `table` has all of them."""

    challenger: Trained
    table: Table

    @cached_property
    def customers(self) -> int:
        """How many customers the table is about."""
        return len(np.unique(self.table.customers))

    @cached_property
    def defended(self) -> Floats | None:
        """What the champion's rehearsal says of the challenger's holdout, a column per output.

        None where there is no champion, no holdout, or nothing that both predict.
        """
        holdout = self.challenger.holdout
        if self.champion is None or holdout is None or not self.champion.rehearsal:
            return None
        return said(self.champion.rehearsal, holdout.table, self.challenger.outputs)


Gate = Callable[[RowTrial], Iterable[Refusal]]
OfTrial = TypeVar("OfTrial", bound=Trial)


def verdict(
    trial: OfTrial,
    gates: Iterable[Callable[[OfTrial], Iterable[Refusal]]],
    accepted: Collection[str],
) -> list[Refusal]:
    """Return what the gates say against a challenger, but for those that a person accepted."""
    found = [refusal for gate in gates for refusal in gate(trial)]
    return [refusal for refusal in found if refusal.gate not in accepted]


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
