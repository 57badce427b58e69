"""A whole portrait pipeline in memory, on a clock that moves when it is told to.

Profile, stream, trigger, timers and journey are the product's own; the table, the scheduler, the
queues, the dossiers and whoever sends messages are as small as they can be.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from portrait import changes
from portrait.agenda import rules_at
from portrait.attending import Attended, attend, read_call
from portrait.catalogue import Catalogue
from portrait.changes import Changes
from portrait.crossings import Crossing
from portrait.dialogue import Dialogue
from portrait.effects import Effect, Entered, Kept, Noted, Outcome
from portrait.event import decode_envelope
from portrait.facts import Fact
from portrait.happening import Happening
from portrait.hearing import listener
from portrait.judgement import judged
from portrait.message import Message, decode_message
from portrait.portrait import Portrait
from portrait.profile import apply, sight
from portrait.reaction import Queues, StreamRecord, react
from portrait.record import Record, Write
from portrait.strand import Contact
from portrait.tickets import Amendment, Tickets
from portrait.timers import read_timers, set_timers
from portrait.waking import Wake, encode_wake
from tests.unit.core.worlds import SECRET, Table


class Dossiers:
    """The journeys table in memory."""

    def __init__(self) -> None:
        self.entered: dict[str, Entered] = {}
        self.known: dict[str, Happening] = {}
        self.notes: dict[str, list[Noted]] = {}

    def keep(self, kept: Kept) -> None:
        self.known[kept.journey] = kept.happening

    def enter(self, entered: Entered, home: str) -> bool:
        new = entered.journey not in self.entered
        self.entered.setdefault(entered.journey, entered)
        if entered.happening is not None:
            self.known.setdefault(entered.journey, entered.happening)
        return new

    def note(self, journey: str, notes: Sequence[Noted]) -> None:
        self.notes.setdefault(journey, []).extend(notes)

    def happenings(self, journeys: Iterable[str]) -> Mapping[str, Happening]:
        return {key: self.known[key] for key in journeys if key in self.known}


class Clockwork:
    """The stream, the scheduler and the queues of one table.

    Attributes:
        now: the clock (UTC ms).
        is_patient: whether clicks lie until they are let go; else they are told again at once.
        fate: what becomes of a message: a state, and why; None leaves it lying in the queue.
    """

    def __init__(self, catalogue: Catalogue, now: int = 0) -> None:
        self.catalogue, self.now = catalogue, now
        self.table, self.dossiers = Table(), Dossiers()
        self.timers: set[Wake] = set()
        self.queue: list[str] = []
        self.messages: list[Message] = []
        self.facts: list[Fact] = []
        self.calls = 0
        self.stream: list[StreamRecord] = []
        self.records: list[dict[str, Any]] = []
        self.told: list[Crossing] = []
        self.effects: list[Effect] = []
        self.said: list[Message] = []
        self.clicks: list[str] = []
        self.is_patient = False
        self.fate: Callable[[Message], tuple[str, str] | None] = lambda _: ("sent", "")

    # The table, as all functions know it.

    def load_resolved(self, homes: Any, *, consistent: bool = False) -> dict[str, Record]:
        return self.table.load_resolved(homes, consistent=consistent)

    def follow(self, home: str) -> Record | None:
        return self.table.follow(home)

    def write(self, work: Write, *, now: int) -> None:
        before = dict(self.table.items)
        self.table.write(work, now=now)
        for part in work.parts:
            if part.changes:
                self._hear(part, now)
            self._stream(before.get(part.root.home), part.root, part.wake_at, now)
            for pointer in part.pointers:
                self._stream(before.get(pointer.home), pointer, None, now)

    def bury(self, records: Iterable[Record], *, erased_at: int, **rest: Any) -> None:
        records = list(records)
        self.table.bury(records, erased_at=erased_at, **rest)
        for record in records:
            self._stream(record, record, None, erased_at)

    def _hear(self, part: Write, now: int) -> None:
        done = changes.decode(part.changes) if part.changes else Changes()
        self.told += done.segments
        self.effects += done.effects
        self.stream.append(StreamRecord(self.table.items[part.root.home], done, now))

    def _stream(self, old: Record | None, root: Record, wake_at: int | None, now: int) -> None:
        from portrait.store.portraits import _timer

        image: dict[str, Any] = {"NewImage": {"home": {"S": root.home}}}
        timer = _timer(root, wake_at, now)
        if timer is not None:
            image["NewImage"]["timer"] = {"N": str(timer)}
        if old is not None and old.due_at is not None:
            image["OldImage"] = {"due_at": {"N": str(old.due_at)}}
        self.records.append(image)

    # The scheduler.

    def arm(self, wake: Wake) -> None:
        self.calls += 1
        self.timers.add(wake)

    def disarm(self, wake: Wake) -> None:
        self.calls += 1
        self.timers.discard(wake)

    # The functions.

    def feed(self, *events: Any, now: int | None = None) -> None:
        """Let profile fold events, all of which must be taken."""
        now = self.now if now is None else now
        rules = rules_at(self.catalogue, now)
        sightings = sight(list(events), SECRET)
        outcome = apply(sightings, self, rules=rules, now=now, pause=lambda _: None)
        assert not outcome.failed
        assert not outcome.rejected

    def trigger(self, now: int | None = None, *, times: int = 1) -> None:
        """Let trigger hear of every write so far, so many times over."""
        now = self.now if now is None else now
        written, self.stream = self.stream, []
        moves, self.records = read_timers(self.records), []
        queues = Queues(self._post, self.queue.extend, self.facts.extend, self.clicks.extend)
        for _ in range(times):
            if written:
                react(written, self.dossiers, queues, catalogue=self.catalogue)
            set_timers(moves, self, now=now, send=self.queue.extend)

    def judge(self, now: int | None = None) -> None:
        """Let profile take the clicks that are told again."""
        bodies, self.clicks = self.clicks, []
        for body in bodies:
            self.feed(*(judged(event, self) for event in decode_envelope(body)), now=now)

    def _post(self, bodies: Sequence[str]) -> None:
        self.messages += map(decode_message, bodies)

    def journey(self, now: int | None = None) -> Attended:
        """Let journey take all that lies in its queue."""
        now = self.now if now is None else now
        bodies, self.queue = self.queue, []
        done = attend(
            [read_call(str(place), body) for place, body in enumerate(bodies)], self,
            catalogue=self.catalogue, clock=lambda: now, pause=lambda _: None,
        )  # fmt: skip
        self.queue += [bodies[int(place)] for place in sorted(done.failed, key=int)]
        return done

    def dispatch(self) -> None:
        """Let every message that lies in the queue meet its fate, which is written down once."""
        messages, self.messages = self.messages, []
        for message in messages:
            fate = self.fate(message)
            if fate is None:
                self.messages.append(message)
                continue
            self.said.append(message)
            self._record(message, *fate)

    def _record(self, message: Message, state: str, reason: str) -> None:
        contact = Contact(
            message.id, message.channel, message.purpose, message.campaign, self.now, state, reason
        )
        said = Outcome(
            message.journey,
            message.step,
            message.id,
            state,
            self.now,
            message.strand,
            reason,  # type: ignore[arg-type]
        )

        def change(record: Record | None) -> Amendment | None:
            if record is None or not record.state:
                return None
            portrait = record.portrait
            strand = portrait.strand(message.strand)
            if message.id in strand.contacts:
                return None
            strand.waiting.pop(message.id, None)
            strand.set_contact(contact)
            return Amendment(portrait, contacts=(contact,), outcomes=(said,))

        tickets = Tickets(self, lambda: self.now, lambda _: None, listener(self.catalogue))
        tickets.amend(message.strand, change)

    # Time.

    def settle(self) -> None:
        """Let everybody work until nothing is left to do now."""
        for _ in range(60):
            self.trigger()
            if self.clicks and not self.is_patient:
                self.judge()
                continue
            waiting = [one for one in self.messages if self.fate(one) is not None]
            if not (self.queue or waiting or self.stream or self.records):
                return
            done = self.journey()
            assert not done.failed, done.counts
            self.dispatch()
        raise AssertionError("it never comes to rest")

    def pass_time(self, until: int, *, late: int = 0) -> None:
        """Fire what is due up to an instant, one timer after the other, each so late."""
        while due := sorted((one for one in self.timers if one.due_at <= until), key=_due_at):
            self.now = max(self.now, due[0].due_at + late)
            self.timers.discard(due[0])
            self.queue.append(encode_wake(due[0]))
            self.settle()
        self.now = max(self.now, until)

    def tell(self, *events: Any) -> None:
        """Let events be heard one after the other, each when it is received, and be reacted to."""
        for event in events:
            self.pass_time(event.received_at)
            self.feed(event)
            self.settle()

    # What is seen.

    @property
    def roots(self) -> dict[str, Portrait]:
        return self.table.portraits()

    @property
    def dialogues(self) -> dict[str, Dialogue]:
        """Every dialogue there is, by its journey."""
        return {
            key: one
            for portrait in self.roots.values()
            for strand in portrait.strands.values()
            for key, one in strand.dialogues.items()
        }

    def entries(self, campaign: str | None = None) -> list[Entered]:
        """Return who entered, in order."""
        return [
            one
            for one in self.effects
            if isinstance(one, Entered) and campaign in (None, one.campaign)
        ]


def _due_at(wake: Wake) -> int:
    return wake.due_at
