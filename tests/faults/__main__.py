"""Prove it: `python -m tests.faults --help`, or `make prove`."""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence

from tests.faults.plan import Task, plan
from tests.faults.proofs.result import Result, united
from tests.faults.workers import enter, work

WORKERS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out every proof and print what each of them saw; return 1 if anything was wrong."""
    options = _parser().parse_args(arguments)
    tasks = plan(options.scale, seed=options.seed, only=options.proof)
    began = time.perf_counter()
    results: list[Result] = []
    with multiprocessing.get_context("spawn").Pool(WORKERS, enter) as pool:
        for done, result in enumerate(pool.imap_unordered(work, tasks), 1):
            results.append(result)
            if result.problems:
                print(f"\n{result.told()}\n", file=sys.stderr)
            print(f"\r{done} of {len(tasks)} seeds", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(_table(tasks, results))
    print(f"\n{'everything holds' if _hold(results) else 'IT DOES NOT HOLD'}, in "
          f"{time.perf_counter() - began:.0f} s on {WORKERS} processes")  # fmt: skip
    return 0 if _hold(results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the whole proof")
    parser.add_argument("--seed", type=int, default=None, help="this seed alone")
    parser.add_argument("--proof", default="", help="this proof alone")
    return parser


def _hold(results: Sequence[Result]) -> bool:
    return not any(one.problems for one in results)


def _table(tasks: Sequence[Task], results: Sequence[Result]) -> str:
    lines = [f"{'proof':<14} {'seeds':>12} {'size':>9}  {'of':<42} problems"]
    for proof, one in united(results).items():
        seeds = sorted(task.seed for task in tasks if task.proof == proof)
        shown = f"{seeds[0]}-{seeds[-1]}" if len(set(seeds)) > 1 else str(seeds[0])
        of = next(task.of for task in tasks if task.proof == proof)
        lines.append(f"{proof:<14} {shown:>12} {one.size:>9,}  {of:<42} {len(one.problems)}")
        if one.facts:
            facts = ", ".join(f"{name} {count:,}" for name, count in sorted(one.facts.items()))
            lines.append(f"{'':<14} {facts}")
    return "\n".join(lines)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set must follow from the seed too
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.faults", *sys.argv[1:]])
    sys.exit(main())
