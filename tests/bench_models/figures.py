"""Figures of models on public data, beside the bar, the aim and what the peers reached."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.bench.tables import table


class Judged(NamedTuple):
    """One figure: `more` says whether more of it is better; bars of None are not held."""

    where: str
    what: str
    measured: float
    bar: float | None
    aim: float | None
    peer: str
    more: bool = True

    @property
    def is_met(self) -> bool:
        """Whether the bar is kept."""
        return self._reaches(self.bar)

    def _reaches(self, limit: float | None) -> bool:
        if limit is None:
            return True
        return self.measured >= limit if self.more else self.measured <= limit

    def cells(self) -> list[str]:
        """Return the row of the table."""
        said = [self._said(limit) for limit in (self.bar, self.aim)]
        return [f"{self.where}: {self.what}", _number(self.measured), *said, self.peer]

    def _said(self, limit: float | None) -> str:
        if limit is None:
            return "-"
        return f"{_number(limit)} {'met' if self._reaches(limit) else 'MISSED'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4f}"


def figures_table(title: str, rows: Iterable[Judged]) -> str:
    """Return the figures as a table."""
    headers: Sequence[str] = ("", "measured", "bar", "aim", "peers")
    return table(title, headers, [row.cells() for row in rows])
