"""Every cold start that is measured: from the source tree, and as it is built."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.cold import Case, Start, base, built_cases, measure, ratio, source_cases
from tests.bench.requests import FULL, USUAL
from tests.bench.start_tables import cold_table, memory_table
from tests.demo.build import build, here
from tests.demo.environments import SetUpError

FULL_BATCH = "profile, full batch"


class Starts:
    """Measures when its tables are asked for; `requests` are files by function.

    Attributes:
        built: what was measured of the built functions, by name; empty without a build.
        bases: the starts of `import boto3` that they compare with.
    """

    def __init__(self, requests: Mapping[str, Path], rounds: int, *, quick: bool) -> None:
        self._requests, self._rounds, self._quick = requests, rounds, quick
        self.built: dict[str, list[Start]] = {}
        self.source: dict[str, list[Start]] = {}
        self.bases: list[Start] = []

    def tables(self) -> Iterator[str]:
        """Yield the cold starts of the source tree, of the build, and the memory of profile."""
        source = source_cases(self._requests)
        if self._quick:
            yield self._table("Cold start from the source tree", source[:1], self.source)
            return
        problem = _build()
        built = [] if problem else built_cases(self._requests)
        yield self._table("Cold start from the source tree", source, self.source)
        if problem:
            yield f"\nCold start as built: not measured, {problem}"
            return
        yield self._table("Cold start as built: slim botocore, bytecode", built, self.built)
        yield memory_table(self._memory(next(case for case in built if case.name == "profile")))

    def import_ratio(self, name: str) -> float:
        """Return the cold import of a function as built, or from source where nothing is built."""
        found = self.built or self.source
        return ratio(found[name], self.bases) if name in found else float("nan")

    def _table(self, title: str, cases: list[Case], found: dict[str, list[Start]]) -> str:
        self.bases, *starts = measure([base(), *cases], self._rounds)
        found.update({case.name: each for case, each in zip(cases, starts, strict=True)})
        return cold_table(title, list(zip(cases, starts, strict=True)), self.bases)

    def _memory(self, profile: Case) -> dict[str, list[Start]]:
        full = Case(FULL_BATCH, profile.module, profile.paths, self._requests[FULL_BATCH])
        (starts,) = measure([full], 3)
        usual = f"{USUAL.batch:,} events"
        return {usual: self.built["profile"], f"{FULL.batch:,} events": starts}


def _build() -> str:
    """Build what is to be measured, unless it is already; return what went wrong, if it did."""
    try:
        build(here())
    except (SetUpError, OSError) as error:
        return str(error)
    return ""
