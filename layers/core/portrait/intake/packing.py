"""From events to bodies of queue messages."""

from collections.abc import Sequence

from portrait.event import Event, encode_envelope

MAX_BODY_BYTES = 200 * 1000
"""SQS bills every 64 KB as a request and carries 1 MiB; a consumer's batch is 6 MB of bodies."""


def pack(events: Sequence[Event]) -> list[str]:
    """Return the events as envelopes of at most `MAX_BODY_BYTES`, in as few as that takes.

    One event of the largest size makes an envelope far below what SQS carries.
    """
    if not events:
        return []
    body = encode_envelope(tuple(events))
    size = len(body) if body.isascii() else len(body.encode())
    if size <= MAX_BODY_BYTES or len(events) == 1:
        return [body]
    share = -(-len(events) // (size // MAX_BODY_BYTES + 1))
    return [
        packed
        for start in range(0, len(events), share)
        for packed in pack(events[start : start + share])
    ]
