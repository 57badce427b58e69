"""The use case of the journey function: what a stimulus does to all of a customer's dialogues."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from portrait import changes, enrolment, entering, offers, waiting_room
from portrait.advance import Advanced, Instance, Tick, advance
from portrait.agenda import is_last, review
from portrait.audiences import is_pushed
from portrait.campaigns import Campaign
from portrait.catalogue import Catalogue
from portrait.dialogue import Dialogue
from portrait.effects import Effect, Outcome
from portrait.faults import Unavailable
from portrait.happening import Happening
from portrait.migration import migrate
from portrait.occasions import unite
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.segments import Membership
from portrait.stimulus import Stimulus
from portrait.strand import Contact, Trait
from portrait.view import View

Placed = tuple[str, str, Dialogue]
"""The strand at which a dialogue hangs, its journey key, and where it is."""


@dataclass(slots=True)
class Conversation:
    """One customer, while something that happened is brought to their dialogues.

    Attributes:
        erased_at: when the identifier was erased from whose home the customer was reached.
        root_erased_at: when that at whose home the portrait lies was; -1 for never.
        effects: what is to be brought about, once the portrait is written.
        changed: whether anything was.
        freed: whether a dialogue ended, so that what it was going to say keeps nothing back.
    """

    portrait: Portrait
    catalogue: Catalogue
    now: int
    erased_at: int = -1
    root_erased_at: int = -1
    effects: list[Effect] = field(default_factory=list)
    changed: bool = False
    freed: bool = False
    _view: View | None = None

    @property
    def view(self) -> View:
        """The customer as they are by now."""
        if self._view is None:
            self._view = self.portrait.view(self.catalogue, self.now)
        return self._view

    def erased_since(self, strand: str) -> int:
        """Return when whose strand it is was erased, else -1; empty is whoever was reached."""
        return self.root_erased_at if strand == self.portrait.home else self.erased_at

    def hear(self, stimulus: Stimulus) -> None:
        """Bring one stimulus to whom it concerns."""
        for start in stimulus.starts:
            entering.start(self, start)
        for happening in sorted(stimulus.happenings, key=lambda one: (one.at, one.id)):
            self._happen(happening)
        for outcome in stimulus.outcomes:
            self._come_out(outcome)
        if stimulus.crossings and not stimulus.happenings:
            self._look()

    def _happen(self, happening: Happening) -> None:
        for placed in self.open():
            strand, journey, one = placed
            campaign = self.running(one)
            if campaign is None:
                continue
            if one.state == "held":
                entering.follow(self, placed, campaign, happening.name)
            elif happening.name in self.catalogue.listens[one.campaign, one.version]:
                self._advance(campaign, Instance(journey, strand, one), happening)

    def _come_out(self, outcome: Outcome) -> None:
        if outcome.state == "waiting" and not self._waits(outcome):
            return  # old news: what became of it since is known, or will be told
        for home, strand in self.portrait.strands.items():
            one = strand.dialogues.get(outcome.journey)
            campaign = None if one is None else self.running(one)
            if one is not None and campaign is not None:
                self._advance(campaign, Instance(outcome.journey, home, one), outcome)

    def _waits(self, outcome: Outcome) -> bool:
        """Tell whether the message waits, and for what it is said to."""
        kept = self.view.waiting.get(outcome.message)
        return kept is not None and kept.reason == outcome.reason

    def _look(self) -> None:
        """Let conditions be looked at that something may have changed."""
        for strand, journey, one in self.open():
            campaign = self.running(one)
            if campaign is not None and one.state != "held":
                self._advance(campaign, Instance(journey, strand, one), Tick())

    def pass_time(self, until: int) -> None:
        """Take those further whose time was up by an instant (UTC ms), before another enters."""
        for strand, journey, one in self.open():
            campaign = self.running(one)
            if campaign is not None and one.state == "running" and 0 < one.due_at <= until:
                self._advance(campaign, Instance(journey, strand, one), Tick())

    def wake(self) -> None:
        """Do what is due: dialogues, dates, and messages that waited."""
        for placed in self.open():
            strand, journey, one = placed
            campaign = self.running(one)
            if campaign is None:
                entering.end_held(self, placed, "retired")
            elif one.state != "held":
                self._advance(campaign, Instance(journey, strand, one), Tick())
            elif one.due_at <= self.now:
                entering.let_in(self, placed, campaign)
        for campaign in self.catalogue.dated:
            entering.on_date(self, campaign)
        waiting_room.release(self)

    def expire(self) -> None:
        """End what only time ends, for which no timer is set."""
        for strand, journey, one in self.open():
            campaign = self.running(one)
            in_time = one.state != "running" or not 0 < one.due_at <= self.now
            if campaign is not None and not in_time and is_last(one, campaign):
                self._advance(campaign, Instance(journey, strand, one), Tick())

    def _advance(
        self, campaign: Campaign, instance: Instance, stimulus: Happening | Outcome | Tick
    ) -> None:
        self.carry(instance, advance(campaign, instance, stimulus, self.view, self.now))

    def carry(self, instance: Instance, done: Advanced) -> None:
        """Take over what became of a dialogue."""
        self.effects += done.effects
        if done.state != instance.state:
            self.freed |= bool(done.state.ended_at) and not instance.state.ended_at
            self.put(instance.strand, instance.journey, done.state)
        if done.moot and offers.withdraw(self.portrait, instance.journey):
            self.touch()
        for name, value in done.traits.items():
            message = blake2b(f"{instance.journey}\0{name}".encode(), digest_size=6).digest()
            self.portrait.strand(instance.strand).set_trait(name, Trait(value, self.now, message))
            self.touch()

    def current(self, campaign: str, version: int) -> Campaign | None:
        """Return the campaign to enter, in its newest version; None where it is paused.

        Raises:
            Unavailable: a newer one than this process has read is asked for.
        """
        found = self.catalogue.newest.get(campaign)
        if found is None or found.version < version:
            raise Unavailable(f"campaign {campaign} is not known in version {version}")
        return found if found.is_active else None

    def is_paused(self, campaign: str) -> bool:
        """Tell whether the campaign lets nobody in by now."""
        return not self.catalogue.newest[campaign].is_active

    def running(self, one: Dialogue) -> Campaign | None:
        """Return the version that a dialogue runs on, or None where it is kept no more.

        Raises:
            Unavailable: another process that has read newer definitions began it.
        """
        found = self.catalogue.versions.get((one.campaign, one.version))
        if found is None:
            newest = self.catalogue.newest.get(one.campaign)
            if newest is None or newest.version < one.version:
                raise Unavailable(f"campaign {one.campaign} is not known in its version yet")
        return found

    def open(self) -> list[Placed]:
        """Return the dialogues in which something may still happen, each with its place."""
        return [
            (home, journey, one)
            for home, strand in self.portrait.strands.items()
            for journey, one in strand.dialogues.items()
            if one.is_open
        ]

    def put(self, strand: str, journey: str, one: Dialogue) -> None:
        """Put a dialogue in its place."""
        self.portrait.strand(strand).dialogues[journey] = one
        self.touch()

    def touch(self) -> None:
        """Take note that the portrait was changed."""
        self.changed, self._view = True, None


def converse(
    record: Record, stimuli: Sequence[Stimulus], catalogue: Catalogue, now: int,
    *, contacts: Sequence[Contact] = (),
) -> tuple[Portrait, bytes | None, int | None] | None:  # fmt: skip
    """Bring stimuli to a customer's dialogues, and do whatever is due.

    Args:
        stimuli: all for the one home from which the record was reached.
        contacts: what the same write says of messages.

    Returns:
        The portrait to be written, its changes, and when to wake it; None where nothing changed.

    Raises:
        Unavailable: this process does not know yet what it is asked to begin.
    """
    portrait = record.portrait
    asked = stimuli[0].home if stimuli else record.home
    erasures = record.erased_since(asked), record.erased_since(record.home)
    talk = Conversation(portrait, catalogue, now, *erasures)
    unite(talk)
    migrate(talk)
    for stimulus in stimuli:
        talk.hear(stimulus)
    talk.wake()
    for strand in portrait.strands.values():
        enrolment.forget(strand, now)
    offers.forget(portrait, now)
    found: Membership = review(portrait, catalogue, now, due_at=_missed(record, now), before=record)
    if not (talk.changed or talk.effects or found.amended) and found.due_at == record.due_at:
        return None
    told = changes.encode(
        contacts=contacts,
        segments=found.crossings,
        effects=talk.effects,
        readdressed=talk.changed and is_pushed(portrait.segments),
    )
    return portrait, told, found.due_at


def _missed(record: Record, now: int) -> int | None:
    """Return since when something was due; a timer that lies ahead is set anew from what is left.

    One that was for a dialogue which is over would be left behind.
    """
    return record.due_at if record.due_at is not None and record.due_at <= now else None
