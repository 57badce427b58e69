"""Timers: at most one per portrait, set for when time alone will next matter."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from portrait.waking import Wake, encode_wake

SOON_MS = 1_000
"""What is due within this is told at once: to set a timer takes longer."""


class Timer(NamedTuple):
    """What the stream says of one portrait's timer. Instants are UTC ms; None is no timer.

    Attributes:
        was: what it was set for before the first of the records, and between them.
        due_at: what it must be set for after the last one.
    """

    home: str
    was: tuple[int, ...]
    due_at: int | None


class Schedules(Protocol):
    """Where timers run. Each is named by its portrait and instant, so repeating changes nothing."""

    def arm(self, wake: Wake) -> None:
        """Set a timer, unless it is set already."""

    def disarm(self, wake: Wake) -> None:
        """Put a timer away, if it still is there."""


def read_timers(images: Iterable[Mapping[str, Any]]) -> list[Timer]:
    """Return the timers that stream records move: of several of one portrait, what they come to.

    A batch that comes again may be longer than it was: what lies between may have been set then.

    Args:
        images: the `dynamodb` part of each record, in their order.
    """
    found: dict[str, Timer] = {}
    for image in images:
        new, old = image.get("NewImage", {}), image.get("OldImage", {})
        if "timer" not in new:
            continue
        home = new["home"]["S"]
        was = found[home].was if home in found else ()
        before = _instant(old, "due_at")
        if before is not None and before not in was:
            was = (*was, before)
        found[home] = Timer(home, was, _instant(new, "timer") or None)
    return list(found.values())


def _instant(image: Mapping[str, Any], name: str) -> int | None:
    return int(image[name]["N"]) if name in image else None


def set_timers(
    timers: Iterable[Timer],
    schedules: Schedules,
    *,
    now: int,
    send: Callable[[Sequence[str]], None],
) -> Counter[str]:
    """Set and put away timers, at `now` (UTC ms); return how many, by what was done.

    The new one is set before the old one is put away: a timer too many wakes somebody for nothing,
    one too few is never made up for. One whose time has come puts itself away. Safe to repeat.

    Args:
        send: puts bodies on the journeys queue, for what is due already.

    Raises:
        Unavailable: something was not taken; repeat them all.
    """
    counts: Counter[str] = Counter()
    bodies = []
    for home, was, due_at in timers:
        if due_at is not None and due_at <= now + SOON_MS:
            bodies.append(encode_wake(Wake(home=home, due_at=due_at)))
            counts["woken"] += 1
        elif due_at is not None:
            schedules.arm(Wake(home=home, due_at=due_at))
            counts["armed"] += 1
        for before in was:
            if before != due_at and before > now:
                schedules.disarm(Wake(home=home, due_at=before))
                counts["disarmed"] += 1
    if bodies:
        send(bodies)
    return counts
