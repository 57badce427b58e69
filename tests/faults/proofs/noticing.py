"""The proof is proven: each seeded bug makes some small proof fail, and without one none does."""

from itertools import product

from tests.faults.account import Reach
from tests.faults.mutants import changed
from tests.faults.proofs.checks import CHECKS
from tests.faults.proofs.result import Result
from tests.faults.sending.mutants import MUTANTS

TRIES = 8
"""Seeds that a bug may hide from."""


def noticing(reach: Reach, *, seed: int, mutant: str) -> Result:
    """Change the product as the mutant says, and look whether anything is noticed."""
    result = Result("noticing", seed)
    likely = MUTANTS[mutant][1]
    others = tuple(name for name in CHECKS if name not in likely)
    with changed(mutant):
        for names, each in product((likely, others), range(seed, seed + TRIES)):
            for name in names:
                if noticed(reach, name, each):
                    result.size = 1
                    result.facts[name] += 1
                    return result
    result.problems.append(f"nothing notices {mutant.replace('_', ' ')}")
    return result


def noticed(reach: Reach, check: str, seed: int) -> list[str]:
    """Return what a check finds wrong; that it cannot go on counts too."""
    try:
        return CHECKS[check](reach, seed).problems
    except Exception as fault:
        return [f"it ended by {fault!r}"]
