"""Enrolment: whether a customer enters a campaign, and what their dialogue begins as."""

from hashlib import blake2b
from typing import Literal

from portrait import experiments
from portrait.campaigns import Campaign
from portrait.compiled import Policy
from portrait.dialogue import ENDED_DAYS, MAX_ENDED, Dialogue
from portrait.experiments import Arm
from portrait.happening import Happening
from portrait.metrics import DAY_MS
from portrait.paths import elements_at
from portrait.stimulus import Start
from portrait.strand import Strand
from portrait.view import View

PROGRAMME = "*"
"""The campaign key under which the hold-out of the whole programme is recorded."""

MAX_RUNNING = 25
"""Dialogues of one customer in steps at once. Source: Segment Journeys, 25 instances a profile."""

MAX_OPEN = 100
"""And of those, with the ones in which only the goal is watched for: so many a portrait holds."""

OCCASION = 16
"""Characters of a journey key that say which campaign and occurrence."""

Refusal = Literal[
    "entered_before", "too_soon", "at_most", "too_many", "inactive", "late", "portrait_full"
]


def journey_key(campaign: Campaign, start: Start, strand: str, erased_at: int = -1) -> str:
    """Return the key of the journey that a start begins: the same start always has the same.

    Its first half says which campaign and occurrence, the second whose, so that of two visitors who
    turn out to be one customer it can be told that both entered for the same. Who was erased and
    returns begins anew, and nothing of what they are told has the id of what they were told before:
    what lets them in is another event, whoever they turn out to be.

    Args:
        strand: home at which the dialogue will hang.
        erased_at: when the customer was erased, if they were.
    """
    return _occasion(campaign, start.occurrence, start.happening) + _digest(
        _whose(start, strand, erased_at)
    )


def _whose(start: Start, strand: str, erased_at: int) -> str:
    event = "" if start.happening is None else f"\0{start.happening.id}"
    return strand + event + ("" if erased_at < 0 else f"\0{erased_at}")


def is_occasion(campaign: Campaign, journey: str, happening: Happening) -> bool:
    """Tell whether it is what the journey began with, or stands for the same."""
    if happening.name not in campaign.entry.events:
        return False
    return is_same(journey, _occasion(campaign, happening.id, happening))


def _occasion(campaign: Campaign, occurrence: str, happening: Happening | None) -> str:
    return _digest(f"{campaign.key}\0{_keyed(campaign, happening) or occurrence}")


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _keyed(campaign: Campaign, happening: Happening | None) -> str:
    """Return what the campaign may be entered once for, such as an order; empty for every event."""
    if campaign.key_property is None or happening is None:
        return ""
    values = elements_at(happening.properties, campaign.key_property)
    value = next((one for one in values if isinstance(one, str | int | float)), None)
    return "" if value is None else f"{campaign.key_property}\0{value}"


def refusal(campaign: Campaign, start: Start, journey: str, view: View) -> Refusal | None:
    """Return why the customer does not enter, or None.

    All of it is asked of the portrait that the dialogue is then written into, on condition that it
    has not changed, so no race enters anybody once too often.
    """
    if not campaign.is_active:
        return "inactive"
    if any(is_same(key, journey) for key in view.dialogues) or _is_over(campaign, start, view):
        return "entered_before"
    return limit(campaign, view, since=start.at, at=start.at)


def is_same(one: str, other: str) -> bool:
    """Tell whether two journeys, or one, are about the same occasion, whosever."""
    return one[:OCCASION] == other[:OCCASION]


def _is_over(campaign: Campaign, start: Start, view: View) -> bool:
    """Tell whether a start that comes again went into a dialogue that was held for a later one."""
    entered = view.entries.get(campaign.key)
    held = campaign.entry.absent is not None and campaign.key_property is None
    return held and entered is not None and start.at <= entered.last


def limit(campaign: Campaign, view: View, *, since: int, at: int) -> Refusal | None:
    """Return which limit of entering the customer is at, or None.

    Args:
        since: when what lets them in happened (UTC ms).
        at: when it was sure that it does.
    """
    entered = view.entries.get(campaign.key)
    if entered is not None and campaign.once:
        return "entered_before"
    if entered is not None and campaign.every_ms and since < entered.last + campaign.every_ms:
        return "too_soon"
    if view.now > at + campaign.entry.late_ms:
        return "late"
    if view.is_full:
        return "portrait_full"
    in_steps = [one for one in view.dialogues.values() if one.in_steps]
    if sum(one.campaign == campaign.key for one in in_steps) >= campaign.at_most:
        return "at_most"
    over = (one.state == "watching" and one.due_at <= view.now for one in view.dialogues.values())
    open_ = sum(one.is_open for one in view.dialogues.values()) - sum(over)
    return "too_many" if len(in_steps) >= MAX_RUNNING or open_ >= MAX_OPEN else None


def assign(view: View, campaign: Campaign, policy: Policy) -> dict[str, Arm]:
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


def held(campaign: Campaign, start: Start) -> Dialogue:
    """Return the dialogue of somebody who enters unless something follows in time."""
    return Dialogue(
        campaign.key, campaign.version, "held", "treated", start.at, start.received_at,
        since=start.at, due_at=start.at + campaign.entry.absent_ms,
    )  # fmt: skip


def entered(campaign: Campaign, start: Start, arm: Arm, *, at: int, now: int) -> Dialogue:
    """Return the dialogue of somebody who enters at `at`: in no step yet, or in none ever."""
    one = Dialogue(
        campaign.key, campaign.version, "running", arm, start.at, start.received_at,
        entered_at=at, since=at,
    )  # fmt: skip
    if arm == "treated":
        return one
    until = at + campaign.aim.within_ms if campaign.aim else 0
    is_open = until > now
    return one._replace(
        state="watching" if is_open else "ended", due_at=until if is_open else 0,
        ended_at=at, reason="control",
    )  # fmt: skip


def forget(strand: Strand, now: int) -> None:
    """Let a strand forget the dialogues that nothing can bring back any more."""
    ended = [(one.ended_at, key) for key, one in strand.dialogues.items() if not one.is_open]
    ended.sort(reverse=True)
    horizon = now - ENDED_DAYS * DAY_MS
    for place, (at, key) in enumerate(ended):
        if place >= MAX_ENDED or at < horizon:
            del strand.dialogues[key]
