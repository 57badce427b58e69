"""The bars that the project has set itself, and what was measured."""

from collections.abc import Sequence

from tests.bench import bars
from tests.bench.bars import Bar, verdict
from tests.bench.event_tables import PATH, requests, without_ses
from tests.bench.experiment import Outcome
from tests.bench.pipeline import STAGES
from tests.bench.starts import Starts
from tests.bench.tables import Cell, table, text


def summary_table(outcomes: Sequence[Outcome], starts: Starts) -> str:
    """Return each bar with what was measured under each load, and whether it was met."""
    rows: list[list[Cell]] = []
    for outcome in outcomes:
        load = outcome.load
        where = f"{load.per_post} a POST, fold {load.fold}, {load.messages} messages a batch"
        rows += [_row(bar, value, where) for bar, value in _figures(outcome)]
    built = "as built" if starts.built else "from source"
    rows.append(_row(bars.INGEST_COLD, starts.import_ratio("ingest"), built))
    rows.append(_row(bars.PROFILE_COLD, starts.import_ratio("profile"), built))
    headers = ["", "measured", "", "bar", "aim", "where"]
    return table("Bars and aims", headers, rows)


def _figures(outcome: Outcome) -> list[tuple[Bar, float]]:
    n, path, everything = outcome.events, outcome.total(*PATH), outcome.total(*STAGES)
    return [
        (bars.REQUESTS, requests(path) / n),
        (bars.WRITE_UNITS, path.charges["dynamodb_write"] / n),
        (bars.INVOCATIONS, everything.charges["lambda_request"] / n * 1000),
        (bars.DOLLARS, without_ses(everything) / n * 1e6),
        (bars.INGEST_CPU, outcome.ratio("ingest")),
        (bars.PROFILE_CPU, outcome.ratio("profile")),
    ]


def _row(bar: Bar, value: float, where: str) -> list[Cell]:
    if value != value:  # not measured
        return [bar.name, "-", bar.unit, "", "", where]
    return [
        bar.name, text(value), bar.unit, verdict(value, bar.bar), verdict(value, bar.aim), where,
    ]  # fmt: skip
