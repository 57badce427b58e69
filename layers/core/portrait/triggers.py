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
from portrait.message import Message
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
    arm = assign(view, campaign, catalogue.policy)
    return Entry(
        key, campaign.key, campaign.version, view.home, view.subject, arm, view.now,
        tuple(_messages(key, view, happening, campaign, arm)),
    )  # fmt: skip


def _messages(
    key: str, view: "View", happening: Happening, campaign: "Campaign", arm: Arm
) -> Iterator[Message]:
    for step, send in enumerate(campaign.steps):
        yield Message(
            id=_digest(f"{key}\0{step}"),
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
            occurred_at=happening.at,
            received_at=happening.received_at,
            expires_at=happening.at + send.valid_for_ms,
            happening=msgspec.structs.asdict(happening),
        )


def assign(view: "View", campaign: "Campaign", policy: "Policy") -> Arm:
    """Return `control` or `treated`: what was recorded, else what the hash says.

    Whoever was ever held out of this campaign or of the programme stays held out. Service messages
    know no programme-wide hold-out.
    """
    held_out = {
        view.arms.get(campaign.key),
        experiments.arm(campaign.seed, view.subject, campaign.control),
    }
    if campaign.purpose not in policy.service_purposes:
        held_out |= {
            view.arms.get(PROGRAMME),
            experiments.arm(policy.seed, view.subject, policy.control),
        }
    return "control" if "control" in held_out else "treated"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
