"""Pages of the portraits table: who on a page enters a calendar campaign at its instant.

A pass over the table is a few chains of pages. Each page is a message that names where it begins;
whoever takes it queues the next one before it is acknowledged, so a chain survives whatever fails
and nothing is held longer than a page.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from portrait.conditions import Predicate, Situation
from portrait.faults import Rejected, Unavailable
from portrait.overdue import Overdue
from portrait.record import Record
from portrait.schedule import Schedule, occurs
from portrait.stimulus import Start, Stimulus, encode_stimulus
from portrait.sweeps import Sweep

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.view import View

ZoneOf = Callable[["View"], str]
"""Names the zone whose clock is the customer's."""

CLOCKS_MS = 60_000
"""How far the clocks of two functions may be apart."""


class Page(msgspec.Struct, frozen=True, tag_field="page", tag="pass"):
    """One page of a pass.

    Attributes:
        instant: at which the runs are, UTC ms.
        entries: campaign and occurrence of each run of the pass.
        chain: of `chains`, the one that the page is in: a segment of a parallel scan.
        began: when the pass began, UTC ms.
        counting: whether the pass also looks which zones there are.
        cursor: home after which the page begins; empty for the first.
    """

    instant: int
    entries: tuple[tuple[str, str], ...]
    chain: int
    chains: int
    began: int
    counting: bool = False
    cursor: str = ""


class Content(NamedTuple):
    """What lies on a page, and the cursor of the next one: empty where it was the last."""

    records: Sequence[Record]
    cursor: str


class Table(Protocol):
    """Where pages are read."""

    def page(self, chain: int, chains: int, *, cursor: str, moved_since: int) -> Content:
        """Return the portraits on a page, and the pointers that were written since an instant."""

    def load_resolved(self, homes: Iterable[str]) -> dict[str, Record]: ...


class Scheduled(NamedTuple):
    """A campaign that runs by a schedule, as far as the calendar asks.

    Attributes:
        said: the schedule as it was published.
        published_at: UTC ms.
    """

    version: int
    schedule: Schedule
    where: Predicate
    said: str = ""
    published_at: int = 0


@dataclass(slots=True)
class Found:
    """Who enters on a page, the zones that were seen, and how many of what."""

    stimuli: list[Stimulus] = field(default_factory=list)
    zones: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Page | Sweep | Overdue] = msgspec.json.Decoder(
    Page | Sweep | Overdue
)


def encode_page(page: Page) -> str:
    """Return the page as one message body."""
    return _encoder.encode(page).decode()


def decode_page(body: str) -> Page | Sweep | Overdue:
    """Read what `encode_page`, `encode_sweep` or `encode_overdue` wrote.

    Raises:
        Rejected: it is something else.
    """
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise Rejected("malformed_page", "expected a page of a pass or a sweep") from error


def scheduled(catalogue: "Catalogue") -> dict[str, Scheduled]:
    """Return the active campaigns that run by a schedule, by key."""
    return {
        one.key: Scheduled(
            one.version,
            Schedule.from_document(one.entry.schedule),
            one.entry.where,
            msgspec.json.encode(one.entry.schedule, order="sorted").decode(),
            one.published_at,
        )
        for one in catalogue.campaigns
        if one.entry.schedule is not None
    }


def entrants(
    records: Iterable[Record],
    page: Page,
    campaigns: Mapping[str, Scheduled],
    catalogue: "Catalogue",
    zone_of: ZoneOf,
) -> Found:
    """Return who of the portraits enters, judged at the instant of the runs.

    What they begin hangs at the home that they were heard of first at, which merges leave as it is.
    A campaign that is not there any more lets nobody in. A portrait that cannot be read is counted
    as `unreadable` and stops nobody else.
    """
    found = Found()
    runs = [(key, campaigns[key], said) for key, said in page.entries if key in campaigns]
    for record in records:
        found.counts["portraits"] += 1
        try:
            view = record.portrait.view(catalogue, page.instant)
        except Unavailable:
            found.counts["unreadable"] += 1
            continue
        zone = zone_of(view) if page.counting else ""
        found.zones.add(zone)
        situation = Situation(view, None, catalogue.segments)
        starts = tuple(
            Start(key, run.version, occurrence, page.instant, page.began, view.subject)
            for key, run, occurrence in runs
            if _is_there(run.schedule, occurrence, zone, page.instant) and run.where(situation)
        )
        if starts:
            found.stimuli.append(Stimulus(view.home, page.instant, starts))
            found.counts["starts"] += len(starts)
    found.zones.discard("")
    return found


def _is_there(schedule: Schedule, occurrence: str, zone: str, instant: int) -> bool:
    return schedule.zone is not None or occurs(occurrence, zone) == instant


def turn(
    page: Page,
    table: Table,
    campaigns: Mapping[str, Scheduled],
    *,
    catalogue: "Catalogue",
    zone_of: ZoneOf,
    note: Callable[[Iterable[str]], None],
    start: Callable[[Sequence[str]], None],
    go_on: Callable[[Sequence[str]], None],
) -> Counter[str]:
    """Do one page and queue the next; `last` in the answer tells that there was none.

    Safe to repeat: a start that is repeated is recognised by its occurrence.

    A customer whose portrait moved while the pass went on (a visitor logged in) may have left a
    page before it was read for one that had been read already. The pointer that it left behind
    says so, and where it leads is looked at as well.

    Args:
        note: remembers the zones that were seen.
        start: puts bodies on the journeys queue.
        go_on: puts bodies on the pages queue.

    Raises:
        Unavailable: something did not answer; the page must come again.
    """
    content = table.page(
        page.chain, page.chains, cursor=page.cursor, moved_since=page.began - CLOCKS_MS
    )
    moved = {record.merged_into for record in content.records if record.merged_into}
    read = [*content.records, *(table.load_resolved(moved).values() if moved else ())]
    roots = {record.home: record for record in read if record.state}
    found = entrants(roots.values(), page, campaigns, catalogue, zone_of)
    if page.counting:
        note(found.zones)
    if found.stimuli:
        start([encode_stimulus(one) for one in found.stimuli])
    if content.cursor:
        go_on([encode_page(msgspec.structs.replace(page, cursor=content.cursor))])
    found.counts.update(moved=len(moved), last=not content.cursor)
    return found.counts
