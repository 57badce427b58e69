"""Filling: whoever belongs to an audience already when it is published is found and pushed.

A membership becomes known at the next write of a portrait, which may never come. So every portrait
is looked at once: whose membership is not recorded as it is gets woken, and the crossing travels as
any other does; whoever is recorded is pushed again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from portrait.audiences import Audience
from portrait.audiences.hints import encode_hint, hint_of
from portrait.conditions import Situation
from portrait.faults import Unavailable
from portrait.record import Record
from portrait.waking import Wake, encode_wake

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

Send = Callable[[Sequence[str]], None]


class Filled(NamedTuple):
    """What was done so far: portraits seen, members hinted at, and portraits woken.

    `unreadable` are those that a newer version of this code wrote.
    """

    seen: int = 0
    hinted: int = 0
    woken: int = 0
    unreadable: int = 0


def fill(
    pages: Iterable[tuple[list[Record], str]],
    audience: Audience,
    catalogue: "Catalogue",
    *,
    clock: Callable[[], int],
    hint: Send,
    wake: Send,
    tell: Callable[[Filled, str], None],
) -> Filled:
    """Walk over the portraits, a page at a time, and queue what is to be done about each.

    Safe to repeat, and to go on from any place: neither hints nor wakes do harm where all is well.

    Args:
        pages: the portraits, each page with the place to go on from.
        clock: returns UTC milliseconds.
        hint: puts bodies on the `audiences` queue.
        wake: puts bodies on the `journeys` queue.
        tell: is given, after each page, what was done so far and the place to go on from.

    Raises:
        Unavailable: the table or a queue did not answer; go on from the place told last.
    """
    done = Filled()
    for records, place in pages:
        hints: list[str] = []
        wakes: list[str] = []
        unreadable = 0
        now = clock()
        for record in records:
            try:
                _look(record, audience, catalogue, now, hints, wakes)
            except Unavailable:
                unreadable += 1
        if hints:
            hint(hints)
        if wakes:
            wake(wakes)
        done = Filled(
            done.seen + len(records),
            done.hinted + len(hints),
            done.woken + len(wakes),
            done.unreadable + unreadable,
        )
        tell(done, place)
    return done


def _look(
    record: Record,
    audience: Audience,
    catalogue: "Catalogue",
    now: int,
    hints: list[str],
    wakes: list[str],
) -> None:
    portrait = record.portrait
    situation = Situation(portrait.view(catalogue, now), None, catalogue.segments)
    belongs = catalogue.segments[audience.segment](situation)
    recorded = audience.segment in portrait.segments
    if belongs != recorded:
        wakes.append(encode_wake(Wake(home=record.home, due_at=now)))
    elif recorded:
        hint = hint_of([portrait], audience, catalogue.identity)
        if hint.identifiers:
            hints.append(encode_hint(hint))
