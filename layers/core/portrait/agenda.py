"""The agenda of a portrait: when time alone will next matter to anything in it."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from portrait.boundaries import boundaries
from portrait.campaigns import Campaign
from portrait.dialogue import Dialogue
from portrait.fold import Rules
from portrait.recurrence import next_date
from portrait.segments import Membership, adopt
from portrait.segments import review as review_segments
from portrait.steps import Happens, Send, WaitFor

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.portrait import Portrait
    from portrait.record import Record
    from portrait.view import View

UNHEARD_MS = 3_600_000
"""A message that was sent on its way again and not heard of for so long is sent once more."""


def rules_at(catalogue: "Catalogue", now: int) -> Rules:
    """Return what the definitions ask of folding at `now` (UTC ms)."""
    return Rules(
        catalogue.metrics,
        catalogue.interests,
        catalogue.identity,
        lambda portrait, record: review(
            portrait, catalogue, now, due_at=record.due_at, before=record
        ),
        lambda portrait, was, record: adopt(
            portrait, was.segments, catalogue, now, due_at=record.due_at
        ),
    )


def review(
    portrait: "Portrait",
    catalogue: "Catalogue",
    now: int,
    *,
    due_at: int | None = None,
    before: "Record | None" = None,
) -> Membership:
    """Bring the portrait's segments up to `now` and say when its timer is to fire.

    What is due already stays due: it is for the journey function to act on it.

    Args:
        due_at: when the timer is, or was, to fire; None where it has none.
        before: the portrait as it was read.
    """
    found = review_segments(portrait, catalogue, now, due_at=due_at, before=before)
    moments = [at for at in (found.due_at, earliest(portrait, catalogue, now)) if at is not None]
    return found._replace(due_at=min(moments, default=None))


def earliest(portrait: "Portrait", catalogue: "Catalogue", now: int) -> int | None:
    """Return the first instant at which a dialogue, a message or a date is due, or None.

    It lies before `now` where something is overdue.
    """
    if not (catalogue.dated or any(s.dialogues or s.waiting for s in portrait.strands.values())):
        return None
    view = portrait.view(catalogue, now)
    return min(chain(_dialogues(view, catalogue), _waiting(view), _dates(view, catalogue)),
               default=None)  # fmt: skip


def _waiting(view: "View") -> Iterator[int]:
    for one in view.waiting.values():
        yield one.not_before or one.tried_at + UNHEARD_MS


def _dates(view: "View", catalogue: "Catalogue") -> Iterator[int]:
    for campaign in catalogue.dated:
        found = date_of(campaign, view, view.now)
        if found is not None:
            yield found[0]


def date_of(campaign: Campaign, view: "View", after: int) -> tuple[int, str] | None:
    """Return when the customer's date lets them in next, after an instant, and its name."""
    entry = campaign.entry
    value = view.trait(entry.date)
    if value is None:
        return None
    return next_date(
        value, yearly=entry.yearly, offset_ms=entry.offset_ms, clock=entry.clock, zone=view.zone,
        after=after,
    )  # fmt: skip


def _dialogues(view: "View", catalogue: "Catalogue") -> Iterator[int]:
    for one in view.dialogues.values():
        if one.is_open:
            yield from due_moments(one, view, catalogue)


def due_moments(one: Dialogue, view: "View", catalogue: "Catalogue") -> Iterator[int]:
    """Yield the instants at which time alone may take an open dialogue further.

    No timer is set for what time only ends: a goal's window, or the word on the last message. That
    is noticed when something else happens, and a timer costs two requests.
    """
    campaign = catalogue.versions.get((one.campaign, one.version))
    if one.due_at and not is_last(one, campaign):
        yield one.due_at
        if campaign is not None and one.state == "running":
            yield one.entered_at + campaign.lasts_ms
    for happens in _asked_now(one, campaign) if campaign else ():
        if happens.when is not None:
            yield from _first(boundaries(happens.when, view, catalogue.trees))


def is_last(one: Dialogue, campaign: Campaign | None) -> bool:
    """Tell whether nothing follows, whenever it comes to an end."""
    if one.state == "watching" or campaign is None:
        return one.state == "watching"
    step = campaign.steps.get(one.step)
    return isinstance(step, Send) and step.then is None


def _asked_now(one: Dialogue, campaign: Campaign) -> Iterator[Happens]:
    if campaign.aim and not one.goal_at and one.state != "held":
        yield campaign.aim.happens
    if one.state == "running":
        yield from (leave.happens for leave in campaign.exits)
        step = campaign.steps.get(one.step)
        if isinstance(step, WaitFor):
            yield from (branch.happens for branch in step.branches if branch.happens)


def _first(instants: Iterator[int]) -> Iterator[int]:
    at = next(instants, None)
    if at is not None:
        yield at
