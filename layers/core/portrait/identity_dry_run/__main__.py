"""Say what a change of identity rules would merge, split or demote over the archive.

Nothing is written. Of which stack: DEFINITIONS_TABLE and DATA_BUCKET, outputs of the deployment,
and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from portrait import commands
from portrait.commands import carried_out, only_document, tell
from portrait.faults import Unavailable
from portrait.identity_dry_run import compare, unseen
from portrait.identity_dry_run.archived import Evidence
from portrait.identity_dry_run.report import report
from portrait.identity_rules import IdentityRules
from portrait.settings import get_settings

ADVICE = "check DEFINITIONS_TABLE, DATA_BUCKET and the AWS settings, or try again"
OBJECTS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    return carried_out(partial(_run, options), advice=ADVICE)


def _parser() -> argparse.ArgumentParser:
    parser = commands.parser("portrait.identity_dry_run", __doc__)
    parser.add_argument("rules", type=Path, metavar="NEW_RULES.yaml", help="the rules to try")
    for flag, name, side in (("--from", "since", "from"), ("--to", "until", "until the end of")):
        parser.add_argument(
            flag, dest=name, type=date.fromisoformat, default=None, metavar="DATE",
            help=f"read events received {side} this day (UTC)",
        )  # fmt: skip
    return parser


def _run(options: argparse.Namespace) -> int:
    from portrait.store import archive_reading, definitions  # an AWS session

    new = IdentityRules.from_document(only_document(options.rules, "identity"))
    if not get_settings().data_bucket:
        raise Unavailable("DATA_BUCKET is not set")
    stored = definitions.load_all(consistent=True)
    published = next((document for document in stored if document["kind"] == "identity"), {})
    present = IdentityRules.from_document(published)
    for name in unseen(present, new):
        tell(f"{name} differs: what that does cannot be seen in the archive")
    evidence = Evidence()
    for number, name in enumerate(
        _until(archive_reading.names(_day(options.since)), options.until), 1
    ):
        for row in archive_reading.rows(name):
            evidence.take(row)
        if number % OBJECTS == 0:
            tell(f"{number:,} objects read, {evidence.events:,} events")
    print(*report(evidence, compare(evidence.ids, present, new)), sep="\n")
    return 0


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _until(names: Iterable[str], last: date | None) -> Iterable[str]:
    """Yield names, which come in order of their day, up to and with the last day."""
    end = f"events/date={last + timedelta(days=1)}" if last else None
    for name in names:
        if end is not None and name >= end:
            return
        yield name


if __name__ == "__main__":
    sys.exit(main())
