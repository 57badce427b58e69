"""Entering campaigns: starts, those that are only held until something is certain, and dates."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portrait import enrolment
from portrait.advance import Instance, begin, catch_up
from portrait.agenda import date_of
from portrait.campaigns import Campaign
from portrait.conditions import Situation
from portrait.dialogue import Dialogue, Entries
from portrait.effects import Entered, Kept
from portrait.event import label
from portrait.experiments import Arm
from portrait.happening import Happening
from portrait.portrait import BORROWED, Portrait, home_of
from portrait.requirements import nodes
from portrait.stimulus import Start
from portrait.windows import Span

if TYPE_CHECKING:
    from portrait.conversation import Conversation, Placed


def start(talk: "Conversation", start: Start) -> None:
    """Let the customer enter a campaign, if it lets them in.

    Raises:
        Unavailable: this process does not know yet what it is asked to begin.
    """
    campaign = talk.current(start.campaign, start.version)
    if start.received_at <= talk.erased_since(start.strand) or campaign is None:
        return
    talk.pass_time(start.at)
    strand = _place(talk.portrait, start.strand)
    if strand is None:
        return
    journey = enrolment.journey_key(campaign, start, strand, talk.erased_since(strand))
    if campaign.entry.absent is not None and _held_again(talk, campaign, start, journey):
        return
    talk.expire()  # whose last word was never heard takes no place
    if enrolment.refusal(campaign, start, journey, talk.view) is not None:
        return
    if campaign.entry.absent is None:
        _enter(talk, campaign, start, journey, strand, start.at)
    else:
        one = enrolment.held(campaign, start)
        _keep(talk, journey, start, one.due_at)
        talk.put(strand, journey, one)


def _place(portrait: Portrait, heard: str) -> str | None:
    """Return the strand that a start belongs to; None where it is another customer's by now.

    An identifier that changed hands since leaves what was heard through it until then, under
    another key. A strand made anew in its name would go to whoever has it.
    """
    if not heard or heard in (portrait.home, *portrait.strands, *portrait.ids):
        return heard or portrait.home
    borrowed = (key for key in portrait.strands if key.endswith(f"{BORROWED}{heard}"))
    return next((home_of(key) for key in borrowed), None)


def _keep(talk: "Conversation", journey: str, start: Start, until: int) -> None:
    if start.happening is not None:
        talk.effects.append(Kept(journey, start.happening, until))


def _held_again(talk: "Conversation", campaign: Campaign, start: Start, journey: str) -> bool:
    """Start the time anew of a dialogue that was only held; tell whether there is one."""
    for strand, key, one in talk.open():
        same = campaign.key_property is None or enrolment.is_same(key, journey)
        if one.state == "held" and one.campaign == campaign.key and same:
            if start.at > one.since:
                until = start.at + campaign.entry.absent_ms
                _keep(talk, key, start, until)
                talk.put(strand, key, one._replace(since=start.at, due_at=until))
            return True
    return False


def _enter(
    talk: "Conversation", campaign: Campaign, start: Start, journey: str, strand: str, at: int
) -> None:
    """Draw and record the arm, then take the first steps; the control group takes none."""
    kept = talk.portrait.strand(strand)
    arms = enrolment.assign(talk.view, campaign, talk.catalogue.policy)
    for key, each in arms.items():
        kept.set_arm(key, each)
    arm: Arm = "control" if "control" in arms.values() else "treated"
    one = enrolment.entered(campaign, start, arm, at=at, now=talk.now)
    talk.effects.append(
        Entered(
            journey, campaign.key, campaign.version, arm, talk.view.subject, strand, talk.now,
            start.at, start.happening if arm == "treated" else None,  # nobody else is told of it
        )
    )  # fmt: skip
    last = at - campaign.entry.absent_ms  # what let them in, the last time that it came
    entry, known = Entries(1, last), kept.entries.get(campaign.key)
    kept.entries[campaign.key] = known.and_also(entry) if known else entry
    talk.put(strand, journey, one)
    instance = Instance(journey, strand, one)
    done = catch_up(campaign, instance, _unheard(talk, campaign, one), talk.view, talk.now)
    talk.carry(instance, done)
    instance = instance._replace(state=done.state)
    if done.state.state == "running":
        talk.carry(instance, begin(campaign, instance, talk.view, talk.now))


def _unheard(talk: "Conversation", campaign: Campaign, one: Dialogue) -> Iterator[Happening]:
    """Yield what the customer did since they came in, as the timeline knows it.

    Seconds pass until the dialogue is in the portrait, hours where a queue is behind, and nobody
    tells a dialogue that is not there. A line of the timeline has no properties: events of which a
    goal or an exit asks about some are left out.
    """
    asked = [*([campaign.aim.happens] if campaign.aim else ())]
    asked += [leave.happens for leave in campaign.exits]
    names: set[str] = set().union(*(each.events for each in asked))
    for each in asked:
        if any("property" in node or "first_time" in node for node in nodes(each.where)):
            names.difference_update(each.events)
    after = max(one.occurred_at, one.entered_at)
    for line in sorted(talk.view.timeline):
        name = label(line.kind, line.name)
        led_in = campaign.entry.crossing or name in campaign.entry.events
        if name in names and (line.at > after or (line.at == after and not led_in)):
            yield Happening("", "", line.kind, name, line.at, line.at, "")


def follow(talk: "Conversation", placed: "Placed", campaign: Campaign, name: str) -> None:
    """Let nobody in whom what was not to follow did follow, when such an event is heard of."""
    absent = campaign.entry.absent
    if absent is not None and name in absent.events and _followed(talk, placed[2], campaign):
        end_held(talk, placed, "followed")


def let_in(talk: "Conversation", placed: "Placed", campaign: Campaign) -> None:
    """Let somebody in, unless what was not to follow did, in whichever order they came."""
    strand, journey, one = placed
    if _followed(talk, one, campaign):
        end_held(talk, placed, "followed")
    elif talk.is_paused(campaign.key):
        end_held(talk, placed, "inactive")
    else:
        again = Start(campaign.key, one.version, "", one.occurred_at, one.received_at, strand)
        del talk.portrait.strand(strand).dialogues[journey]
        talk.touch()
        # Since they were held a merge may have shown who they are, or another of theirs let in.
        refusal = enrolment.limit(campaign, talk.view, since=one.since, at=one.due_at)
        if refusal is not None:
            end_held(talk, placed, refusal)
            return
        _enter(talk, campaign, again, journey, strand, one.due_at)


def _followed(talk: "Conversation", one: Dialogue, campaign: Campaign) -> bool:
    """Tell whether what was not to follow is among what the portrait counted."""
    span = Span(one.due_at, one.since - 1, 0, 0)
    kept = (talk.view.series(metric.key) for metric in campaign.entry.absent_metrics)
    return any(series.within(span) for some in kept for series in some.values())


def end_held(talk: "Conversation", placed: "Placed", reason: str) -> None:
    """End a dialogue that was never entered."""
    strand, journey, one = placed
    ended = one._replace(state="ended", due_at=0, ended_at=talk.now, reason=reason)
    talk.put(strand, journey, ended)


def on_date(talk: "Conversation", campaign: Campaign) -> None:
    """Let the customer enter by dates of theirs that have come, as late as the campaign lets in.

    What came before it was published, or while it was paused, is not its.
    """
    since = talk.catalogue.active_since[campaign.key]
    after = max(since, talk.now - campaign.entry.late_ms - 1)
    while (found := date_of(campaign, talk.view, after)) is not None and found[0] <= talk.now:
        after, occurrence = found
        if campaign.entry.where(Situation(talk.view, None, campaign.segments)):
            home = talk.portrait.home
            start(talk, Start(campaign.key, campaign.version, occurrence, after, after, home))
