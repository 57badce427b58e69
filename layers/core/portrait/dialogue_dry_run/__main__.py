"""Say what a campaign would have done over the archive: who would have entered, and when.

Nothing is sent or written. Of which stack: DEFINITIONS_TABLE and DATA_BUCKET, outputs of the
deployment (and SECRET_ARN with --customer), and AWS_DEFAULT_REGION, AWS_PROFILE and
AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from portrait import commands
from portrait.catalogue import Catalogue
from portrait.commands import carried_out, only_document, tell
from portrait.definitions.problems import DefinitionError
from portrait.dialogue_dry_run.archived import sightings, unseen
from portrait.dialogue_dry_run.rehearsal import Rehearsal
from portrait.dialogue_dry_run.report import report, story
from portrait.faults import Unavailable
from portrait.settings import get_settings

ADVICE = "check DEFINITIONS_TABLE, DATA_BUCKET and the AWS settings, or try again"
DAYS = 30
OBJECTS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    return carried_out(partial(_run, options), advice=ADVICE)


def _parser() -> argparse.ArgumentParser:
    parser = commands.parser("portrait.dialogue_dry_run", __doc__)
    parser.add_argument("campaign", type=Path, metavar="CAMPAIGN.yaml", help="the one to try")
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, default=None, metavar="DATE",
        help=f"let customers enter from this day on (UTC; default: {DAYS} days ago)",
    )  # fmt: skip
    parser.add_argument(
        "--customer", metavar="NAMESPACE:VALUE", help="tell what would have happened to this one"
    )
    return parser


def _run(options: argparse.Namespace) -> int:
    from portrait.store import archive_reading, definitions  # an AWS session

    if not get_settings().data_bucket:
        raise Unavailable("DATA_BUCKET is not set")
    tried = {**only_document(options.campaign, "campaign"), "status": "active"}
    for name in unseen(tried):
        tell(f"{name}: the archive holds no personal data, so nobody is seen to have it")
    catalogue = _with(tried, definitions.load_all(consistent=True))
    since = options.since or datetime.now(UTC).date() - timedelta(days=DAYS)
    played = Rehearsal(catalogue, since=_start(since))
    for hour in _hours(archive_reading.names()):
        rows = [row for name in hour for row in archive_reading.rows(name)]
        for one in sightings(rows):
            played.tell([one], now=one.event.received_at)
    played.advance(time.time_ns() // 1_000_000)
    if options.customer:
        print(*story(_home(options.customer, played, catalogue), played.entries), sep="\n")
        return 0
    (campaign,) = (one for one in catalogue.campaigns if one.key == tried["key"])
    print(*report(campaign, played.entries), sep="\n")
    return 0


def _with(tried: dict[str, Any], published: list[dict[str, Any]]) -> Catalogue:
    """Return the published definitions with the campaign that is tried in place of its own."""
    others = [one for one in published if (one["kind"], one["key"]) != ("campaign", tried["key"])]
    return Catalogue.compile([*others, {**tried, "version": 1}])


def _hours(names: Iterator[str]) -> Iterator[list[str]]:
    """Yield the objects of one hour together: only within it they are out of order."""
    for number, (_, some) in enumerate(groupby(names, lambda name: name.rpartition("/")[0]), 1):
        if number % OBJECTS == 0:
            tell(f"{number:,} hours of events told")
        yield list(some)


def _home(customer: str, played: Rehearsal, catalogue: Catalogue) -> str:
    from portrait.identity import home
    from portrait.store.secrets import secret

    namespace, _, value = customer.partition(":")
    known = catalogue.identity.normalise(namespace, value)
    if known is None:
        raise DefinitionError([f"--customer {namespace}: expected NAMESPACE:VALUE of a customer"])
    own = home(secret(), namespace, known, catalogue.identity.strengths)
    portrait = played.portrait(own)
    return portrait.home if portrait else own


def _start(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


if __name__ == "__main__":
    sys.exit(main())
