"""When it happened: instants as clients write them, corrected for the client's clock."""

from datetime import UTC, datetime

MINUTE_MS = 60_000
AHEAD_MS = 5 * MINUTE_MS
"""How far after its receipt an event may lie: clocks differ by that much."""

_FIRST = -62_135_596_800_000  # 0001-01-01, the years that datetime knows
_LAST = 253_402_300_799_999  # 9999-12-31
_SECONDS_END = 100_000_000_000  # below it a number counts seconds: year 5138, or 1973 in ms


def instant(value: object) -> int | None:
    """Return an ISO 8601 string or epoch number as milliseconds, or None if it is neither.

    A time without an offset is UTC. Numbers below 1e11 count seconds, others milliseconds.
    """
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return None


def _from_text(text: str) -> int | None:
    if len(text) > 8 and text.isdecimal():  # an epoch; 20260131 is a date
        return _from_number(float(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _from_number(value: float) -> int | None:
    if not _FIRST <= value <= _LAST:
        return None
    return round(value * 1000 if abs(value) < _SECONDS_END else value)


def corrected(
    original: int | None, sent_at: int | None, *, received_at: int, max_age_ms: int
) -> int:
    """Return when it happened by the server's clock, within what the source may report.

    The client's clock is wrong by the same amount in both of its instants, so their difference is
    right whatever it shows. A `sent_at` that lies before the event by more than clocks differ was
    not taken when the event was sent: then `original` stands as it is.

    Source: Segment, `timestamp = receivedAt - (sentAt - originalTimestamp)`; the clamp is
    reliability row 14.
    """
    if original is None:
        return received_at
    moment = original
    if sent_at is not None and sent_at - original >= -AHEAD_MS:
        moment = received_at - (sent_at - original)
    return max(received_at - max_age_ms, min(moment, received_at + AHEAD_MS))
