"""The use case of the trigger function: from what a write did to journeys, messages and facts."""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from portrait.catalogue import Catalogue
from portrait.changes import Changes, decode
from portrait.facts import Fact, entered, happened
from portrait.message import encode_message
from portrait.record import Record
from portrait.triggers import Entry, entries


class Journeys(Protocol):
    """Where it is recorded who entered which campaign in which arm."""

    def enter(self, entry: Entry) -> bool:
        """Record the entry; return whether it was new."""


class StreamRecord(NamedTuple):
    """A portrait as a write left it, what the write did, and when (UTC ms)."""

    record: Record
    changes: Changes
    written_at: int


def read_stream_record(image: Mapping[str, Mapping[str, Any]]) -> StreamRecord | None:
    """Read the new image of a stream record; None where the write did nothing to react to."""
    if "changes" not in image:
        return None
    changes = decode(b64decode(image["changes"]["B"]))
    return StreamRecord(Record.from_image(image), changes, int(image["updated_at"]["N"]))


def react(
    written: Sequence[StreamRecord],
    journeys: Journeys,
    *,
    catalogue: Catalogue,
    send: Callable[[Sequence[str]], None],
    publish: Callable[[Sequence[Fact]], None],
) -> Counter[str]:
    """Start the campaigns that the writes call for; return how many, by what was done.

    The arm is recorded before anything is sent. Safe to repeat: an entry that was recorded before
    stands, its messages carry the ids they had, and facts carry the id they had.

    Raises:
        Unavailable: something was not taken; repeat the whole record.
    """
    counts: Counter[str] = Counter(records=len(written))
    bodies: list[str] = []
    facts: list[Fact] = []
    for one in written:
        for entry in entries(one.record, one.changes, catalogue, now=one.written_at):
            counts["entered" if journeys.enter(entry) else "entered_before"] += 1
            bodies += map(encode_message, entry.messages)
            facts.append(entered(entry))
        facts += happened(one.record.home, one.changes)
    if bodies:
        send(bodies)
    if facts:
        publish(facts)
    counts.update(messages=len(bodies), facts=len(facts))
    return counts
