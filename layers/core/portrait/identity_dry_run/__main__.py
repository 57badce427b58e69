"""Say what a change of identity rules would merge, split or demote over the archive.

Nothing is written. Of which stack: DEFINITIONS_TABLE and DATA_BUCKET, outputs of the deployment,
and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from portrait.definitions.documents import canonical
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import read_folder
from portrait.faults import Unavailable
from portrait.identity_dry_run import compare, unseen
from portrait.identity_dry_run.archived import Evidence
from portrait.identity_dry_run.report import report
from portrait.identity_rules import IdentityRules
from portrait.settings import get_settings

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: the document is wrong; AWS did not answer."""

OBJECTS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        new = _rules(options.rules)
        _run(new, options.since, options.until)
    except DefinitionError as error:
        _tell("\n".join(error.problems))
        return INVALID
    except Unavailable as error:
        _tell(f"{error}; check DEFINITIONS_TABLE, DATA_BUCKET and the AWS settings, or try again")
        return TRY_AGAIN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portrait.identity_dry_run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rules", type=Path, metavar="NEW_RULES.yaml", help="the rules to try")
    for flag, name, side in (("--from", "since", "from"), ("--to", "until", "until the end of")):
        parser.add_argument(
            flag, dest=name, type=date.fromisoformat, default=None, metavar="DATE",
            help=f"read events received {side} this day (UTC)",
        )  # fmt: skip
    return parser


def _rules(path: Path) -> IdentityRules:
    documents = [canonical(draft.definition) for draft in read_folder(path)]
    found = [document for document in documents if document["kind"] == "identity"]
    if len(found) != 1:
        raise DefinitionError([f"{path}: expected one document of kind identity"])
    return IdentityRules.from_document(found[0])


def _run(new: IdentityRules, since: date | None, until: date | None) -> None:
    from portrait.store import archive_reading, definitions  # an AWS session

    if not get_settings().data_bucket:
        raise Unavailable("DATA_BUCKET is not set")
    stored = definitions.load_all(consistent=True)
    published = next((document for document in stored if document["kind"] == "identity"), {})
    present = IdentityRules.from_document(published)
    for name in unseen(present, new):
        _tell(f"{name} differs: what that does cannot be seen in the archive")
    evidence = Evidence()
    for number, name in enumerate(_until(archive_reading.names(_day(since)), until), 1):
        for row in archive_reading.rows(name):
            evidence.take(row)
        if number % OBJECTS == 0:
            _tell(f"{number:,} objects read, {evidence.events:,} events")
    print(*report(evidence, compare(evidence.ids, present, new)), sep="\n")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _until(names: Iterable[str], last: date | None) -> Iterable[str]:
    """Yield names, which come in order of their day, up to and with the last day."""
    end = f"events/date={last + timedelta(days=1)}" if last else None
    for name in names:
        if end is not None and name >= end:
            return
        yield name


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
