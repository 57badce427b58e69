"""Waking: a timer says that time alone may have changed the segments of a portrait."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from portrait import changes
from portrait.faults import Conflict, Unavailable
from portrait.profile import Portraits
from portrait.record import Record, Write
from portrait.resolution import resolve
from portrait.segments import review

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

MAX_ATTEMPTS = 6
MAX_HOME = 64
MAX_EARLY_MS = 60_000
"""How far the clock of the machine that reads may be behind that of the timer."""

_OURS = '{"portrait_wake":'


class Wake(msgspec.Struct, frozen=True, kw_only=True):
    """What a timer says: look at the portrait at this home; it was set for `due_at` (UTC ms)."""

    home: str = msgspec.field(name="portrait_wake")
    due_at: int = 0


@dataclass(slots=True)
class Woken:
    """What became of a batch of wakes. `failed` are those that must come again."""

    failed: set[Wake] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Wake)


def encode_wake(wake: Wake) -> str:
    """Return the wake as one message body."""
    return _encoder.encode(wake).decode()


def read_wake(body: str) -> Wake | None:
    """Return the wake that a message on the events queue is, or None where it is anything else."""
    if not body.startswith(_OURS):
        return None
    try:
        wake = _decoder.decode(body)
    except msgspec.MsgspecError:
        return None
    return wake if 0 < len(wake.home) <= MAX_HOME else None


def wake_all(
    wakes: Iterable[Wake],
    portraits: Portraits,
    *,
    catalogue: "Catalogue",
    now: int,
    pause: Callable[[int], None],
) -> Woken:
    """Review the segments of each portrait, and write what changed, or when to look again.

    Safe to repeat, and harmless where nothing is due: what is written follows from the portrait and
    the clock alone. A home that became a pointer wakes the portrait it points to.

    Args:
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """
    outcome = Woken()
    for wake in dict.fromkeys(wakes):
        # A timer that fires a moment early is not to be set again for the same moment.
        at = wake.due_at if now < wake.due_at <= now + MAX_EARLY_MS else now
        try:
            outcome.counts[_wake(wake.home, portraits, catalogue, at, pause)] += 1
        except Exception as fault:
            # Whatever one customer's data brings out must not stop the others.
            outcome.counts[f"wake_{type(fault).__name__}"] += 1
            outcome.failed.add(wake)
    return outcome


def _wake(
    home: str,
    portraits: Portraits,
    catalogue: "Catalogue",
    now: int,
    pause: Callable[[int], None],
) -> str:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        records = portraits.load_resolved([home], consistent=True)
        record = records.get(resolve(home, records))
        if record is None or not record.state:
            return "woken_gone"
        work = reviewed(record, catalogue, now)
        if work is None:
            return "woken_quiet"
        try:
            portraits.write(work, now=now)
        except Conflict:
            pause(attempt)
        else:
            return "woken_changed" if work.changes else "woken_rearmed"
    raise Unavailable("others kept writing this portrait first")


def reviewed(record: Record, catalogue: "Catalogue", now: int) -> Write | None:
    """Return the write that brings the segments of a portrait up to date, None where they are."""
    portrait = record.portrait
    found = review(portrait, catalogue, now, due_at=record.due_at)
    if not found.crossings and found.due_at == record.due_at:
        return None
    state = portrait.encode() if found.crossings else record.state
    told = changes.encode(segments=found.crossings)
    return Write(record, state, told, beyond=record.beyond, due_at=found.due_at)
