"""Ticks of the calendar: whatever is due is begun, once, with the first pages of its pass.

Runs of one instant share a pass over the table.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from portrait.calendar_pages import Page, Scheduled, encode_page
from portrait.calendar_plan import (
    LONGEST_OUTAGE_MS,
    SWEEP,
    Active,
    Calendar,
    Claim,
    Run,
    State,
    active,
    is_lost,
    looks_after,
    plan,
)
from portrait.overdue import encode_overdue, latest
from portrait.schedule import LATEST_MS
from portrait.sweeps import encode_sweep, first_page, unswept

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

CUSTOMERS_PER_CHAIN = 20_000
MAX_CHAINS = 1000
OVERDUE = "~overdue"
"""In place of a campaign's key: the pass that wakes whom a timer did not."""


class Runs(Protocol):
    """Where it is kept which runs were begun, so that each is begun once."""

    def calendar(self) -> Calendar: ...
    def claims(self, after: int) -> Mapping[Run, Claim]: ...
    def claim(self, run: Run, state: State, *, now: int) -> bool:
        """Claim a run that nobody has; return whether it was free."""

    def begin(self, run: Run, *, now: int) -> None: ...
    def ticked(self, active: Mapping[str, Active], *, now: int) -> None: ...


def tick(
    campaigns: Mapping[str, Scheduled],
    runs: Runs,
    *,
    sweeps: Mapping[Run, str] | None = None,
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
        sweeps: the bodies of their first pages; each is begun once, and a run stands for it.
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
        send([sweeps[run] for run in swept])
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


def sweeps_due(catalogue: "Catalogue", *, now: int) -> dict[Run, str]:
    """Return the first pages of the sweeps of versions published of late, and of the overdue.

    The run of a version is at the instant of its publication.
    """
    at, page = latest(now)
    return {
        Run(one.published_at, one.key, f"{SWEEP}{one.version}"): encode_sweep(
            first_page(one, catalogue)
        )
        for one in unswept(catalogue, after=now - LONGEST_OUTAGE_MS, now=now)
    } | {Run(at, OVERDUE, f"{SWEEP}{at}"): encode_overdue(page)}


def chains_for(customers: int) -> int:
    """Return into how many chains of pages a table of so many items is cut."""
    return max(1, min(MAX_CHAINS, -(-customers // CUSTOMERS_PER_CHAIN)))
