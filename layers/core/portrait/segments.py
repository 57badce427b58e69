"""Segments: who is in which, and since when."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from portrait.crossings import Crossing, newest
from portrait.segment_clock import NEVER, members, next_crossing

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.portrait import Portrait
    from portrait.record import Record

MAX_MISSED = 16
"""How many crossings that a late timer missed are made up for, each at its own instant."""

MAX_LATE_MS = 86_400_000
"""A timer that is later than this tells of now, not of what was missed."""


class Membership(NamedTuple):
    """What a review found: who crossed, and when to look again (UTC ms), None for never.

    `amended` says that the portrait is not what it was.
    """

    crossings: tuple[Crossing, ...] = ()
    due_at: int | None = None
    amended: bool = False


def review(
    portrait: "Portrait",
    catalogue: "Catalogue",
    now: int,
    *,
    due_at: int | None = None,
    before: "Record | None" = None,
) -> Membership:
    """Bring the portrait's segments up to `now` (UTC ms) and say what that changed.

    Boundaries that passed unnoticed since `due_at` are made up for first, so a crossing carries the
    instant at which it was due, however late the timer. Segments that the catalogue does not know
    are left alone: another process may have read newer definitions.

    Args:
        due_at: when the portrait's timer is, or was, to fire; None where it has none.
        before: the portrait as it was read. Whoever it holds for already when a campaign that waits
            for a condition is published does not cross into it.

    Returns:
        The crossings, and when the timer is to fire: it stays where that is early enough.
    """
    if not catalogue.segments:
        return Membership()
    # Clocks differ between machines: nobody leaves before they came.
    now = max([now, *(one.at for one in portrait.crossings[:1])])
    found: list[Crossing] = []
    adopted = _begin_watching(portrait, catalogue, before)
    missed = due_at if due_at is not None and now - due_at <= MAX_LATE_MS else None
    looks = 0
    while missed is not None and missed < now and looks < MAX_MISSED:
        crossings, missed = _look(portrait, catalogue, missed)
        found += crossings
        looks += 1
    armed = due_at if due_at is not None and due_at > now else None
    crossings, due = _look(portrait, catalogue, now, until=armed or NEVER)
    told = (*found, *crossings)
    return Membership(told, armed if due is None else due, bool(told) or adopted)


def unadopted(portrait: "Portrait", was: "Portrait", record: "Record") -> None:
    """Leave the segments of a portrait that was parted from another as they are."""


def unwatched(portrait: "Portrait", record: "Record") -> Membership:
    """Leave the segments and the timer of a portrait as they are."""
    return Membership((), record.due_at)


def adopt(
    portrait: "Portrait",
    was: Mapping[str, int],
    catalogue: "Catalogue",
    now: int,
    *,
    due_at: int | None = None,
) -> None:
    """Take a customer for one who always was in the segments that hold for them; nobody crosses.

    For when nothing happened and only what is known of them became something else: who was taken
    for one is two, or a trait learned its past.

    Args:
        was: the segments they were in until now, and since when.
        due_at: when the timer was to fire; what has been due since then is left to a review.
    """
    at = now if due_at is None or now - due_at > MAX_LATE_MS else min(now, due_at - 1)
    view = portrait.view(catalogue, at)
    known = {**was, **portrait.segments}
    inside = {key: known.get(key, at) for key in members(view, catalogue, known)}
    unknown = portrait.segments.keys() - catalogue.segments.keys()
    portrait.segments = {key: known[key] for key in unknown} | inside
    watched = (since for since in catalogue.since.values() if since <= at)
    portrait.watched = max([portrait.watched, *watched])


def _begin_watching(portrait: "Portrait", catalogue: "Catalogue", before: "Record | None") -> bool:
    """Take a customer for one who always was in what they were in when it began to be watched.

    Whether that was before the portrait was last written says nothing: not every write reviews the
    segments, and not every process has read the same definitions.
    """
    fresh = {key: at for key, at in catalogue.since.items() if at > portrait.watched}
    if not fresh:
        return False
    portrait.watched = max(fresh.values())
    if before is not None and before.state:
        known = before.portrait
        for at in set(fresh.values()):
            for key in members(known.view(catalogue, at), catalogue):
                if fresh.get(key) == at:
                    portrait.segments.setdefault(key, at)
    return True


def _look(
    portrait: "Portrait", catalogue: "Catalogue", at: int, *, until: int = NEVER
) -> tuple[list[Crossing], int | None]:
    view = portrait.view(catalogue, at)
    known = portrait.segments
    inside = members(view, catalogue, known)
    crossings = []
    for segment in sorted(catalogue.segments):
        if segment in inside and segment not in known:
            known[segment] = at
            crossings.append(Crossing(at, segment, True, at))
        elif segment not in inside and segment in known:
            crossings.append(Crossing(at, segment, False, known.pop(segment)))
    if crossings:
        portrait.crossings = newest(portrait.crossings, crossings)
    return crossings, next_crossing(portrait, catalogue, view, inside, until)
