"""What is to come: messages that a customer's dialogues will ask for if they do nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portrait.advance import Advanced, Instance, Tick, advance, begin
from portrait.arbitration import Planned
from portrait.campaigns import Campaign
from portrait.dialogue import Dialogue
from portrait.effects import Outcome, Say
from portrait.message import message_id
from portrait.occasions import doubled
from portrait.steps import Send

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.view import View

MAX_STEPS = 20
"""How many waits ahead one dialogue is followed."""

UNHEARD_MS = 3_600_000
"""A message that was asked for so long ago, and is neither sent nor waiting, was lost."""


def rivals(view: "View", catalogue: "Catalogue", own: str, until: int) -> list[Planned]:
    """Return what else wants to be said to this customer up to an instant (UTC ms).

    That is what waits already, what was asked for and nobody has judged yet, and what the dialogues
    will ask for if nothing but time happens. Of a dialogue that has gone on, nothing is sent.

    Args:
        own: id of the message that they are rivals of.
    """
    found = [
        Planned(
            id_, one.channel, one.purpose, one.campaign, one.value,
            max(one.not_before, view.now), one.expires_at, one.since,
        )
        for id_, one in view.waiting.items()
        if id_ != own and asked_at(view, one.journey, one.step) is not None
    ]  # fmt: skip
    known = {own, *view.waiting, *(contact.id for contact in view.contacts)}
    surplus = doubled(view.dialogues)
    for journey, one in view.dialogues.items():
        campaign = catalogue.versions.get((one.campaign, one.version))
        if campaign is not None and one.in_steps and journey not in surplus:
            plans = (
                *_under_way(journey, one, campaign, view),
                *_ahead(journey, one, campaign, view, until),
            )
            found += (plan for plan in plans if plan.id not in known)
    return found


def asked_at(view: "View", journey: str, step: str) -> int | None:
    """Return when a dialogue asked for the message of a step (UTC ms); None where it has gone on.

    It does not change while the message waits, so messages rank the same whoever is judged first.
    """
    talk = view.dialogues.get(journey)
    if talk is None:
        return view.now
    has_gone = talk.step != step or journey in doubled(view.dialogues)
    return None if has_gone else talk.since


def _under_way(journey: str, one: Dialogue, campaign: Campaign, view: "View") -> Iterator[Planned]:
    """Yield the message that a dialogue has asked for, unless it was lost."""
    step = campaign.steps.get(one.step)
    if not isinstance(step, Send) or step.channel == "inbox":
        return
    if view.now - one.since < UNHEARD_MS:
        yield Planned(
            message_id(journey, step.id), step.channel, campaign.purpose, one.campaign, step.value,
            view.now, one.since + step.valid_for_ms, one.since,
        )  # fmt: skip


def _ahead(
    journey: str, one: Dialogue, campaign: Campaign, view: "View", until: int
) -> Iterator[Planned]:
    """Yield the messages of one dialogue, as it would go if nothing but time happened."""
    at = view.now
    for _ in range(MAX_STEPS):
        sending = isinstance(campaign.steps.get(one.step), Send)
        at = at if sending else max(at, one.due_at)
        if not one.in_steps or not one.due_at or at > until:
            return
        done = _next(Instance(journey, "", one), campaign, view, at, sending=sending)
        for effect in done.effects:
            if isinstance(effect, Say) and effect.channel != "inbox":
                yield _planned(effect, at)
        one = done.state


def _next(
    instance: Instance, campaign: Campaign, view: "View", at: int, *, sending: bool
) -> Advanced:
    one = instance.state
    if one.state == "held":
        let_in = one._replace(state="running", entered_at=one.due_at, since=one.due_at)
        return begin(campaign, instance._replace(state=let_in), view, at)
    if sending:
        id_ = message_id(instance.journey, campaign.steps[one.step].id)
        said = Outcome(instance.journey, one.step, id_, "sent", at, "")
        return advance(campaign, instance, said, view, at)
    return advance(campaign, instance, Tick(), view, at)


def _planned(say: Say, at: int) -> Planned:
    return Planned(
        say.message, say.channel, say.purpose, say.campaign, say.value, at, say.expires_at
    )
