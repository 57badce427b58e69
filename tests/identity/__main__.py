"""Measure who the product takes for whom: `python -m tests.identity --help`."""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from random import Random

from tests.bench.__main__ import headline
from tests.identity.bars import Bar
from tests.identity.peers import naive, segment
from tests.identity.play import Played, play
from tests.identity.quality import Quality, quality
from tests.identity.report import (
    explanation,
    stream_figures,
    stream_table,
    verdicts,
    worlds_figures,
    worlds_tables,
)
from tests.identity.stream import absent, stream
from tests.identity.trial import Trial, trial
from tests.identity.worlds import PEOPLE

ORDERS = (None, 1, 2, 3)
SEEDS, QUICK_SEEDS = 20, 2
PROCESSES = 2

Measured = list[tuple[Bar, float, str]]


def main() -> int:
    """Print every table; return 1 where a bar was missed."""
    options = _options()
    began = time.monotonic()
    print(headline(), flush=True)
    print(f"base seed {options.seed}; {options.people:,} people a world", flush=True)
    figures = [*_stream(options.batch), *_worlds(options)]
    print(verdicts(figures))
    print(f"\ntook {time.monotonic() - began:.0f} s")
    return 0 if all(bar.keeps(value) for bar, value, _ in figures) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.identity", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SEEDS} worlds, for a look")
    parser.add_argument(
        "--explain", action="store_true", help="say what the wrong merges came from"
    )
    parser.add_argument("--seed", type=int, help="draw the worlds' seeds from this; else fresh")
    parser.add_argument("--people", type=int, default=PEOPLE, help="in a world")
    parser.add_argument("--batch", type=int, default=1, help="events to an invocation")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = time.time_ns() % 1_000_000
    return options


def _stream(batch: int) -> Measured:
    reason = absent()
    if reason:
        print(f"\n{reason}", flush=True)
        return []
    rows: list[tuple[str, Quality, Played | None]] = []
    reached: list[tuple[Quality, Played]] = []
    for order in ORDERS:
        scene = stream(order)
        played = play(scene, batch=batch)
        judged = quality(played.assignment, scene.truth)
        reached.append((judged, played))
        rows.append((f"portrait, {_order(order)}", judged, played))
        _progress(f"identity_stream, {_order(order)}{_refused(played.refused)}")
    scene = stream()
    for name, peer in (("Segment's rules", segment), ("naive union-find", naive)):
        rows.append((f"{name}, {_order(None)}", quality(peer(scene), scene.truth), None))
    print(stream_table(rows), flush=True)
    return stream_figures(reached)


def _worlds(options: argparse.Namespace) -> Measured:
    count = QUICK_SEEDS if options.quick else SEEDS
    seeds = Random(options.seed).sample(range(1_000_000), count)
    trials = sorted(_trials(seeds, options), key=lambda each: seeds.index(each.seed))
    print(worlds_tables(trials), flush=True)
    if options.explain:
        print(explanation(trials), flush=True)
    return worlds_figures(trials)


def _trials(seeds: Sequence[int], options: argparse.Namespace) -> Iterator[Trial]:
    one = partial(trial, people=options.people, batch=options.batch)
    with get_context("spawn").Pool(PROCESSES) as pool:
        for place, each in enumerate(pool.imap_unordered(one, seeds), 1):
            ours = each.told["portrait"]
            _progress(
                f"world {place} of {len(seeds)}, seed {each.seed}: precision {ours.precision:.5f}, "
                f"{ours.wrong:.3f} % wrong, {ours.of_ceiling:.1f} % of the ceiling, "
                f"{each.pace:.2f} s of processor time per 10,000, {each.wall_pace:.2f} on the clock"
                f"{_refused(each.refused)}"
            )
            yield each


def _order(order: int | None) -> str:
    return "in time" if order is None else f"shuffled {order}"


def _refused(refused: Mapping[str, int]) -> str:
    return "".join(f"; {count} {name}" for name, count in refused.items())


def _progress(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nportrait: interrupted.")
