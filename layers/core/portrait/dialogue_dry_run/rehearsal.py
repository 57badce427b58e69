"""A rehearsal: the product's own functions over portraits in memory, on the archive's clock."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portrait.agenda import rules_at
from portrait.attending import Call, attend
from portrait.catalogue import Catalogue
from portrait.changes import decode
from portrait.channels import Send, Sent
from portrait.dialogue_dry_run.entries import Entries
from portrait.dispatch import Desk, send_message
from portrait.faults import Unavailable
from portrait.hearing import listener
from portrait.message import Message, decode_message
from portrait.portrait import Portrait
from portrait.profile import apply
from portrait.reaction import Queues, StreamRecord, react
from portrait.record import Record, Write
from portrait.resolution import Sighting, reach
from portrait.stimulus import decode_stimulus
from portrait.tickets import Tickets
from portrait.view import View
from portrait.waking import Wake


@dataclass(slots=True)
class Shelf:
    """Portraits in memory, written as the table writes them, with nobody to interfere."""

    records: dict[str, Record] = field(default_factory=dict)
    written: list[StreamRecord] = field(default_factory=list)
    due: list[tuple[int, str]] = field(default_factory=list)

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""
        found: dict[str, Record] = {}
        waiting = list(homes)
        while waiting:
            record = self.records.get(waiting.pop())
            if record is not None and record.home not in found:
                found[record.home] = record
                waiting += [record.merged_into] if record.merged_into else []
        return found

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home."""
        return reach(home, self.load_resolved([home]))

    def write(self, work: Write, *, now: int) -> None:
        """Write all of it."""
        for part in work.parts:
            for pointer in part.pointers:
                self.records[pointer.home] = Record(
                    pointer.home, pointer.version + 1, merged_into=part.root.home, updated_at=now
                )
            self._root(part, now)

    def _root(self, part: Write, now: int) -> None:
        home = part.root.home
        record = Record(
            home, part.root.version + 1, part.state, beyond=part.beyond, due_at=part.wake_at,
            updated_at=now,
        )  # fmt: skip
        self.records[home] = record
        if part.changes is not None:
            self.written.append(StreamRecord(record, decode(part.changes), now))
        if record.due_at is not None and record.due_at != part.root.due_at:
            heapq.heappush(self.due, (record.due_at, home))


@dataclass(frozen=True, slots=True)
class Pretending:
    """Composes nothing: what would be said leaves nobody's house."""

    catalogue: Catalogue

    def compose(self, view: View, message: Message, *, now: int) -> Send:
        """Return the act of not sending it."""
        return lambda: Sent("rehearsed")

    def offer(self, view: View, message: Message) -> tuple[dict[str, Any], int]:
        """Return an offer of nothing."""
        return {}, 86_400_000

    def forget_connections(self) -> None:
        """Forget none: there are none."""


class Rehearsal:
    """Plays events as they came, and everything that would have followed from them.

    Attributes:
        entries: who entered which campaign, and what became of it.
    """

    def __init__(self, catalogue: Catalogue, *, since: int) -> None:
        self._catalogue, self._since = catalogue, since
        self._shelf, self._now = Shelf(), 0
        self.entries = Entries()
        self._messages: list[str] = []
        self._stimuli: list[str] = []

    @property
    def catalogue(self) -> Catalogue:
        """The definitions; before the time that is looked at, nobody enters anything."""
        if self._now >= self._since:
            return self._catalogue
        return replace(self._catalogue, campaigns=(), dated=())

    def portrait(self, home: str) -> Portrait | None:
        """Return the portrait that owns a home by now."""
        record = self._shelf.follow(home)
        return record.portrait if record and record.state else None

    def tell(self, sightings: Sequence[Sighting], *, now: int) -> None:
        """Let events be heard at `now` (UTC ms), after what was due before."""
        self.advance(now)
        rules = rules_at(self.catalogue, now)
        apply(sightings, self._shelf, rules=rules, now=now, pause=_never)
        self._settle()

    def advance(self, now: int) -> None:
        """Let time pass, and timers fire."""
        while self._shelf.due and self._shelf.due[0][0] <= now:
            at, home = heapq.heappop(self._shelf.due)
            record = self._shelf.records.get(home)
            if record is not None and record.due_at == at:
                self._now = max(self._now, at)
                self._attend([Call("timer", Wake(home=home, due_at=at))])
                self._settle()
        self._now = max(self._now, now)

    def _settle(self) -> None:
        while self._shelf.written or self._stimuli or self._messages:
            written, self._shelf.written = self._shelf.written, []
            if written:
                told = self._stimuli.extend
                out = Queues(self._messages.extend, told, _unheard, _unheard)
                react(written, self.entries, out, catalogue=self.catalogue)
            stimuli, self._stimuli = self._stimuli, []
            self._attend([Call("", decode_stimulus(body)) for body in stimuli])
            messages, self._messages = self._messages, []
            for body in messages:
                self._send(decode_message(body))

    def _attend(self, calls: Sequence[Call]) -> None:
        found = attend(
            calls, self._shelf, catalogue=self.catalogue, clock=self._clock, pause=_never
        )
        if found.failed:
            raise Unavailable(f"a dialogue could not be advanced: {dict(found.counts)}")

    def _send(self, message: Message) -> None:
        catalogue = self.catalogue
        tickets = Tickets(self._shelf, self._clock, _never, listener(catalogue))
        desk = Desk(tickets, Pretending(catalogue))
        fate = send_message(message, desk)
        self.entries.said(message, fate, at=self._now)

    def _clock(self) -> int:
        return self._now


def _never(_: int) -> None:
    """Wait for nobody: nobody else writes."""


def _unheard(_: Sequence[object]) -> None:
    """Tell nobody."""
