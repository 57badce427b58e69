"""Judge the models on public data, through the code that a company's retrain runs.

`python -m tests.bench_models`; the data is at ../shared/data and is no part of the project.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.bench.__main__ import headline
from tests.bench_models.figures import Judged, figures_table
from tests.bench_models.shops import DATA

SIZES, MILLION = (10_000, 100_000), 1_000_000
"""Rows that are learned from, and portraits that are scored."""

Chapter = Callable[[], Iterator[Judged]]


def main() -> int:
    """Print each figure beside its bar, its aim and the peers'; return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_models", description=__doc__)
    parser.add_argument("--million", action="store_true", help="train on, and score, a million too")
    sizes = (*SIZES, MILLION) if parser.parse_args().million else SIZES
    if not DATA.is_dir():
        print(f"nothing is judged: there is no public data at {DATA}")
        return 0
    print(headline(), flush=True)
    began, missed = time.monotonic(), False
    for title, chapter in _chapters():
        started = time.monotonic()
        rows = list(chapter())
        missed = missed or not all(row.is_met for row in rows)
        print(figures_table(title, rows), flush=True)
        print(f"\n  {time.monotonic() - started:.0f} s", flush=True)
    for section in _paces(sizes):
        print(section, flush=True)
    print(f"\ntook {time.monotonic() - began:.0f} s")
    return int(missed)


def _chapters() -> Iterator[tuple[str, Chapter]]:
    from tests.bench_models import churns, responses, shops, tastes, values

    yield "Churn: CDNOW", lambda: churns.cdnow(shops.cdnow())
    yield "Churn: Online Retail", lambda: churns.online_retail(shops.online_retail())
    yield "Churn: Telco", churns.telco
    yield "Value", lambda: values.online_retail(shops.online_retail())
    yield "Taste", lambda: tastes.online_retail(shops.online_retail())
    yield "Response", responses.experiment


def _paces(sizes: Sequence[int]) -> Iterator[str]:
    from tests.bench_models import nights, pace, shops

    shop = shops.online_retail()
    yield pace.scoring_table(shop)
    yield pace.learning_table(shop, sizes)
    yield pace.imports_table()
    models = nights.exports(shop)
    yield nights.quiet_table(shop, models)
    yield nights.memory_table(models, sizes)


if __name__ == "__main__":
    sys.exit(main())
