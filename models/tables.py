"""Tables: rows of features with what came of them, bounded, for every model alike."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Drawn = tuple[bool, float]
"""Whether a customer was contacted, and the chance that the lot gave them to be."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to learn from; every array is as long as there are rows.

    Attributes:
        names: of the features, in the order of the columns.
        rows: float64 (rows, features); NaN where a feature is not known.
        outcomes: float64 (rows,) or (rows, outputs): what came in the window after the cut-off.
        cuts: int (rows,): the day of the cut-off (UTC, since 1970).
        customers: int (rows,): the same number for the same customer.
        contacted: bool (rows,), for `response` alone: whether the customer was in the treated arm.
        chances: float64 (rows,), likewise: the chance that the lot gave them to be.
        horizon: days of the window of the outcomes.
    """

    names: tuple[str, ...]
    rows: Floats
    outcomes: Floats
    cuts: NDArray[np.int64]
    customers: NDArray[np.int64]
    contacted: Bools | None = None
    horizon: int = 90
    chances: Floats | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def arms(self) -> Bools:
        """Who was contacted, row by row.

        Raises:
            ValueError: the table does not tell.
        """
        if self.contacted is None:
            raise ValueError("a table of responses tells who was contacted")
        return self.contacted

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Table":
        """Return the rows of a mask, or at positions."""
        return Table(
            self.names, self.rows[chosen], self.outcomes[chosen], self.cuts[chosen],
            self.customers[chosen],
            None if self.contacted is None else self.contacted[chosen], self.horizon,
            None if self.chances is None else self.chances[chosen],
        )  # fmt: skip

    def clean(self) -> "Table":
        """Return the rows of which the outcome is known; what is not finite is not known."""
        known: Bools = np.isfinite(self.outcomes)
        if known.ndim > 1:
            known = np.asarray(known.all(axis=1))
        table = self if known.all() else self.where(known)
        rows = np.where(np.isfinite(table.rows), table.rows, np.nan)
        return replace(table, rows=rows)


@dataclass(slots=True)
class Gathering:
    """Rows as they come, kept in blocks of float64, so that memory is that of the table alone."""

    names: tuple[str, ...]
    outputs: int = 1
    _blocks: list[tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]] = field(
        default_factory=list
    )
    _rows: list[Sequence[float]] = field(default_factory=list)
    _outcomes: list[Sequence[float]] = field(default_factory=list)
    _cuts: list[int] = field(default_factory=list)
    _customers: list[int] = field(default_factory=list)
    _contacted: bytearray = field(default_factory=bytearray)
    _chances: "array[float]" = field(default_factory=lambda: array("d"))

    def add(
        self, row: Sequence[float], outcome: Sequence[float], *, cut: int, customer: int,
        drawn: Drawn | None = None,
    ) -> None:  # fmt: skip
        """Take one row in; all of them say how the lot fell, or none does."""
        self._rows.append(row)
        self._outcomes.append(outcome)
        self._cuts.append(cut)
        self._customers.append(customer)
        if drawn is not None:
            self._contacted.append(drawn[0])
            self._chances.append(drawn[1])
        if len(self._rows) >= BLOCK:
            self._pack()

    def table(self, horizon: int) -> Table:
        """Return all that came."""
        self._pack()
        rows, outcomes, cuts, customers = (
            np.concatenate(parts) for parts in zip(*self._blocks, strict=True)
        )
        flat = outcomes[:, 0] if self.outputs == 1 else outcomes
        table = Table(self.names, rows, flat, cuts, customers, horizon=horizon)
        if not self._contacted:
            return table
        contacted = np.frombuffer(bytes(self._contacted), np.bool_)
        return replace(table, contacted=contacted, chances=np.array(self._chances))

    def _pack(self) -> None:
        number = len(self._rows)
        if not number and self._blocks:
            return
        self._blocks.append((
            np.array(self._rows, dtype=np.float64).reshape(number, len(self.names)),
            np.array(self._outcomes, dtype=np.float64).reshape(number, self.outputs),
            np.array(self._cuts, dtype=np.int64),
            np.array(self._customers, dtype=np.int64),
        ))  # fmt: skip
        for part in (self._rows, self._outcomes, self._cuts, self._customers):
            part.clear()


BLOCK = 4096
"""Rows that wait as Python numbers before they are packed."""
