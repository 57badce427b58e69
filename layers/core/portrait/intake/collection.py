"""The use case of the ingest function: from one request to the queue, with nothing lost."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from portrait.archive import QuarantineRecord
from portrait.catalogue import Catalogue, Source
from portrait.event import Event
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.intake import access, answers, clock
from portrait.intake.acceptance import Arrival, accept_all
from portrait.intake.answers import Answer
from portrait.intake.batches import Delivery, batch, single
from portrait.intake.calls import MAX_EVENT_BYTES
from portrait.intake.clients import is_rudder
from portrait.intake.packing import pack
from portrait.intake.requests import Request, too_large
from portrait.intake.surroundings import network_of

MAX_BATCH_BYTES = 500 * 1024


class Outside(NamedTuple):
    """What lies beyond the request. Each may raise Unavailable.

    `send` returns when the queue has the bodies, `quarantine` when the records are put aside.
    """

    catalogue: Callable[[], Catalogue]
    send: Callable[[Sequence[str]], None]
    quarantine: Callable[[Sequence[QuarantineRecord]], None]
    public_url: str = ""


def collect(request: Request, outside: Outside, *, key: str, kind: str | None) -> Answer:
    """Queue the calls in a request's body; put aside and report those that are no events.

    `key` is what the URL or a header says; without it the body must. `kind` is the call of the
    route, or None where the body is a batch.

    Raises:
        Rejected: the request as a whole is no delivery of a source.
        Unavailable: something was not stored, so the client must keep it.
    """
    catalogue = outside.catalogue()
    # A known key is looked up before the body is read: strangers cost next to nothing.
    source = access.open_source(catalogue, key, request) if key else None
    body = request.body()
    delivery = batch(body) if kind is None else single(body)
    if source is None:
        source = access.open_source(catalogue, delivery.write_key, request)
    limit = MAX_EVENT_BYTES if kind else MAX_BATCH_BYTES
    if len(body) > limit and not (kind is None and is_rudder(request, delivery)):
        raise too_large(limit)
    return deliver(delivery, request, outside, source=source, kind=kind)


def deliver(
    delivery: Delivery, request: Request, outside: Outside, *, source: Source, kind: str | None
) -> Answer:
    """Queue what the delivery holds and answer. Safe to repeat: the ids of events stay the same.

    Events first, then what is put aside: who is answered 503 sends all of it again, and what was
    queued is recognised.

    Raises:
        Unavailable: something was not stored, so the client must keep it.
    """
    events: list[Event] = []
    refusals: dict[int, Rejected] = {}
    arrival = _arrival(delivery, request, source, outside.catalogue().identity)
    for index, outcome in enumerate(accept_all(delivery.items, arrival, kind=kind)):
        if isinstance(outcome, Rejected):
            refusals[index] = outcome
        else:
            events.append(outcome)
    facts: dict[str, Any] = {"source": source.key, "events": len(events)}
    if refusals:
        facts["rejected"] = Counter(fault.reason for fault in refusals.values())
        if request.headers.get("x-strict-mode") == "1":
            facts["events"] = 0
            answer = answers.strictly_refused(refusals, len(delivery.items))
            return answer._replace(facts=facts)
    if events:
        outside.send(pack(events))
    if refusals:
        outside.quarantine(list(_records(refusals, delivery, request, source)))
    return answers.accepted(refusals)._replace(facts=facts)


def _arrival(delivery: Delivery, request: Request, source: Source, rules: IdentityRules) -> Arrival:
    sent_at = delivery.sent_at
    if sent_at is None:
        sent_at = clock.instant(request.headers.get("sentat"))
    people = source.kind in ("browser", "mobile")
    network = network_of(request.address) if people else ""
    return Arrival(
        source,
        request.received_at,
        request.id,
        sent_at,
        delivery.context,
        network,
        rules,
    )


def _records(
    refusals: Mapping[int, Rejected], delivery: Delivery, request: Request, source: Source
) -> Iterator[QuarantineRecord]:
    for index, fault in refusals.items():
        yield QuarantineRecord(
            reason=fault.reason,
            message=fault.message,
            source=source.key,
            origin="http",
            payload=bytes(memoryview(delivery.items[index])),
            receipt=f"{request.id}:{index}",
        )
