"""Play three weeks and print what became of everybody: `python -m tests.demo.weeks --help`."""

import argparse
import sys
import time

from portrait.definitions.reading import STARTERS
from tests.demo.weeks.play import KEYS, SETTINGS, weeks
from tests.demo.weeks.report import funnels
from tests.faults.account import reach

SEED, PEOPLE = 20_261_128, 300


def main() -> int:
    """Play, and print a funnel for each starter campaign."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.weeks", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="which weeks are drawn")
    parser.add_argument("--people", type=int, default=PEOPLE, metavar="N", help="how many come")
    options = parser.parse_args()
    print_weeks(options.seed, options.people)
    return 0


def print_weeks(seed: int = SEED, people: int = PEOPLE) -> None:
    """Play the weeks, show how they go by, and print the funnels."""
    began = time.monotonic()
    print(f"\nthree weeks of {people} people on a virtual clock, seed {seed}", flush=True)
    with reach(STARTERS, KEYS, SETTINGS) as reached:
        played = weeks(reached, seed=seed, people=people)
        shown = sys.stdout.isatty()
        for day in played.play():
            if shown:
                print(f"\r  day {day:2} of 21", end="", flush=True)
        if shown:
            print("\r", end="")
        for line in funnels(played):
            print(f"  {line}" if line else "", flush=True)
    print(f"  {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
