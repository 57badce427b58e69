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
from itertools import groupby
from pathlib import Path
from typing import Any

from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import read_folder
from portrait.dialogue_dry_run.archived import sightings, unseen
from portrait.dialogue_dry_run.rehearsal import Rehearsal
from portrait.dialogue_dry_run.report import report, story
from portrait.faults import Unavailable
from portrait.settings import get_settings

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: the document is wrong; AWS did not answer."""

DAYS = 30
OBJECTS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except DefinitionError as error:
        _tell("\n".join(error.problems))
        return INVALID
    except Unavailable as error:
        _tell(f"{error}; check DEFINITIONS_TABLE, DATA_BUCKET and the AWS settings, or try again")
        return TRY_AGAIN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portrait.dialogue_dry_run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("campaign", type=Path, metavar="CAMPAIGN.yaml", help="the one to try")
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, default=None, metavar="DATE",
        help=f"let customers enter from this day on (UTC; default: {DAYS} days ago)",
    )  # fmt: skip
    parser.add_argument(
        "--customer", metavar="NAMESPACE:VALUE", help="tell what would have happened to this one"
    )
    return parser


def _run(options: argparse.Namespace) -> None:
    from portrait.store import archive_reading, definitions  # an AWS session

    if not get_settings().data_bucket:
        raise Unavailable("DATA_BUCKET is not set")
    tried = _campaign(options.campaign)
    for name in unseen(tried):
        _tell(f"{name}: the archive holds no personal data, so nobody is seen to have it")
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
        return
    (campaign,) = (one for one in catalogue.campaigns if one.key == tried["key"])
    print(*report(campaign, played.entries), sep="\n")


def _campaign(path: Path) -> dict[str, Any]:
    documents = [canonical(draft.definition) for draft in read_folder(path)]
    found = [document for document in documents if document["kind"] == "campaign"]
    if len(found) != 1:
        raise DefinitionError([f"{path}: expected one document of kind campaign"])
    return {**found[0], "status": "active"}


def _with(tried: dict[str, Any], published: list[dict[str, Any]]) -> Catalogue:
    """Return the published definitions with the campaign that is tried in place of its own."""
    others = [one for one in published if (one["kind"], one["key"]) != ("campaign", tried["key"])]
    return Catalogue.compile([*others, {**tried, "version": 1}])


def _hours(names: Iterator[str]) -> Iterator[list[str]]:
    """Yield the objects of one hour together: only within it they are out of order."""
    for number, (_, some) in enumerate(groupby(names, lambda name: name.rpartition("/")[0]), 1):
        if number % OBJECTS == 0:
            _tell(f"{number:,} hours of events told")
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


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
