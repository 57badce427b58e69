"""Planning a tick of the calendar: which runs are due, were lost on the way, or were missed.

A run is one local minute of one campaign at one instant: 09:00 of a day happens at up to 38
instants, one after the other around the world.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from portrait.calendar_pages import Scheduled
from portrait.schedule import LATEST_MS

OVERLAP_MS = 3_600_000
"""How far a tick looks back beyond the one before it."""

LONGEST_OUTAGE_MS = 7 * 86_400_000
"""Runs that are missed longer ago than this are not even told of."""

STALE_MS = 600_000
"""A run that was claimed so long ago and not begun was lost on the way: it is begun again."""

SWEEP = "sweep "
"""What the occurrence of a run begins with that is a sweep rather than a local minute."""

State = Literal["claimed", "begun", "missed"]


class Run(NamedTuple):
    """One occurrence of one campaign, at the instant (UTC ms) that it is in some zones."""

    instant: int
    campaign: str
    occurrence: str


class Claim(NamedTuple):
    """How far a run has come, and since when (UTC ms)."""

    state: State
    at: int


class Active(NamedTuple):
    """A campaign that runs by a schedule, and since when (UTC ms)."""

    since: int
    schedule: str


class Calendar(NamedTuple):
    """What is remembered from one tick to the next.

    Attributes:
        ticked_at: when the last tick was through, UTC ms; None before the first.
        active: the campaigns that it saw.
        zones: where there are customers, and since when that is known.
        counted_at: when a first whole pass had looked for zones, UTC ms; None while there may be
            others.
    """

    ticked_at: int | None = None
    active: Mapping[str, Active] = {}
    zones: Mapping[str, int] = {}
    counted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tick is to do. All are in order of time.

    Attributes:
        due: to be claimed and begun.
        lost: claimed by a tick that did not begin them.
        missed: due so long ago that they are not begun any more.
    """

    due: tuple[Run, ...] = ()
    lost: tuple[Run, ...] = ()
    missed: tuple[Run, ...] = ()


def looks_after(calendar: Calendar, now: int) -> int:
    """Return the instant after which a tick at `now` looks for runs: a day back at the first."""
    last = now - LATEST_MS if calendar.ticked_at is None else min(now, calendar.ticked_at)
    return max(last - OVERLAP_MS, now - LONGEST_OUTAGE_MS)


def plan(
    campaigns: Mapping[str, Scheduled],
    calendar: Calendar,
    claims: Mapping[Run, Claim],
    *,
    fallback: str,
    everywhere: Callable[[], Iterable[str]],
    now: int,
) -> Plan:
    """Return what is due at `now` (UTC ms), in any order and number of ticks the same in the end.

    Args:
        campaigns: the active ones that run by a schedule.
        fallback: the zone of customers of whom nobody knows where they are.
        everywhere: names every zone, for as long as nobody has counted who is where.
    """
    after = looks_after(calendar, now)
    zones = _zones(campaigns, calendar, fallback, everywhere)
    due: list[Run] = []
    missed: list[Run] = []
    for key, campaign in campaigns.items():
        begins = active(calendar, key, campaign).since
        earliest = now - campaign.schedule.valid_for_ms
        for occurrence, instant in campaign.schedule.due(zones, after=after, until=now):
            run = Run(instant, key, occurrence)
            if run not in claims and instant > begins:
                (due if instant >= earliest else missed).append(run)
    lost = (
        run
        for run, claim in claims.items()
        if is_lost(claim, now)
        and run.campaign in campaigns
        and not run.occurrence.startswith(SWEEP)
    )
    return Plan(tuple(sorted(due)), tuple(sorted(lost)), tuple(sorted(missed)))


def is_lost(claim: Claim | None, now: int) -> bool:
    """Tell whether whoever claimed a run did not come to begin it."""
    return claim is not None and claim.state == "claimed" and claim.at < now - STALE_MS


def active(calendar: Calendar, key: str, campaign: Scheduled) -> Active:
    """Return since when a campaign runs by the schedule that it has now.

    What was due before it was published, or while it was paused, is not its. A version that leaves
    the schedule as it was goes on with what the one before it left, if it was not paused.
    """
    known = calendar.active.get(key)
    if known is not None and known.schedule == campaign.said:
        return known
    return Active(campaign.published_at, campaign.said)


def _zones(
    campaigns: Mapping[str, Scheduled],
    calendar: Calendar,
    fallback: str,
    everywhere: Callable[[], Iterable[str]],
) -> Mapping[str, int]:
    if calendar.counted_at is None:
        companys = all(one.schedule.zone for one in campaigns.values())
        return dict.fromkeys([fallback, *calendar.zones, *(() if companys else everywhere())], 0)
    # Where somebody was found by then, they may have been for long: only later ones are newcomers.
    known = calendar.zones.items()
    return {zone: at if at > calendar.counted_at else 0 for zone, at in known} | {fallback: 0}
