"""Consent: what was said of a channel and a purpose, and which word stands."""

from collections.abc import Iterable
from typing import NamedTuple

from portrait.event import Event

EVERY = "*"
"""Every channel, or every purpose. Only a withdrawal can mean that."""

CONSENT_STATUS = {
    "Consent Granted": "granted",
    "Consent Withdrawn": "withdrawn",
    "Unsubscribed": "withdrawn",
}


class Consent(NamedTuple):
    """The last word on one channel and purpose."""

    status: str
    at: int
    source: str
    evidence: bytes


def consent_key(channel: str, purpose: str) -> str:
    """Return the key of a channel and purpose, whatever the case they were written in."""
    return f"{channel.strip().casefold()[:16]}:{purpose.strip().casefold()[:32]}"


def consent_said(event: Event, message: bytes) -> tuple[str, Consent] | None:
    """Return what a consent event says and of what; None where it grants nothing anybody named.

    Doubt is read against sending: a withdrawal that does not say of what is of everything
    (`Unsubscribed`, as Segment has it, of everything by e-mail), a grant must name both. A
    withdrawal counts from when the server heard it, a grant from when it was given if that was
    earlier, so that no old grant that comes late undoes a newer withdrawal.
    """
    status = CONSENT_STATUS[event.name]
    everywhere = "email" if event.name == "Unsubscribed" else EVERY
    channel = _named(event.properties.get("channel"))
    purpose = _named(event.properties.get("purpose"))
    if status == "granted":
        if channel in ("", EVERY) or purpose in ("", EVERY):
            return None
        at = min(event.timestamp, event.received_at)
    else:
        at = event.received_at
    key = consent_key(channel or everywhere, purpose or EVERY)
    return key, Consent(status, at, event.source, message)


def latest_consent(consents: Iterable[Consent]) -> Consent | None:
    """Return the word that stands among several; a withdrawal wins a tie."""
    return max(consents, key=consent_order, default=None)


def consent_order(consent: Consent) -> tuple[int, bool, str, bytes]:
    """Return what the newer of two words is greater by."""
    return (consent.at, consent.status != "granted", consent.source, consent.evidence)


def _named(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
