"""Measure what an event costs, beside the textbook way: `python -m tests.bench --help`."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from random import Random

from tests.bench.shop import settle

LOADS = [(1, 1, 100), (1, 4, 100), (20, 1, 10), (20, 4, 10), (20, 10, 10), (20, 4, 100)]
LOADS += [(100, 4, 10), (100, 10, 10)]
"""Events in a POST, events of one customer in a batch of profile, messages in such a batch."""

BAR_LOADS = [(20, 4, 10), (20, 4, 100)]
LIBRARIES = ("botocore", "pynamodb", "aws-lambda-powertools", "msgspec", "pydantic")


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few events and rounds, for a look")
    options = parser.parse_args()
    began = time.monotonic()
    settle()
    screen = sys.stdout  # while the functions run, standard output is their log
    print(headline(), file=screen, flush=True)
    for section in sections(quick=options.quick):
        print(section, file=screen, flush=True)
    print(f"\ntook {time.monotonic() - began:.0f} s")


def headline() -> str:
    """Return the machine, the versions and the date."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = f"{processor()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    system = f"{platform.system()} {platform.machine()}; Python {platform.python_version()}"
    return f"{machine}, {system}; {libraries}; {time.strftime('%Y-%m-%d %H:%M')}"


def processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")


def sections(*, quick: bool) -> Iterator[str]:
    """Measure and yield one table after the other."""
    from tests.bench.burdens import burdens_table
    from tests.bench.event_tables import bill_table, counts_table, later_table, processor_table
    from tests.bench.experiment import SEED, play
    from tests.bench.fan_out import MEASURED, fan_out_table
    from tests.bench.history import history_table
    from tests.bench.latency import latency_table
    from tests.bench.meter import logged
    from tests.bench.paper import paper_table
    from tests.bench.peer import peer_table, play_textbook
    from tests.bench.pipeline import handlers
    from tests.bench.portrait_sizes import portrait_sizes
    from tests.bench.requests import write_requests
    from tests.bench.shop import open_shop
    from tests.bench.start_tables import package_table, portrait_table
    from tests.bench.starter_timers import timers_table
    from tests.bench.starts import Starts
    from tests.bench.steps import steps_table
    from tests.bench.summary import summary_table
    from tests.bench.traffic import Load

    events, customers, rounds = (400, 100, 1) if quick else (10_000, 1_000, 5)
    loads = [Load(*each) for each in (BAR_LOADS[:1] if quick else LOADS)]
    with logged() as log, tempfile.TemporaryDirectory() as folder:
        shop = open_shop(customers, handlers()["profile"], Random(SEED))
        usual = Load(*BAR_LOADS[0])
        outcomes = {
            load: play(load, shop, log, events=events, month=load == usual) for load in loads
        }
        ours = outcomes[usual]
        yield counts_table(list(outcomes.values()), customers)
        yield bill_table(ours)
        yield later_table(ours)
        yield processor_table(list(outcomes.values()))
        yield peer_table(ours, play_textbook(ours.load, log, events=events // 10))
        yield portrait_table(portrait_sizes(handlers()["profile"]))
        if not quick:
            yield history_table(handlers()["profile"])
        yield steps_table(log, quick=quick)
        yield timers_table(log, quick=quick)
        yield burdens_table(log, quick=quick)
        yield fan_out_table(handlers(), log, customers=2_000 if quick else MEASURED)
        if not quick:
            yield paper_table(log)
        requests = write_requests(Path(folder), log)
        starts = Starts(requests, rounds, quick=quick)
        yield from starts.tables()
        yield package_table()
        bar_outcomes = [o for load, o in outcomes.items() if load in {Load(*b) for b in BAR_LOADS}]
        yield summary_table(bar_outcomes, starts)
    yield latency_table(quick=quick)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nportrait: interrupted.")
