"""What a proof found out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """One seed of one proof.

    Attributes:
        size: how much of what it is about it has seen: deliveries, permutations, steps.
        problems: everything that was not as it must be.
        smallest: the fewest things told that still go wrong.
        facts: what else it counted.
    """

    proof: str
    seed: int
    size: int = 0
    problems: list[str] = field(default_factory=list)
    smallest: list[Any] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Result") -> "Result":
        return Result(
            self.proof,
            self.seed,
            self.size + other.size,
            self.problems + other.problems,
            self.smallest or other.smallest,
            self.facts + other.facts,
        )

    def told(self, most: int = 40) -> str:
        """Return what went wrong, the least that makes it so, and how to see it again."""
        lines = [f"{self.proof}, seed {self.seed}:", *(f"  {one}" for one in self.problems[:10])]
        lines += ["  the least that goes wrong:"] if self.smallest else []
        lines += [f"    {one}" for one in self.smallest[:most]]
        return "\n".join([*lines, f"  again: make prove SEED={self.seed} P={self.proof}"])


def united(results: Iterable[Result]) -> dict[str, Result]:
    """Return the results of all seeds of a proof as one, by proof."""
    together: dict[str, Result] = {}
    for one in results:
        known = together.get(one.proof)
        together[one.proof] = known + one if known else one
    return together
