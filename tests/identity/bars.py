"""What the project has set itself for identity, and whether it was met."""

from typing import NamedTuple


class Bar(NamedTuple):
    """A figure that must be kept and one to aim at; `least` says on which side of it is good."""

    name: str
    must: float
    aim: float | None = None
    least: bool = True
    digits: int = 3

    def keeps(self, value: float) -> bool:
        """Return whether a figure, as it was measured and before any rounding, is good enough."""
        return value >= self.must if self.least else value <= self.must

    def verdict(self, value: float) -> list[str]:
        """Return what must be and what is aimed at, with a plain word for each."""
        reached = self.aim is not None and self._replace(must=self.aim).keeps(value)
        aim = "" if self.aim is None else f"{self.aim:g} {'met' if reached else 'missed'}"
        return [f"{self.must:g} {'met' if self.keeps(value) else 'MISSED'}", aim]

    def text(self, value: float) -> str:
        """Return the figure, rounded away from the good side: it never looks met when it is not."""
        scale = 10**self.digits
        cut = (value * scale // 1) if self.least else -(-value * scale // 1)
        return f"{cut / scale:,.{self.digits}f}"


STREAM_F1 = Bar("F1", 0.66, 0.69)
STREAM_PRECISION = Bar("precision", 0.92, 0.96)
STREAM_LARGEST = Bar("largest portrait, sightings", 45, 36, least=False, digits=0)

PRECISION = Bar("precision", 0.999, digits=5)
WRONG = Bar("people in a wrong profile, %", 0.05, least=False)
OF_CEILING = Bar("recall, % of what shared identifiers give", 99, digits=2)
PACE = Bar("processor seconds per 10,000 sightings", 2, least=False, digits=2)
"""The project's own bars: issue 3, point 1."""
