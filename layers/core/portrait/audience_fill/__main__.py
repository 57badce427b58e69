"""Fill an audience with whoever belongs to it: `python -m portrait.audience_fill --help`.

Of which stack: PORTRAITS_TABLE, DEFINITIONS_TABLE, JOURNEYS_QUEUE_URL and AUDIENCES_QUEUE_URL, all
outputs of the deployment, and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial

from portrait.audience_fill import Filled, fill
from portrait.catalogue import Catalogue
from portrait.faults import Unavailable

INVALID, TRY_AGAIN = 1, 3
"""Exit codes: there is no such audience; AWS did not answer."""

LONGEST_INVOCATION_S = 60
"""No function that reviews segments runs for longer; until then one may not know the audience."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    try:
        return _fill(options.audience, options.after)
    except Unavailable as error:
        _tell(f"{error}; go on with --after and the place said last, or begin anew")
        return TRY_AGAIN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portrait.audience_fill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("audience", metavar="AUDIENCE", help="key of a published audience")
    parser.add_argument(
        "--after", default="", metavar="PLACE", help="go on from a place that an earlier run said"
    )
    return parser


def _fill(key: str, after: str) -> int:
    from portrait.settings import get_settings
    from portrait.store import definitions, portrait_scan, queues

    catalogue = Catalogue.compile(definitions.load_all(consistent=True))
    audience = catalogue.audiences.get(key)
    if audience is None:
        known = ", ".join(sorted(catalogue.audiences)) or "no audience is published"
        _tell(f"there is no audience {key!r}; expected one of: {known}")
        return INVALID
    settings = get_settings()
    _wait(definitions.published_at("audience", key) / 1000 + settings.definitions_max_age_seconds)
    done = fill(
        portrait_scan.pages(after),
        audience,
        catalogue,
        clock=lambda: time.time_ns() // 1_000_000,
        hint=partial(queues.send, settings.audiences_queue_url),
        wake=partial(queues.send, settings.journeys_queue_url),
        tell=_progress,
    )
    print(f"{key}: {done.seen:,} portraits, {done.hinted:,} members, {done.woken:,} woken")
    return TRY_AGAIN if done.unreadable else 0


def _wait(read_by_all: float) -> None:
    """Wait until every function knows what was published; `read_by_all` is in seconds, UTC."""
    rest = read_by_all + LONGEST_INVOCATION_S - time.time()
    if rest > 0:
        _tell(f"waiting {rest:.0f} s until every function knows the audience")
        time.sleep(rest)


def _progress(done: Filled, place: str) -> None:
    told = f"{done.seen:,} portraits: {done.hinted:,} members, {done.woken:,} woken"
    if done.unreadable:
        told += f", {done.unreadable:,} by a newer version and left out"
    _tell(f"{told}; --after {place}" if place else told)


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
