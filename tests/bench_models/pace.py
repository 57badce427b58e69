"""How fast models score and learn, beside scikit-learn on the same rows."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import joblib
import numpy as np

from models.churn.train import train
from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.value.train import train as train_value
from portrait.learning.export import load
from tests.bench.first_invocation import memory
from tests.bench.tables import Cell, table
from tests.bench_models.churns import SEED, examples
from tests.bench_models.shops import JUDGED, Shop, day
from tests.bench_models.values import examples as examples_of_value

CUTS = ("2011-03-11", "2011-04-10", "2011-05-11", "2011-06-10")
ROWS = 100_000
ONE_BY_ONE = 2_000
TRAINS = {"churn": train, "value": train_value}
IMPORTS = ("numpy", "numpy, sklearn.ensemble", "functions.score.handler")


def scoring_table(shop: Shop) -> str:
    """Return rows a second on one core: the export with numpy and with plain Python, and the
    estimator by scikit-learn's own means; all three say the same."""
    known = _known(shop)
    trained = train(known, seed=SEED)
    rows = _more(known, ROWS).rows
    vectorised, plain = load_vectorised(trained.export), load(trained.export)
    few = [list(map(float, row)) for row in rows[:ONE_BY_ONE]]
    assert np.allclose(vectorised(rows)["churn"], trained.estimator.predict(rows), atol=1e-9)
    paces = {
        "export, numpy, all at once": _pace(lambda: vectorised(rows), ROWS),
        "scikit-learn, all at once": _pace(lambda: trained.estimator.predict(rows), ROWS),
        "export, plain Python, one by one": _pace(lambda: [plain(row) for row in few], ONE_BY_ONE),
        "scikit-learn, one by one": _pace(
            lambda: [trained.estimator.predict(rows[n : n + 1]) for n in range(200)], 200
        ),
    }
    cells = [[name, round(pace), f"{1e6 / pace:,.2f}"] for name, pace in paces.items()]
    title = f"Scoring churn by {trained.winner}: {len(known.names)} features, one core"
    return table(title, ("", "rows a second", "us a row"), cells)


def learning_table(shop: Shop, sizes: Sequence[int]) -> str:
    """Return what a training takes as its rows grow: each in a process of its own."""
    today = JUDGED[0]
    tables = {"churn": _known(shop), "value": examples_of_value(shop.as_of(today), today)}
    cells: list[Sequence[Cell]] = []
    for model, known in tables.items():
        with tempfile.NamedTemporaryFile(suffix=".joblib") as file:
            joblib.dump(known, file.name)
            for size in sizes:
                child = [sys.executable, "-m", "tests.bench_models.pace"]
                child += [model, file.name, str(size)]
                done = subprocess.run(child, capture_output=True, text=True, check=True)
                seconds, before, peak, winner = done.stdout.split()
                name = f"{model}, {size:,} rows"
                cells.append([name, float(seconds), int(before), int(peak), winner])
    headers = ("", "processor s", "MB before", "MB at most", "winner")
    return table("Training, with the rows that are there before", headers, cells)


def imports_table() -> str:
    """Return how long a bare interpreter takes to import what `score` needs, and more."""
    cells = []
    for names in IMPORTS:
        command = [sys.executable, "-c", f"import {names}"]
        spent = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            spent.append(time.perf_counter() - began)
        cells.append([f"import {names}", round(1000 * sorted(spent)[2])])
    return table("Cold imports, ms by the clock, the middle of five", ("", "ms"), cells)


def _known(shop: Shop) -> Table:
    return examples(shop.portraits, [day(cut) for cut in CUTS], 91)


def _more(known: Table, size: int) -> Table:
    """Return rows drawn from a table, each a little different, of customers of their own."""
    random = np.random.default_rng(SEED)
    drawn = known.where(random.integers(0, len(known), size))
    rows: Floats = drawn.rows * random.normal(1, 0.01, drawn.rows.shape)
    return replace(drawn, rows=rows, customers=np.arange(size))


def _pace(work: Callable[[], object], rows: int) -> float:
    spent = []
    for _ in range(5):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return rows / sorted(spent)[2]


def _trained(model: str, known: Table, size: int) -> str:
    """Train on so many rows; return processor seconds, MB before and at most, and the winner."""
    grown = _more(known, size)
    before, began = memory("VmRSS"), time.process_time()
    winner = TRAINS[model](grown, seed=SEED).winner
    spent = time.process_time() - began
    return f"{spent:.1f} {before >> 20} {memory('VmHWM') >> 20} {winner}"


if __name__ == "__main__":
    print(_trained(sys.argv[1], joblib.load(sys.argv[2]), int(sys.argv[3])))
