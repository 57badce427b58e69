"""Fill an audience with whoever belongs to it: `python -m portrait.audience_fill --help`.

Of which stack: PORTRAITS_TABLE, DEFINITIONS_TABLE, JOURNEYS_QUEUE_URL and AUDIENCES_QUEUE_URL, all
outputs of the deployment, and AWS_DEFAULT_REGION, AWS_PROFILE and AWS_ENDPOINT_URL as usual.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial

from portrait import commands
from portrait.audience_fill import Filled, fill
from portrait.catalogue import Catalogue
from portrait.commands import INVALID, TRY_AGAIN, carried_out, tell, wait_until_known


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; progress and problems go to standard error."""
    options = _parser().parse_args(arguments)
    return carried_out(
        partial(_fill, options.audience, options.after),
        advice="go on with --after and the place said last, or begin anew",
    )


def _parser() -> argparse.ArgumentParser:
    parser = commands.parser("portrait.audience_fill", __doc__)
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
        tell(f"there is no audience {key!r}; expected one of: {known}")
        return INVALID
    settings = get_settings()
    wait_until_known(definitions.published_at("audience", key), "audience")
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


def _progress(done: Filled, place: str) -> None:
    told = f"{done.seen:,} portraits: {done.hinted:,} members, {done.woken:,} woken"
    if done.unreadable:
        told += f", {done.unreadable:,} by a newer version and left out"
    tell(f"{told}; --after {place}" if place else told)


if __name__ == "__main__":
    sys.exit(main())
