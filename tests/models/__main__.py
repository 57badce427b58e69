"""Show what the gates stop and what they let through: `make bench-gates`."""

import argparse
import os
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

from models.trial import Refusal
from tests.models import taste_corruptions as tastes
from tests.models.matrix import HONEST, judged, shop
from tests.models.real import SHOPS, taste_weeks, weeks
from tests.models.subjects import SUBJECTS

WEEKS = (7, 35)
"""Days after the champion's training that each world is honestly retrained."""
KINDS: Mapping[str, Collection[str]] = {
    **{model: subject.corruptions.keys() for model, subject in SUBJECTS.items()},
    "taste": tastes.CORRUPTIONS.keys(),
}
"""How what each model learns from is spoilt."""


class Row(NamedTuple):
    """What was said against each retraining of one kind."""

    kind: str
    said: Sequence[Sequence[Refusal]]


def main() -> None:
    """Print the confusion table of each model, and what is said of real shops."""
    parser = argparse.ArgumentParser(prog="python -m tests.models", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=range(10), help="such as 10-19, or 4: 0-3")
    parser.add_argument("--only", default="", help="kinds that have this in their name")
    parser.add_argument("--model", choices=KINDS, help="one of them alone")
    options = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for model in [options.model] if options.model else KINDS:
            print(f"\n{model}, seeds {options.seeds.start} to {options.seeds.stop - 1}")
            kinds = [kind for kind in KINDS[model] if options.only in kind]
            worlds = list(pool.map(partial(_of_world, model=model, kinds=kinds), options.seeds))
            honest = [said for world in worlds for said in world["honest"]]
            rows = [Row(kind, [world[kind][0] for world in worlds]) for kind in kinds]
            for line in confusion(Row("honest", honest), rows):
                print(line, flush=True)
    for line in real():
        print(line, flush=True)
    print(f"\ntook {time.monotonic() - began:.0f} s")


def _seeds(text: str) -> range:
    """Read `10-19`, both included, or how many from 0 on."""
    first, dash, last = text.partition("-")
    return range(int(first), int(last) + 1) if dash else range(int(first))


def real() -> Iterator[str]:
    """Yield what is said against honest retrainings of real shops, week by week."""
    for name, (path, _, _) in SHOPS.items():
        if not path.exists():
            yield f"{name}: skipped, {path} is not here"
            continue
        yield _told(name, list(weeks(name)))
    path, _, _ = SHOPS["Online Retail"]
    if path.exists():
        yield _told("Online Retail, taste", list(taste_weeks("Online Retail")))


def _told(name: str, said: Sequence[Sequence[Refusal]]) -> str:
    told = "; ".join(one.sentence for refusals in said for one in refusals)
    return f"{name}: {sum(map(bool, said))} of {len(said)} honest weeks refused. {told}"


def _of_world(seed: int, *, model: str, kinds: Sequence[str]) -> Mapping[str, list[list[Refusal]]]:
    """Return what is said in one world, honestly retrained and corrupted in every way."""
    if model == "taste":
        of_taste = partial(tastes.judged, seed)
        found = {"honest": [of_taste(tastes.HONEST, later=later) for later in WEEKS]}
        return found | {kind: [of_taste(tastes.CORRUPTIONS[kind])] for kind in kinds}
    opened = shop(seed, model=model)
    found = {"honest": [judged(opened, HONEST, later=later) for later in WEEKS]}
    return found | {kind: [judged(opened, opened.subject.corruptions[kind])] for kind in kinds}


def confusion(honest: Row, corrupted: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table, with the gates that spoke most often."""
    yield f"{'retraining':36} {'refused':>8}   by (times)"
    for row in (honest, *corrupted):
        spoke = Counter(gate for said in row.said for gate in {one.gate for one in said})
        gates = ", ".join(f"{gate} {times}" for gate, times in spoke.most_common(6))
        yield f"{row.kind:36} {refused(row):>3} / {len(row.said):<3}  {gates}"
    total = sum(len(row.said) for row in corrupted)
    stopped = sum(refused(row) for row in corrupted)
    yield f"\ncorrupted: {stopped} of {total} refused ({stopped / max(1, total):.1%}; bar 95 %)"
    yield f"honest: {refused(honest)} of {len(honest.said)} refused (bar: at most 1 of 20)"


def refused(row: Row) -> int:
    """Return how many retrainings of a kind were refused."""
    return sum(bool(said) for said in row.said)


if __name__ == "__main__":
    main()
