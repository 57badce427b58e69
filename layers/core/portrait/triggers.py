"""Entry rules: which campaigns a write of a portrait starts, and for whom it is held back."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from portrait import experiments
from portrait.changes import Changes, Happening
from portrait.conditions import Situation
from portrait.experiments import Arm
from portrait.message import Message, message_id
from portrait.record import Record

if TYPE_CHECKING:
    from portrait.catalogue import Campaign, Catalogue, Policy
    from portrait.view import View

PROGRAMME = "*"
"""The campaign key under which the hold-out of the whole programme is recorded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer enters a campaign once for this occurrence, in this arm."""

    key: str
    campaign: str
    version: int
    home: str
    subject: str
    arm: Arm
    at: int
    messages: tuple[Message, ...]


def entries(record: Record, changes: Changes, catalogue: "Catalogue", *, now: int) -> list[Entry]:
    """Return the campaigns that this write starts.

    Conditions see the portrait as the write left it, at `now`, the instant of the write, so the
    same stream record always gives the same entries under the same keys.
    """
    view = record.portrait.view(catalogue, now)
    found: dict[str, Entry] = {}
    for happening in changes.happenings:
        for campaign in _starting(view, happening, catalogue):
            entry = _enter(view, happening, campaign, catalogue)
            found.setdefault(entry.key, entry)
    return list(found.values())


def _starting(view: "View", happening: Happening, catalogue: "Catalogue") -> Iterator["Campaign"]:
    situation = Situation(view, happening, catalogue.segments)
    for campaign in catalogue.campaigns:
        if (
            happening.name in campaign.events
            and not (campaign.reentry == "once" and campaign.key in view.arms)
            and any(view.now <= happening.at + step.valid_for_ms for step in campaign.steps)
            and campaign.where(situation)
        ):
            yield campaign


def _enter(
    view: "View", happening: Happening, campaign: "Campaign", catalogue: "Catalogue"
) -> Entry:
    once = campaign.reentry == "once"
    occurrence = view.subject if once else f"{happening.strand}\0{happening.id}"
    key = _digest(f"{campaign.key}\0{occurrence}")
    arms = assign(view, campaign, catalogue.policy)
    arm: Arm = "control" if "control" in arms.values() else "treated"
    messages = tuple(
        Message(
            id=message_id(key, step),
            journey=key,
            home=view.home,
            strand=happening.strand,
            campaign=campaign.key,
            version=campaign.version,
            step=step,
            channel=send.channel,
            template=send.template,
            purpose=campaign.purpose,
            arm=arm,
            arms=arms,
            once=once,
            occurred_at=happening.at,
            received_at=happening.received_at,
            expires_at=happening.at + send.valid_for_ms,
            happening=msgspec.structs.asdict(happening),
        )
        for step, send in enumerate(campaign.steps)
    )
    version, home = campaign.version, view.home
    return Entry(key, campaign.key, version, home, view.subject, arm, view.now, messages)


def assign(view: "View", campaign: "Campaign", policy: "Policy") -> dict[str, Arm]:
    """Return the arms that decide about this customer, by campaign and `*` for the programme.

    What was recorded stands, also after a merge; else the hash of the subject says. Service
    messages know no programme-wide hold-out.
    """
    trials = {campaign.key: (campaign.seed, campaign.control)}
    if campaign.purpose not in policy.service_purposes:
        trials[PROGRAMME] = (policy.seed, policy.control)
    return {
        key: view.arms.get(key) or experiments.arm(seed, view.subject, share)
        for key, (seed, share) in trials.items()
    }


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
