"""Sizes of segments, estimated from a sample of the portraits table."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING, NamedTuple

from portrait.campaigns import IMPLICIT
from portrait.faults import Unavailable
from portrait.record import Record
from portrait.segment_clock import members

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

ENOUGH = 20_000
"""Portraits that are a sample: a segment of a tenth of them is known to within 5 %, whatever the
table holds."""

LATE_MS = 600_000
"""A portrait whose timer is later than this was forgotten by it."""

_Z = 1.96
"""95 % of a normal distribution lie within as many standard deviations of its mean."""


class Estimate(NamedTuple):
    """How many there are: found in the sample, and in all, with a 95 % interval."""

    found: int
    size: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the segments are.

    Attributes:
        at: when the sample was taken, UTC ms.
        share: of the table that was read, above 0 up to 1; at 1 every number is exact.
        people: how many portraits there are.
        segments: how many are in each segment, by its key.
        stale: homes, in the sample, of portraits whose segments are not up to date: a definition
            changed since, or a timer was lost.
    """

    at: int
    share: float
    people: Estimate
    segments: Mapping[str, Estimate]
    stale: tuple[str, ...] = ()


def estimate(found: int, share: float) -> Estimate:
    """Return how many there are in all, of whom `found` were in a share of the table.

    Keys are hashes, so each one is in the sample with probability `share`, independently. The
    interval holds every number for which finding so many is no surprise; a share of 1 leaves none.

    Source: score interval with continuity correction (Wilson 1927, Yates 1934), solved for the
    number of trials of a binomial whose probability is known.
    """
    if share == 1:
        return Estimate(found, found, found, found)
    low = _bound(found - 0.5, share, -1) if found else 0
    high = _bound(found + 0.5, share, 1)
    return Estimate(found, round(found / share), max(found, floor(low)), ceil(high))


def _bound(found: float, share: float, side: int) -> float:
    spread = _Z * _Z * (1 - share)
    reach = sqrt(spread * (found + spread / 4))
    return (found + spread / 2 + side * reach) / share


def measure(
    slices: Iterable[Iterable[Record]],
    total: int,
    catalogue: "Catalogue",
    *,
    now: int,
    enough: int = ENOUGH,
) -> Sizes:
    """Read slices of the table, one after the other, until they hold enough portraits.

    Args:
        slices: the portraits of each slice, in a random order of slices; read lazily, each whole.
        total: how many slices the table is cut into.
        now: instant to look at, UTC ms.
    """
    found: Counter[str] = Counter()
    people = read = 0
    stale: list[str] = []
    for each in slices:
        for record in each:
            people += 1
            inside = _inside(record, catalogue, now)
            if inside is None:
                continue
            found.update(inside)
            if _is_stale(record, inside, catalogue, now):
                stale.append(record.home)
        read += 1
        if people >= enough:
            break
    share = read / total
    sizes = {
        key: estimate(found[key], share)
        for key in sorted(catalogue.segments)
        if not key.startswith(IMPLICIT)
    }
    return Sizes(now, share, estimate(people, share), sizes, tuple(stale))


def _inside(record: Record, catalogue: "Catalogue", now: int) -> frozenset[str] | None:
    try:
        return members(record.portrait.view(catalogue, now), catalogue)
    except Unavailable:  # a newer version of this code wrote it
        return None


def _is_stale(record: Record, inside: frozenset[str], catalogue: "Catalogue", now: int) -> bool:
    known = record.portrait.segments.keys() & catalogue.segments.keys()
    return known != inside or (record.due_at is not None and record.due_at < now - LATE_MS)
