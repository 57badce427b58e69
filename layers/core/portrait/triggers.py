"""Entry rules: which campaigns a write of a portrait starts, and which dialogues it may move."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from portrait.changes import Changes
from portrait.conditions import Situation
from portrait.happening import Happening
from portrait.record import Record
from portrait.stimulus import Start, Stimulus

if TYPE_CHECKING:
    from portrait.campaigns import Campaign
    from portrait.catalogue import Catalogue
    from portrait.view import View


def stimulus(
    record: Record, changes: Changes, catalogue: "Catalogue", *, now: int
) -> Stimulus | None:
    """Return what a write means to the customer's dialogues, or None where it means nothing.

    Conditions see the portrait as the write left it, at `now`, the instant of the write, so the
    same stream record always starts the same campaigns for the same occurrences.
    """
    if not (changes.happenings or changes.segments or changes.outcomes):
        return None
    view = record.portrait.view(catalogue, now)
    starts = tuple(_starts(view, changes, catalogue))
    listening = [one for one in view.dialogues.values() if one.is_open]
    running = {(one.campaign, one.version) for one in listening}
    running |= {(start.campaign, start.version) for start in starts}
    happenings = tuple(_heard(changes, running, catalogue))
    crossings = changes.segments if listening else ()
    if not (starts or happenings or crossings or changes.outcomes):
        return None
    return Stimulus(record.home, now, starts, happenings, changes.outcomes, crossings)


def _starts(view: "View", changes: Changes, catalogue: "Catalogue") -> Iterator[Start]:
    for campaign in catalogue.campaigns:
        if campaign.entry.events:
            yield from _by_event(view, changes, campaign)
        elif campaign.entry.crossing:
            yield from _by_crossing(view, changes, campaign)


def _by_event(view: "View", changes: Changes, campaign: "Campaign") -> Iterator[Start]:
    entry = campaign.entry
    ordered = sorted(changes.happenings, key=lambda one: (one.at, one.id))
    for place, happening in enumerate(ordered):
        situation = Situation(view, happening, campaign.segments, tuple(ordered[place + 1 :]))
        if (
            happening.name in entry.events
            and view.now <= happening.at + entry.late_ms
            and not (campaign.once and campaign.key in view.entries)
            and entry.where(situation)
        ):
            yield Start(
                campaign.key, campaign.version, happening.id, happening.at,
                happening.received_at, happening.strand, happening,
            )  # fmt: skip


def _by_crossing(view: "View", changes: Changes, campaign: "Campaign") -> Iterator[Start]:
    entry = campaign.entry
    for one in changes.segments:
        if (
            (one.segment, one.entered) == entry.crossing
            and view.now <= one.at + entry.late_ms
            and entry.where(Situation(view, None, campaign.segments))
        ):
            occurrence = f"{one.segment}\0{one.at}"
            last = changes.happenings[-1] if changes.happenings else None
            yield Start(
                campaign.key, campaign.version, occurrence, one.at, view.now, view.home, last
            )


def _heard(
    changes: Changes, running: Iterable[tuple[str, int]], catalogue: "Catalogue"
) -> Iterator[Happening]:
    """Yield what happened that a dialogue of the customer listens to, or one that only begins.

    To what a version listens that another process began, having read newer definitions, is not
    known here: it is told everything.
    """
    known = [catalogue.listens.get(one) for one in running]
    names = frozenset[str]().union(*filter(None, known))
    yield from (each for each in changes.happenings if None in known or each.name in names)
