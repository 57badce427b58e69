"""Runs of calendar campaigns: which are due at a tick, and the fan-out of each over the table.

A run is one local minute of one campaign at one instant: 09:00 of a day happens at up to 38
instants, one after the other around the world. Runs of one instant share a pass over the table.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from portrait.calendar_pages import Page, Scheduled, encode_page
from portrait.schedule import LATEST_MS
from portrait.sweeps import Sweep, encode_sweep, first_page, unswept

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

OVERLAP_MS = 3_600_000
"""How far a tick looks back beyond the one before it."""

LONGEST_OUTAGE_MS = 7 * 86_400_000
"""Runs that are missed longer ago than this are not even told of."""

STALE_MS = 600_000
"""A run that was claimed so long ago and not begun was lost on the way: it is begun again."""

SWEEP = "sweep "
"""What the occurrence of a run begins with that is a sweep rather than a local minute."""

CUSTOMERS_PER_CHAIN = 20_000
MAX_CHAINS = 1000

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
        counted: whether a whole pass has looked for zones; before, there may be others.
    """

    ticked_at: int | None = None
    active: Mapping[str, Active] = {}
    zones: Mapping[str, int] = {}
    counted: bool = False


class Runs(Protocol):
    """Where it is kept which runs were begun, so that each is begun once."""

    def calendar(self) -> Calendar: ...
    def claims(self, after: int) -> Mapping[Run, Claim]: ...
    def claim(self, run: Run, state: State, *, now: int) -> bool:
        """Claim a run that nobody has; return whether it was free."""

    def begin(self, run: Run, *, now: int) -> None: ...
    def ticked(self, active: Mapping[str, Active], *, now: int) -> None: ...


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
    known = {fallback: 0, **calendar.zones}
    if calendar.counted or all(one.schedule.zone for one in campaigns.values()):
        return known
    return dict.fromkeys([*everywhere(), *known], 0)


def tick(
    campaigns: Mapping[str, Scheduled],
    runs: Runs,
    *,
    sweeps: Mapping[Run, Sweep] | None = None,
    fallback: str,
    everywhere: Callable[[], Iterable[str]],
    chains: Callable[[], int],
    send: Callable[[Sequence[str]], None],
    now: int,
) -> Counter[str]:
    """Begin every run that is due; return how many, by what was done.

    A run is claimed, its first pages are queued, and then it is told to have begun; whatever breaks
    off in between is taken up by a later tick, and pages that are queued twice do no harm. `missed`
    in the answer is what somebody must know of.

    Args:
        sweeps: to be begun once each, with their first pages; a run stands for each.
        fallback: as `plan`; so is `everywhere`.
        chains: returns into how many chains of pages the table is to be cut.
        send: puts bodies on the pages queue.

    Raises:
        Unavailable: something was not taken; a later tick goes on.
    """
    calendar = runs.calendar()
    claims = runs.claims(looks_after(calendar, now) - LATEST_MS)
    found = plan(campaigns, calendar, claims, fallback=fallback, everywhere=everywhere, now=now)
    mine = [run for run in found.due if runs.claim(run, "claimed", now=now)] + list(found.lost)
    if mine:
        number = chains()
        send([encode_page(page) for page in _first_pages(mine, campaigns, number, now)])
    swept = [
        run
        for run in sweeps or {}
        if (is_lost(claims.get(run), now) if run in claims else runs.claim(run, "claimed", now=now))
    ]
    if sweeps and swept:
        send([encode_sweep(sweeps[run]) for run in swept])
    for run in (*mine, *swept):
        runs.begin(run, now=now)
    missed = sum(runs.claim(run, "missed", now=now) for run in found.missed)
    runs.ticked({key: active(calendar, key, one) for key, one in campaigns.items()}, now=now)
    return Counter(begun=len(mine), taken_up=len(found.lost), missed=missed, swept=len(swept))


def _first_pages(
    runs: Iterable[Run], campaigns: Mapping[str, Scheduled], chains: int, now: int
) -> Iterable[Page]:
    by_instant: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for run in runs:
        by_instant[run.instant].append((run.campaign, run.occurrence))
    for instant, entries in sorted(by_instant.items()):
        counting = any(campaigns[campaign].schedule.zone is None for campaign, _ in entries)
        for chain in range(chains):
            yield Page(instant, tuple(entries), chain, chains, began=now, counting=counting)


def sweeps_due(catalogue: "Catalogue", *, now: int) -> dict[Run, Sweep]:
    """Return the sweeps of the versions published of late, each as a run at that instant."""
    return {
        Run(one.published_at, one.key, f"{SWEEP}{one.version}"): first_page(one, catalogue)
        for one in unswept(catalogue, after=now - LONGEST_OUTAGE_MS, now=now)
    }


def chains_for(customers: int) -> int:
    """Return into how many chains of pages a table of so many items is cut."""
    return max(1, min(MAX_CHAINS, -(-customers // CUSTOMERS_PER_CHAIN)))
