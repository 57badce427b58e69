"""Waking: a timer says that time alone may have changed something in a portrait."""

import msgspec

MAX_HOME = 64
MAX_EARLY_MS = 60_000
"""How far the clock of the machine that reads may be behind that of the timer."""

_OURS = '{"portrait_wake":'


class Wake(msgspec.Struct, frozen=True, kw_only=True):
    """What a timer says: look at the portrait at this home; it was set for `due_at` (UTC ms)."""

    home: str = msgspec.field(name="portrait_wake")
    due_at: int = 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Wake)


def encode_wake(wake: Wake) -> str:
    """Return the wake as one message body."""
    return _encoder.encode(wake).decode()


def read_wake(body: str) -> Wake | None:
    """Return the wake that a message of the journeys queue is, or None where it is none."""
    if not body.startswith(_OURS):
        return None
    try:
        wake = _decoder.decode(body)
    except msgspec.MsgspecError:
        return None
    return wake if 0 < len(wake.home) <= MAX_HOME else None
