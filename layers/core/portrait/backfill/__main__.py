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
from typing import Any

from portrait.backfill.run import Backfill, metric_of
from portrait.catalogue import Catalogue
from portrait.faults import Conflict, Unavailable
from portrait.learning.document import series_of
from portrait.metrics import Metric

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: there is no such trait; AWS did not answer, or portraits kept changing."""

LEARNING = "learning"

LONGEST_INVOCATION_S = 60
"""No function that folds runs for longer; until then one may not know a trait just published."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        return _backfill(options.trait, options.since)
    except (Conflict, Unavailable) as error:
        _tell(f"{error}; nothing was counted twice, run the same command again")
        return TRY_AGAIN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portrait.backfill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
        _tell(f"there is no trait {key!r}; expected one of {', '.join(known)}")
        return INVALID
    kind, name = ("trait", key) if key in catalogue.traits else (LEARNING, "default")
    _wait(definitions.published_at(kind, name))
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
            tell=_tell,
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


def _wait(published_at: int) -> None:
    """Wait until every function knows what was published."""
    from portrait.settings import get_settings

    known_from = get_settings().definitions_max_age_seconds + LONGEST_INVOCATION_S
    rest = published_at / 1000 + known_from - time.time()
    if rest > 0:
        _tell(f"waiting {rest:.0f} s until every function knows the trait")
        time.sleep(rest)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
