"""The use case of the journey function: stimuli and timers, customer by customer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from portrait.conversation import converse
from portrait.faults import Conflict, Unavailable
from portrait.record import Record, Write
from portrait.stimulus import Stimulus, decode_stimulus, portions
from portrait.waking import MAX_EARLY_MS, Wake, read_wake

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

MAX_ATTEMPTS = 8


class Portraits(Protocol):
    """Where portraits are kept."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""

    def write(self, work: Write, *, now: int) -> None:
        """Write it or raise Conflict or Unavailable."""


class Call(NamedTuple):
    """One message of the journeys queue: what it says, or None where it cannot be read."""

    id: str
    said: Stimulus | Wake | None


@dataclass(slots=True)
class Attended:
    """What became of a batch. `failed` are the ids of the messages the queue must keep."""

    failed: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def read_call(id_: str, body: str) -> Call:
    """Read one message of the journeys queue."""
    wake = read_wake(body)
    if wake is not None:
        return Call(id_, wake)
    try:
        return Call(id_, decode_stimulus(body))
    except msgspec.MsgspecError:
        return Call(id_, None)


def attend(
    calls: Sequence[Call],
    portraits: Portraits,
    *,
    catalogue: "Catalogue",
    clock: Callable[[], int],
    pause: Callable[[int], None],
) -> Attended:
    """Bring every stimulus to its customer's dialogues, with one write per customer.

    Safe to repeat, and harmless where nothing is due: what is written follows from the portrait,
    the stimulus and the clock alone. What cannot be read goes back too, and in the end to the
    dead-letter queue: only our own functions write here, so a newer version may read it.

    Args:
        clock: returns UTC milliseconds.
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """
    outcome = Attended(counts=Counter(messages=len(calls)))
    for home, mine in _by_home(calls, outcome).items():
        try:
            outcome.counts[_attend(home, mine, portraits, catalogue, clock, pause)] += 1
        except Exception as fault:
            # Whatever one customer's data brings out must not stop the others.
            outcome.counts[f"fault_{type(fault).__name__}"] += 1
            outcome.failed |= {call.id for call in mine}
    return outcome


def _by_home(calls: Iterable[Call], outcome: Attended) -> Mapping[str, list[Call]]:
    homes: dict[str, list[Call]] = {}
    for call in calls:
        if call.said is None:
            outcome.counts["unreadable"] += 1
            outcome.failed.add(call.id)
        else:
            homes.setdefault(call.said.home, []).append(call)
    return homes


def _attend(
    home: str,
    calls: Sequence[Call],
    portraits: Portraits,
    catalogue: "Catalogue",
    clock: Callable[[], int],
    pause: Callable[[int], None],
) -> str:
    stimuli = [call.said for call in calls if isinstance(call.said, Stimulus)]
    stimuli.sort(key=lambda one: one.at)
    done = [
        _bring(home, portion, calls, portraits, catalogue, clock, pause)
        for portion in portions(stimuli)
    ]
    return done[-1]


def _bring(
    home: str,
    stimuli: Sequence[Stimulus],
    calls: Sequence[Call],
    portraits: Portraits,
    catalogue: "Catalogue",
    clock: Callable[[], int],
    pause: Callable[[int], None],
) -> str:
    """Bring what fits into one write to a customer; return what became of it."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        record = portraits.follow(home)
        if record is None or not record.state:
            return "gone"
        now = _instant(clock(), calls)
        found = converse(record, stimuli, catalogue, now)
        if found is None:
            return "quiet"
        portrait, told, due_at = found
        work = Write(record, portrait.encode(), told, beyond=record.beyond, due_at=due_at)
        try:
            portraits.write(work, now=now)
        except Conflict:
            pause(attempt)
        else:
            return "changed" if told else "rearmed"
    raise Unavailable("others kept writing this portrait first")


def _instant(now: int, calls: Iterable[Call]) -> int:
    """Return now; a timer that fires a moment early is not to be set again for that moment."""
    due = [call.said.due_at for call in calls if isinstance(call.said, Wake)]
    return max([now, *(at for at in due if now < at <= now + MAX_EARLY_MS)])
