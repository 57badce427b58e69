"""The use case of the profile function: from queue messages to portraits, with nothing lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from portrait.agenda import rules_at
from portrait.archive import QuarantineRecord, archive_row
from portrait.campaigns import Campaign
from portrait.catalogue import Catalogue
from portrait.event import Event, encode_envelope
from portrait.faults import Rejected, Unavailable
from portrait.fold import Rules
from portrait.intake import queue_message
from portrait.judgement import judged
from portrait.portrait import Portrait
from portrait.profile import Applied, Portraits, apply, sight
from portrait.record import Record
from portrait.recurrence import CUSTOMER
from portrait.segments import Membership


class Delivery(NamedTuple):
    """One message as the queue delivered it; `sent_at` is when the queue took it (UTC ms)."""

    id: str
    body: str
    sent_at: int


class Archive(Protocol):
    """Where events are kept before they are applied, and put aside when they cannot be."""

    def write(self, rows: Sequence[bytes], *, received_at: int) -> None: ...
    def quarantine(self, records: Sequence[QuarantineRecord], *, now: int) -> None: ...


@dataclass(slots=True)
class Report:
    """What became of a batch. `failed` are the ids of the deliveries the queue must keep."""

    failed: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def receive(
    deliveries: Sequence[Delivery],
    portraits: Portraits,
    archive: Archive,
    *,
    catalogue: Catalogue,
    secret: bytes,
    now: int,
    pause: Callable[[int], None],
    note: Callable[[Iterable[str]], None] | None = None,
) -> Report:
    """Read, archive and apply a batch of queue messages.

    A record that can never succeed is quarantined with its reason and done with; a passing fault
    keeps its delivery on the queue; neither harms the others. Safe to repeat.

    Args:
        note: remembers the time zones of the customers, before they are written, for campaigns that
            go by their clocks: no calendar may miss the first customer of a zone.
    """
    report = Report(counts=Counter(messages=len(deliveries)))
    read, owners, refused = _read(deliveries, catalogue)
    events, owners = _judged(read, owners, portraits, report)
    sightings = sight(events, secret, catalogue.identity.strengths)
    receipts = [f"{owner.id}:{place}" for owner, place in owners]
    try:
        if sightings:
            rows = [archive_row(*pair) for pair in zip(sightings, receipts, strict=True)]
            archive.write(rows, received_at=events[0].received_at)
    except Unavailable:
        report.failed = {delivery.id for delivery in deliveries}
        return report
    rules = _noting(rules_at(catalogue, now), catalogue, now, note)
    applied = apply(sightings, portraits, rules=rules, now=now, pause=pause)
    report.failed |= {owners[index][0].id for index in applied.failed}
    for index, fault in applied.rejected.items():
        event = events[index]
        refused.append(_refusal(owners[index], fault, event.source, encode_envelope((event,))))
    _quarantine(refused, archive, now, report)
    _count(applied, refused, report)
    return report


def _noting(
    rules: Rules, catalogue: Catalogue, now: int, note: Callable[[Iterable[str]], None] | None
) -> Rules:
    if note is None or not any(map(_goes_by_clocks, catalogue.campaigns)):
        return rules

    def noted(portrait: Portrait, record: Record) -> Membership:
        note([str(portrait.view(catalogue, now).zone)])
        return rules.review(portrait, record)

    return replace(rules, review=noted)


def _goes_by_clocks(campaign: Campaign) -> bool:
    schedule = campaign.entry.schedule
    return schedule is not None and schedule["time_zone"] == CUSTOMER


Owner = tuple[Delivery, int]


def _read(
    deliveries: Sequence[Delivery], catalogue: Catalogue
) -> tuple[list[Event], list[Owner], list[QuarantineRecord]]:
    events: list[Event] = []
    owners: list[Owner] = []
    refused: list[QuarantineRecord] = []
    for delivery in deliveries:
        payload = delivery.body
        items = queue_message(
            delivery.body,
            catalogue=catalogue,
            received_at=delivery.sent_at,
            message_id=delivery.id,
        )
        for place, item in enumerate(items):
            if isinstance(item, Rejected):
                refused.append(_refusal((delivery, place), item, "queue", payload))
                payload = f"in {refused[-1].receipt}"  # once is enough, however many are refused
            else:
                events.append(item)
                owners.append((delivery, place))
    return events, owners, refused


def _judged(
    read: Sequence[Event], owners: Sequence[Owner], portraits: Portraits, report: Report
) -> tuple[list[Event], list[Owner]]:
    """Return the events, clicks by the name of whoever did them; what is not known yet waits."""
    known: list[tuple[Event, Owner]] = []
    for event, owner in zip(read, owners, strict=True):
        try:
            known.append((judged(event, portraits), owner))
        except Unavailable:
            report.failed.add(owner[0].id)
    return [event for event, _ in known], [owner for _, owner in known]


def _refusal(owner: Owner, fault: Rejected, source: str, payload: str) -> QuarantineRecord:
    delivery, place = owner
    receipt = f"{delivery.id}:{place}"
    return QuarantineRecord(fault.reason, fault.message, source, "queue", payload, receipt)


def _quarantine(
    refused: Sequence[QuarantineRecord], archive: Archive, now: int, report: Report
) -> None:
    if not refused:
        return
    try:
        archive.quarantine(refused, now=now)
    except Unavailable:
        report.failed |= {record.receipt.rpartition(":")[0] for record in refused}


def _count(applied: Applied, refused: Sequence[QuarantineRecord], report: Report) -> None:
    report.counts.update(
        applied=len(applied.applied),
        duplicate=len(applied.duplicates),
        erased=len(applied.erased),
        failed=len(applied.failed),
        writes=applied.writes,
        conflicts=applied.conflicts,
    )
    report.counts.update(f"quarantined_{record.reason}" for record in refused)
    report.counts.update(f"fault_{name}" for name in applied.faults)
