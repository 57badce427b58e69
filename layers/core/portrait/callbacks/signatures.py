"""Whether a callback was signed with a template's secret, just now."""

import hmac
from collections.abc import Mapping

from portrait.channels.signing import sign, signing_secret

TOLERANCE_SECONDS = 300
"""How far the sender's clock may be off. Source: the reference libraries of Standard Webhooks."""

MAX_ID = 256


def signed_at(
    headers: Mapping[str, str], body: bytes, *, secret: bytes, template: str, now: int
) -> int | None:
    """Return when the callback was signed (UTC milliseconds), or None where it cannot be trusted.

    One of the signatures has to be ours: while a receiver changes its secret it sends two.

    Args:
        headers: by lower-case name.
        body: as it was sent, to the byte.
        now: UTC milliseconds.
    """
    id_, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(id_) <= MAX_ID or not (time.isascii() and time.isdigit() and len(time) <= 12):
        return None
    seconds = int(time)
    if abs(now // 1000 - seconds) > TOLERANCE_SECONDS:
        return None
    expected = sign(signing_secret(secret, template), id_, seconds, body).encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "surrogatepass").split()
    if not any([hmac.compare_digest(one, expected) for one in given]):
        return None
    return min(seconds * 1000, now)
