"""Judge the models on public data, through the code that a company's retrain runs.

`python -m tests.bench_models`; the data is at ../shared/data and is no part of the project.
"""

import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.__main__ import headline
from tests.bench_models.figures import Judged, figures_table
from tests.bench_models.shops import DATA

Chapter = Callable[[], Iterator[Judged]]


def main() -> int:
    """Print each figure beside its bar, its aim and the peers'; return 1 where a bar is missed."""
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
    for section in _paces():
        print(section, flush=True)
    print(f"\ntook {time.monotonic() - began:.0f} s")
    return int(missed)


def _chapters() -> Iterator[tuple[str, Chapter]]:
    from tests.bench_models import churns, shops, tastes, values

    yield "Churn: CDNOW", lambda: churns.cdnow(shops.cdnow())
    yield "Churn: Online Retail", lambda: churns.online_retail(shops.online_retail())
    yield "Churn: Telco", churns.telco
    yield "Value", lambda: values.online_retail(shops.online_retail())
    yield "Taste", lambda: tastes.online_retail(shops.online_retail())


def _paces() -> Iterator[str]:
    from tests.bench_models import pace, shops

    yield pace.scoring_table(shops.online_retail())
    yield pace.learning_table()
    yield pace.imports_table()


if __name__ == "__main__":
    sys.exit(main())
