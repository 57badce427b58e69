"""Backfill: a new or changed computed trait is counted from the archive, each event exactly once.

A strand goes through two writes. *Arming* starts an empty series beside the one in force and notes
which messages the strand has counted so far; from then on folding feeds both. *Filling* folds the
archived events among those messages into the new series, by the code that folds live ones, and
puts it in the place of the old. An event was either counted before the strand was armed, and then
it was archived before that too, or after it, and then it is in the new series already. What is
read of the trait meanwhile is the old series, so nobody sees it dip; a run that breaks off leaves
nothing but an unread series, which the next run starts anew. Nobody enters or leaves a segment, or
a campaign by it, because of what is only learned now.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from portrait import seen
from portrait.event import label
from portrait.metrics import DAY_MS, Metric
from portrait.portrait import BORROWED, Portrait
from portrait.seen import HASH_SIZE, MAX_SEEN, SEEN_DAYS, Seen, message_hash
from portrait.series import SHADOW, Series
from portrait.strand import Strand
from portrait.values import Value


class Sample(NamedTuple):
    """What one archived event says to one metric. Instants are UTC ms.

    `strongest` tells whether the home it is listed under is that of its strongest identifier.
    """

    message: bytes
    at: int
    received_at: int
    values: list[Value]
    strongest: bool


class Outcome(StrEnum):
    """What became of a strand.

    filled: the series now holds what the archive says. kept: it held more than the archive does,
    and stays. gone: it was erased, started afresh, or armed by another run.
    """

    FILLED = "filled"
    KEPT = "kept"
    GONE = "gone"


def samples(row: Mapping[str, Any], metric: Metric, secret: bytes) -> Iterator[tuple[str, Sample]]:
    """Yield what an archived row says to the metric, under each of its homes; often nothing.

    Values that name a person are not archived, so a metric of one finds nothing here.
    """
    if label(row["kind"], row["name"]) != metric.event:
        return
    values = metric.values(row["traits"] if row["kind"] == "identify" else row["properties"])
    if not values:
        return
    message = message_hash(secret, row["source"], row["id"])
    for place, home in enumerate(row["homes"]):
        yield home, Sample(message, row["timestamp"], row["received_at"], values, place == 0)


def heard_at(key: str) -> str:
    """Return the home through which a strand of this key was heard."""
    return key.rpartition(BORROWED)[2]


def owner_of(key: str) -> str:
    """Return the home that a strand of this key goes with."""
    return key.partition(BORROWED)[0]


def heard_alone(portrait: Portrait, key: str) -> bool:
    """Tell whether the strand is all that was ever heard through its home."""
    return BORROWED not in key and key not in portrait.guards and key in portrait.ids


def arm(portrait: Portrait, metric: Metric, token: str, homes: Container[str]) -> dict[str, Seen]:
    """Start an empty series beside the metric's in every strand heard through one of `homes`.

    Args:
        token: names this run; a later run takes over from it.

    Returns:
        What each of the strands had counted, by its key.
    """
    noted: dict[str, Seen] = {}
    for key, strand in portrait.strands.items():
        if heard_at(key) in homes:
            strand.series[SHADOW + metric.key] = Series(token=token)
            noted[key] = list(strand.seen)
    return noted


def fill(
    strand: Strand | None,
    counted: Seen,
    metric: Metric,
    token: str,
    archived: Iterable[Sample],
    *,
    erased_at: int,
    alone: bool = True,
) -> Outcome:
    """Put what a strand had counted when it was armed into its new series, and that in force.

    Args:
        strand: as it is now, wherever it went; None where it is no more.
        counted: what `arm` returned for it.
        archived: the samples under the home it was heard through, in any order, repeated or not.
        erased_at: what was received by then must not come back; -1 where nothing was erased.
        alone: whether nobody else was ever heard through that home. Else what is older than the
            memory of messages is left out: nobody can tell any more whom it was about.
    """
    shadow = strand.series.get(SHADOW + metric.key) if strand is not None else None
    if strand is None or shadow is None or shadow.token != token:
        return Outcome.GONE
    del strand.series[SHADOW + metric.key]
    forgotten = _forgotten(counted)
    distinct = {each.message: each for each in archived if each.received_at > erased_at}
    for each in distinct.values():
        # No queue keeps a message for as long: what is that old was counted, or never will be.
        old = alone and each.strongest and each.received_at // DAY_MS < forgotten
        if old or seen.contains(counted, each.message):
            shadow.feed(each.at, each.values, metric)
    return _put(strand.series, metric, shadow)


def _put(series: dict[str, Series], metric: Metric, shadow: Series) -> Outcome:
    known = series.get(metric.key)
    if known is not None and known.number > shadow.number:
        return Outcome.KEPT
    if shadow.number:
        shadow.token = ""
        series[metric.key] = shadow
    return Outcome.FILLED


def _forgotten(counted: Seen) -> int:
    """Return the day of receipt before which the strand no longer remembered every message."""
    if not counted:
        return 0
    if sum(len(packed) for _, packed in counted) >= MAX_SEEN * HASH_SIZE:
        return counted[0][0] + 1
    return counted[-1][0] - SEEN_DAYS + 1
