"""Count a computed trait, or what the models learn from, from the archive:
`python -m portrait.backfill --help`.

Of which stack: PORTRAITS_TABLE, DEFINITIONS_TABLE, DATA_BUCKET and SECRET_ARN, outputs of the
deployment, and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import random
import secrets
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from portrait import commands
from portrait.backfill.run import Backfill, metric_of
from portrait.catalogue import Catalogue
from portrait.commands import INVALID, carried_out, tell, wait_until_known
from portrait.learning.document import series_of
from portrait.metrics import Metric

LEARNING = "learning"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    return carried_out(
        partial(_backfill, options.trait, options.since),
        advice="nothing was counted twice, run the same command again",
    )


def _parser() -> argparse.ArgumentParser:
    parser = commands.parser("portrait.backfill", __doc__)
    parser.add_argument(
        "trait", metavar="TRAIT",
        help="key of a published trait, or `learning` for all that the learning document names",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, default=None, metavar="DATE",
        help="read events received from this day (UTC) on; a strand that knows of more keeps it",
    )  # fmt: skip
    return parser


def _backfill(key: str, since: date | None) -> int:
    from portrait.store import archive_reading, definitions, portrait_scan
    from portrait.store.secrets import secret

    catalogue = Catalogue.compile(definitions.load_all(consistent=True))
    asked = _metrics(catalogue, key)
    if not asked:
        known = [*sorted(catalogue.traits), *([LEARNING] if catalogue.learning else [])]
        tell(f"there is no trait {key!r}; expected one of {', '.join(known)}")
        return INVALID
    kind, name = ("trait", key) if key in catalogue.traits else (LEARNING, "default")
    wait_until_known(definitions.published_at(kind, name), "trait")
    archive = _Archive(archive_reading, since.isoformat() if since else "")
    for named, metric in asked.items():
        run = Backfill(
            metric=metric,
            secret=secret(),
            token=secrets.token_hex(4),
            portraits=portrait_scan,
            archive=archive,
            catalogue=lambda: definitions.catalogue(_now()),
            now=_now,
            tell=tell,
            pause=lambda attempt: time.sleep(random.uniform(0, 0.05 * 2 ** min(attempt, 6))),
        )
        outcomes = run.run()
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"{named}: {counts or 'nothing to fill'}")
    return 0


def _metrics(catalogue: Catalogue, key: str) -> dict[str, Metric]:
    """Return the metrics to be filled, by what they are called; none where the key names none."""
    trait, learning = catalogue.traits.get(key), catalogue.learning
    if trait is not None:
        return {key: metric_of(catalogue.metrics, trait.metric.key)}
    if key != LEARNING or learning is None:
        return {}
    return {each: metric_of(catalogue.metrics, each) for each in series_of(learning)}


class _Archive:
    """The archive from a day on."""

    def __init__(self, store: Any, since: str) -> None:
        self._store, self._since = store, since

    def names(self) -> Iterable[str]:
        names: Iterable[str] = self._store.names(self._since)
        return names

    def rows(self, name: str) -> Iterable[Mapping[str, Any]]:
        rows: Iterable[Mapping[str, Any]] = self._store.rows(name)
        return rows


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
