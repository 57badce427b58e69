"""What the archive keeps of an event: everything that can be learnt from, nobody by name."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from portrait.resolution import Sighting

PERSONAL_KEYS = frozenset(
    """
    address advertisingid anonymous_id anonymousid avatar birthday email externalids first_name
    firstname full_name fullname idfa idfv ip last_name lastname mobile msisdn phone phone_number
    phonenumber postal_code postalcode previousid ssn street street2 token user_agent user_id
    userid useragent username
    """.split()  # noqa: SIM905
)
"""Keys, in lower case, whose values name a person or their device, wherever they stand."""

PERSONAL_TRAITS = PERSONAL_KEYS | {"name"}
"""A product and a page have a `name` too; a customer's is what they are called."""

_MAIL = re.compile(rb'[^\s"@<>:=&?/\\]{1,64}(?:@|%40)[^\s"@<>:=&?/\\]{1,255}')
_encoder = msgspec.json.Encoder()


class QuarantineRecord(NamedTuple):
    """A record that can never succeed, kept whole so that a person can mend and replay it."""

    reason: str
    message: str
    source: str
    origin: str
    payload: str | bytes
    receipt: str


def archive_row(sighting: Sighting, receipt: str) -> bytes:
    """Return one JSON line: the event under its homes instead of its identifiers.

    `receipt` names the delivery (queue message and index), so that two rows with one `id` show a
    duplicate, and two with one receipt a redelivery.
    """
    event = sighting.event
    named = frozenset(value.lower() for _, value in event.identifiers)
    row = {
        "receipt": receipt,
        "id": event.id,
        "source": event.source,
        "kind": event.kind,
        "name": event.name,
        "homes": sighting.homes,
        "kinds": [namespace for namespace, _ in event.identifiers],
        "timestamp": event.timestamp,
        "received_at": event.received_at,
        "original_timestamp": event.original_timestamp,
        "sent_at": event.sent_at,
        "properties": without(PERSONAL_KEYS, event.properties, named),
        "traits": without(PERSONAL_TRAITS, event.traits, named),
        "context": without(PERSONAL_KEYS, event.context, named),
    }
    line = _encoder.encode(row)
    # Addresses also hide in free text and in page URLs.
    if b"@" in line or b"%40" in line:
        line = _MAIL.sub(b"[address]", line)
    return line


def without(keys: frozenset[str], value: Any, named: frozenset[str]) -> Any:
    """Return the value without what stands under `keys`, or is one of the values `named`."""
    if isinstance(value, dict):
        return {
            key: without(keys, inner, named)
            for key, inner in value.items()
            if key.lower() not in keys
        }
    if isinstance(value, list):
        return [without(keys, inner, named) for inner in value]
    if isinstance(value, str | int) and str(value).strip().lower() in named:
        return "[identifier]"
    return value


def lines(rows: Iterable[bytes]) -> bytes:
    """Return the rows as JSON Lines."""
    return b"".join(row + b"\n" for row in rows)
