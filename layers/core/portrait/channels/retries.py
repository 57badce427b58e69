"""When a webhook is tried again: the standard's ladder, and what the receiver asks for."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
LADDER = (
    5 * _SECOND, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR,
    10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""Waits after each failed try, in milliseconds: ten tries within a little more than three days.

Source: Standard Webhooks 1.0, "Deliverability and reliability"."""

JITTER = 0.1
"""Waits grow by up to this share, so that what failed at one moment does not return at one."""

MAX_ASKED_MS = 24 * _HOUR
"""A receiver may ask for this much patience in one answer, and is not believed beyond it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def delay(attempt: int, retry_after: int | None, draw: float) -> int | None:
    """Return how long to wait after a failed try (ms), or None after the last one.

    Args:
        attempt: how many tries counted before it; 0 was the first.
        retry_after: what the receiver asked for, in milliseconds; it only lengthens the wait.
        draw: uniform in [0, 1), for the jitter.
    """
    if attempt >= len(LADDER):
        return None
    return max(round(LADDER[attempt] * (1 + JITTER * draw)), min(retry_after or 0, MAX_ASKED_MS))


def asked_wait(header: str | None, now: int) -> int | None:
    """Read a Retry-After header, seconds or a date, as milliseconds from `now`; None if it is none.

    Source: RFC 9110, section 10.2.3.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * _SECOND, MAX_ASKED_MS)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(MAX_ASKED_MS, max(0, (aware - _EPOCH) // timedelta(milliseconds=1) - now))
