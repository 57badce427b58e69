"""Whether a callback was signed with one of a template's secrets, just now."""

import hmac
from collections.abc import Iterable, Mapping

from portrait.channels.signing import sign

TOLERANCE_SECONDS = 300
"""How far the sender's clock may be off. Source: the reference libraries of Standard Webhooks."""

MAX_ID = 256
MAX_GIVEN = 8


def signed_at(
    headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: int
) -> int | None:
    """Return when the callback was signed (UTC milliseconds), or None where it cannot be trusted.

    One of the signatures has to be of one of the secrets: while a receiver changes over, either
    side may know two.

    Args:
        headers: by lower-case name.
        body: as it was sent, to the byte.
        secrets: as `signing_secret` makes them.
        now: UTC milliseconds.
    """
    id_, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(id_) <= MAX_ID or not (time.isascii() and time.isdigit() and len(time) <= 12):
        return None
    seconds = int(time)
    if abs(now // 1000 - seconds) > TOLERANCE_SECONDS:
        return None
    given = (
        headers.get("webhook-signature", "").encode("utf-8", "surrogatepass").split()[:MAX_GIVEN]
    )
    expected = [sign(each, id_, seconds, body).encode() for each in secrets]
    # A list, so that how long it takes does not tell which of them is right.
    if not any([hmac.compare_digest(one, other) for one in given for other in expected]):
        return None
    return min(seconds * 1000, now)
