"""From one message on the `events` queue to its events, whoever wrote it."""

from typing import Any

import msgspec
from msgspec import Raw

from portrait.catalogue import Catalogue, Source
from portrait.event import Event, decode_envelope
from portrait.faults import Rejected
from portrait.intake.acceptance import Arrival, accept_all
from portrait.intake.access import enabled, enabled_source
from portrait.intake.batches import batch, single
from portrait.intake.feedback import Telling, read_telling
from portrait.intake.values import BAD_JSON
from portrait.metrics import DAY_MS

QUEUE_SOURCE = Source(
    key="queue",
    name="Channel systems",
    kind="queue",
    enabled=True,
    write_keys=(),
    max_age_days=30,
    allowed_origins=(),
)
"""Who a message is from that names no source: the queue's policy says who may send it."""

MAX_IN_QUEUES_MS = 30 * DAY_MS
"""An envelope may lie 14 days in a queue, as long in its DLQ, and then be sent again."""

MAX_FUTURE_MS = 5 * 60 * 1000
_OURS = '{"portrait":'


class _Outline(Telling, rename={"sns_type": "Type", "sns_message": "Message"}):
    """The fields by which the formats are told apart, beside those of what channels tell."""

    type: Any = None
    batch: Raw = Raw()
    sns_type: Any = None
    sns_message: Any = None


_read_outline = msgspec.json.Decoder(_Outline).decode


def queue_message(
    body: str, *, catalogue: Catalogue, received_at: int, message_id: str
) -> list[Event | Rejected]:
    """Return what one queue message says, each part an event or the reason it is none.

    It may be ingest's own envelope, one event or a batch of them as Segment writes them, or what
    Amazon SES or End User Messaging tells: as it is, or wrapped by SNS or EventBridge.

    Args:
        received_at: when the queue took the message, UTC milliseconds; the same at each delivery.
        message_id: the queue's own id of the message, likewise.
    """
    try:
        if body.startswith(_OURS):
            return list(_own(body, received_at))
        return _foreign(body, catalogue, received_at=received_at, message_id=message_id)
    except Rejected as fault:
        return [fault]


def _own(body: str, taken_at: int) -> tuple[Event, ...]:
    try:
        events = decode_envelope(body)
    except BAD_JSON as error:
        raise Rejected("invalid_envelope", f"not an envelope of this version: {error}") from None
    for event in events:
        if not event.identifiers:
            raise Rejected("invalid_envelope", "an event in it names nobody that is known")
        if not taken_at - MAX_IN_QUEUES_MS <= event.received_at <= taken_at + MAX_FUTURE_MS:
            raise Rejected("invalid_envelope", "an event in it was received at another time")
        if not 0 <= event.timestamp <= event.received_at + MAX_FUTURE_MS:
            raise Rejected("invalid_envelope", "an event in it happened at an impossible time")
    return events


def _foreign(
    body: str, catalogue: Catalogue, *, received_at: int, message_id: str
) -> list[Event | Rejected]:
    told = body.encode("utf-8", "surrogatepass")
    outline = _outline(told)
    if outline.sns_type == "Notification" and isinstance(outline.sns_message, str):
        told = outline.sns_message.encode()
        outline = _outline(told)
    if (heard := read_telling(outline, told, received_at, catalogue.identity)) is not None:
        return heard
    if not outline.batch and outline.type is None:
        raise Rejected("unknown_format", "not an event with `type`, a `batch`, nor feedback")
    delivery = batch(told) if outline.batch else single(told)
    source = _source(catalogue, delivery.write_key)
    arrival = Arrival(
        source,
        received_at,
        message_id,
        delivery.sent_at,
        delivery.context,
        rules=catalogue.identity,
    )
    return list(accept_all(delivery.items, arrival))


def _outline(told: bytes) -> _Outline:
    try:
        return _read_outline(told)
    except BAD_JSON:
        # A batch that only a lenient reader can read is given its chance.
        if b'"batch"' in told:
            return _Outline(batch=Raw(b"[]"))
        raise Rejected("invalid_json", "the message is not a JSON object in UTF-8") from None


def _source(catalogue: Catalogue, write_key: str) -> Source:
    if write_key:
        return enabled_source(catalogue, write_key)
    return enabled(catalogue.sources.get(QUEUE_SOURCE.key, QUEUE_SOURCE))
