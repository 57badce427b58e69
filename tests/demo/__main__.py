"""Build, deploy and play: `python -m tests.demo --help`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tests.demo import invoices, report
from tests.demo.environments import SetUpError
from tests.demo.learned import learn_from_a_year
from tests.demo.quiet import NotQuiet
from tests.demo.receiver import receiving
from tests.demo.shop_day import Day, NotPublished, play_day
from tests.demo.shop_history import play_history
from tests.demo.stack import running_stack
from tests.demo.weeks.__main__ import print_weeks

PEOPLE = 120
"""With them the day, and the build and deployment before it, fit into a minute on two cores."""

FEW_AT_ONCE = {
    "ProfileMaximumConcurrency": "2",
    "JourneyMaximumConcurrency": "2",
    "DispatchMaximumConcurrency": "2",
}
"""On one machine, more of them cost a cold start each and take turns on the same cores."""

DIFFERENT, FAILED, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; return 0 only if everything is as the oracle has it."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.limit and not options.data:
        parser.error("a limit is for a file of invoices: name it with --data (make demo DATA=…)")
    began = time.monotonic()
    try:
        ledger = invoices.read(options.data, options.limit) if options.data else None
        differences = _play(options, ledger)
    except (SetUpError, NotPublished, NotQuiet, invoices.BadData) as error:
        print(f"\nportrait: {error}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nportrait: interrupted.", file=sys.stderr)
        return INTERRUPTED
    print(f"  {time.monotonic() - began:.0f} s in all", flush=True)
    return DIFFERENT if differences else 0


def _play(options: argparse.Namespace, ledger: invoices.Ledger | None) -> list[str]:
    with (
        tempfile.TemporaryDirectory() as folder,
        receiving(Path(folder)) as receiver,
        running_stack(
            environment={"SSL_CERT_FILE": str(receiver.ca_bundle)},
            parameters=FEW_AT_ONCE,
            log=options.log,
            say=report.step,
        ) as stack,
    ):
        if ledger is not None:
            return play_history(stack, ledger)
        differences = play_day(stack, receiver, Day(options.seed, options.people))
        differences += learn_from_a_year(stack, options.seed)
    print_weeks()
    return differences


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(FAILED, f"portrait: {message}.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--seed", type=int, default=20_261_121, help="which day is drawn")
    parser.add_argument(
        "--people",
        type=_count,
        default=PEOPLE,
        metavar="N",
        help=f"how many come (default: {PEOPLE})",
    )
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="play the invoices of this file instead"
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="read the file's first N lines only"
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="keep what the local AWS and the functions say"
    )
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1,000,000, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
