"""The use case of the journey function: what a stimulus does to all of a customer's dialogues."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from portrait import changes, enrolment, offers
from portrait.advance import Advanced, Instance, Tick, advance, begin
from portrait.agenda import UNHEARD_MS, date_of, review
from portrait.audiences import is_pushed
from portrait.campaigns import Campaign
from portrait.catalogue import Catalogue
from portrait.conditions import Situation
from portrait.dialogue import Dialogue, Entries
from portrait.effects import Effect, Entered, Kept, Outcome, Say
from portrait.faults import Unavailable
from portrait.happening import Happening
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.segments import MAX_LATE_MS, Membership
from portrait.stimulus import Start, Stimulus
from portrait.strand import Trait
from portrait.view import View
from portrait.waiting import Waiting
from portrait.windows import Span


@dataclass(slots=True)
class Conversation:
    """One customer, while something that happened is brought to their dialogues.

    Attributes:
        effects: what is to be brought about, once the portrait is written.
        changed: whether anything was.
        freed: whether a dialogue ended, so that what it was going to say keeps nothing back.
    """

    portrait: Portrait
    catalogue: Catalogue
    now: int
    erased_at: int = -1
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

    def hear(self, stimulus: Stimulus) -> None:
        """Bring one stimulus to whom it concerns."""
        for start in stimulus.starts:
            self.start(start)
        for happening in sorted(stimulus.happenings, key=lambda one: (one.at, one.id)):
            self._happen(happening)
        for outcome in stimulus.outcomes:
            self._come_out(outcome)
        if stimulus.crossings and not stimulus.happenings:
            self._look()

    def start(self, start: Start) -> None:
        """Let the customer enter a campaign, if it lets them in; at first only for their arm."""
        campaign = self._version(start.campaign, start.version)
        if start.received_at <= self.erased_at or campaign is None:
            return
        strand = start.strand or self.portrait.home
        journey = enrolment.journey_key(campaign, start, strand)
        if campaign.entry.absent is not None and self._held_again(campaign, start, journey):
            return
        if enrolment.refusal(campaign, start, journey, self.view) is not None:
            return
        if campaign.entry.absent is None:
            self._enter(campaign, start, journey, strand, start.at)
        else:
            self._keep(journey, start)
            self._set(strand, journey, enrolment.held(campaign, start))

    def _keep(self, journey: str, start: Start) -> None:
        if start.happening is not None:
            self.effects.append(Kept(journey, start.happening))

    def _held_again(self, campaign: Campaign, start: Start, journey: str) -> bool:
        """Start the time anew of a dialogue that was only held; tell whether there is one."""
        for strand, key, one in self._open():
            same = campaign.key_property is None or key == journey
            if one.state == "held" and one.campaign == campaign.key and same:
                if start.at > one.since:
                    until = start.at + campaign.entry.absent_ms
                    self._keep(key, start)
                    self._set(strand, key, one._replace(since=start.at, due_at=until))
                return True
        return False

    def _enter(self, campaign: Campaign, start: Start, journey: str, strand: str, at: int) -> None:
        arms = enrolment.assign(self.view, campaign, self.catalogue.policy)
        for key, arm in arms.items():
            self.portrait.strand(strand).set_arm(key, arm)
        arm = "control" if "control" in arms.values() else "treated"
        one = enrolment.entered(campaign, start, arm, at=at, now=self.now)
        self.effects.append(
            Entered(
                journey, campaign.key, campaign.version, arm, self.view.subject, strand, self.now,
                start.at, start.happening,
            )
        )  # fmt: skip
        entries = self.portrait.strand(strand).entries
        known = entries.get(campaign.key, Entries(0, start.at))
        entries[campaign.key] = Entries(known.times + 1, max(known.last, start.at))
        self._set(strand, journey, one)
        if one.state == "running":
            instance = Instance(journey, strand, one)
            self._carry(instance, begin(campaign, instance, self.view, self.now))

    def _happen(self, happening: Happening) -> None:
        for strand, journey, one in self._open():
            campaign = self._running(one)
            if campaign is None:
                continue
            if one.state == "held":
                self._follow(strand, journey, one, campaign, happening)
            elif happening.name in self.catalogue.listens[one.campaign, one.version]:
                self._advance(campaign, Instance(journey, strand, one), happening)

    def _follow(
        self, strand: str, journey: str, one: Dialogue, campaign: Campaign, happening: Happening
    ) -> None:
        """Let nobody in whom what was not to follow did follow."""
        absent = campaign.entry.absent
        if absent is not None and happening.name in absent.events and self._followed(one, campaign):
            self._end_held(strand, journey, one)

    def _followed(self, one: Dialogue, campaign: Campaign) -> bool:
        """Tell whether what was not to follow is among what the portrait counted."""
        span = Span(one.due_at, one.since - 1, 0, 0)
        kept = (self.view.series(metric.key) for metric in campaign.entry.absent_metrics)
        return any(series.within(span) for some in kept for series in some.values())

    def _end_held(self, strand: str, journey: str, one: Dialogue) -> None:
        ended = one._replace(state="ended", due_at=0, ended_at=self.now, reason="followed")
        self._set(strand, journey, ended)

    def _come_out(self, outcome: Outcome) -> None:
        for home, strand in self.portrait.strands.items():
            one = strand.dialogues.get(outcome.journey)
            campaign = None if one is None else self._running(one)
            if one is not None and campaign is not None:
                self._advance(campaign, Instance(outcome.journey, home, one), outcome)

    def _look(self) -> None:
        """Let conditions be looked at that something may have changed."""
        for strand, journey, one in self._open():
            campaign = self._running(one)
            if campaign is not None and one.state != "held":
                self._advance(campaign, Instance(journey, strand, one), Tick())

    def wake(self) -> None:
        """Do what is due: dialogues, dates, and messages that waited."""
        for strand, journey, one in self._open():
            campaign = self._running(one)
            if campaign is None:
                self._set(strand, journey, one._replace(
                    state="ended", due_at=0, ended_at=self.now, reason="retired"))  # fmt: skip
            elif one.state != "held":
                self._advance(campaign, Instance(journey, strand, one), Tick())
            elif one.due_at <= self.now:
                self._let_in(strand, journey, one, campaign)
        for campaign in self.catalogue.dated:
            self._date(campaign)
        self._release()

    def _let_in(self, strand: str, journey: str, one: Dialogue, campaign: Campaign) -> None:
        """Let somebody in, unless what was not to follow did, in whichever order they came."""
        if self._followed(one, campaign):
            self._end_held(strand, journey, one)
            return
        start = Start(campaign.key, one.version, "", one.occurred_at, one.received_at, strand)
        del self.portrait.strand(strand).dialogues[journey]
        self._touch()
        self._enter(campaign, start, journey, strand, one.due_at)

    def _date(self, campaign: Campaign) -> None:
        found = date_of(campaign, self.view, self.now - MAX_LATE_MS)
        if found is None or found[0] > self.now:
            return
        start = Start(campaign.key, campaign.version, found[1], found[0], found[0])
        if campaign.entry.where(Situation(self.view, None, campaign.segments)):
            self.start(start)

    def _release(self) -> None:
        for strand in self.portrait.strands.items():
            for id_, one in list(strand[1].waiting.items()):
                due = one.not_before or one.tried_at + UNHEARD_MS
                if due <= self.now or (self.freed and one.not_before and one.reason == "outranked"):
                    self._say_again(strand[0], id_, one)

    def _say_again(self, strand: str, id_: str, one: Waiting) -> None:
        waiting = self.portrait.strand(strand).waiting
        waiting[id_] = one._replace(not_before=0, tried_at=self.now)
        self.effects.append(
            Say(
                id_, one.journey, one.campaign, one.version, one.step, strand, one.channel,
                one.template, one.purpose, one.value, one.occurred_at, one.received_at,
                one.expires_at, one.attempt,
            )
        )  # fmt: skip
        self._touch()

    def _advance(
        self, campaign: Campaign, instance: Instance, stimulus: Happening | Outcome | Tick
    ) -> None:
        self._carry(instance, advance(campaign, instance, stimulus, self.view, self.now))

    def _carry(self, instance: Instance, done: Advanced) -> None:
        self.effects += done.effects
        if done.state != instance.state:
            self.freed |= bool(done.state.ended_at) and not instance.state.ended_at
            self._set(instance.strand, instance.journey, done.state)
        if done.moot and offers.withdraw(self.portrait, instance.journey):
            self._touch()
        for name, value in done.traits.items():
            message = blake2b(f"{instance.journey}\0{name}".encode(), digest_size=6).digest()
            self.portrait.strand(instance.strand).set_trait(name, Trait(value, self.now, message))
            self._touch()

    def _version(self, campaign: str, version: int) -> Campaign | None:
        """Return the campaign to enter: the current version, though it may be newer.

        Raises:
            Unavailable: a newer one than this process has read is asked for.
        """
        found = next((one for one in self.catalogue.campaigns if one.key == campaign), None)
        if found is None or found.version < version:
            if (campaign, version) in self.catalogue.versions:  # paused, or another's by now
                return None
            raise Unavailable(f"campaign {campaign} is not known in version {version}")
        return found

    def _running(self, one: Dialogue) -> Campaign | None:
        return self.catalogue.versions.get((one.campaign, one.version))

    def _open(self) -> list[tuple[str, str, Dialogue]]:
        return [
            (home, journey, one)
            for home, strand in self.portrait.strands.items()
            for journey, one in strand.dialogues.items()
            if one.is_open
        ]

    def _set(self, strand: str, journey: str, one: Dialogue) -> None:
        self.portrait.strand(strand).dialogues[journey] = one
        self._touch()

    def _touch(self) -> None:
        self.changed, self._view = True, None


def converse(
    record: Record, stimuli: Sequence[Stimulus], catalogue: Catalogue, now: int
) -> tuple[Portrait, bytes | None, int | None] | None:
    """Bring stimuli to a customer's dialogues, and do whatever is due.

    Returns:
        The portrait to be written, its changes, and when to wake it; None where nothing changed.

    Raises:
        Unavailable: this process does not know yet what it is asked to begin.
    """
    portrait = record.portrait
    erased = max(record.erased_at or -1, record.erased_before or -1)
    talk = Conversation(portrait, catalogue, now, erased)
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
