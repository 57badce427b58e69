"""What channels tell about messages, in their own formats, as events about the recipients."""

from collections.abc import Callable
from typing import Any

from msgspec import Raw, Struct

from portrait.event import Event
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.intake.feedback import mail, sms
from portrait.intake.values import BAD_JSON


class Telling(Struct, rename={"kind": "eventType", "inbound": "inboundMessageId"}):
    """The fields by which what channels tell is recognised, bare or within EventBridge's."""

    mail: Raw = Raw()
    kind: Any = None
    inbound: Any = None
    source: Any = None
    detail: Raw = Raw()


Told = Raw | bytes
_Read = Callable[[Told, int, IdentityRules], list[Event | Rejected]]


def read_telling(
    outline: Telling, told: bytes, received_at: int, rules: IdentityRules
) -> list[Event | Rejected] | None:
    """Return the events in what a channel tells, or None where it is no channel that speaks.

    Raises:
        Rejected: the channel is known, and this is not how it writes.
    """
    found = _reader(outline)
    if found is None:
        return None
    read, within = found
    try:
        return read(outline.detail if within else told, received_at, rules)
    except BAD_JSON as error:
        raise Rejected("invalid_feedback", f"not as AWS writes its events: {error}") from None


def _reader(outline: Telling) -> tuple[_Read, bool] | None:
    """Return who reads it, and whether it lies within an envelope of EventBridge."""
    if outline.detail and isinstance(outline.source, str) and outline.source in _SOURCES:
        return _SOURCES[outline.source], True
    if outline.mail:
        return _mail, False
    if outline.inbound is not None:
        return _reply, False
    if isinstance(outline.kind, str) and outline.kind.startswith(sms.PREFIX):
        return _receipt, False
    return None


def _mail(told: Told, received_at: int, rules: IdentityRules) -> list[Event | Rejected]:
    return mail.read_feedback(mail.decode(told), received_at=received_at, rules=rules)


def _receipt(told: Told, received_at: int, rules: IdentityRules) -> list[Event | Rejected]:
    return sms.read_receipt(sms.decode_receipt(told), received_at=received_at, rules=rules)


def _reply(told: Told, received_at: int, rules: IdentityRules) -> list[Event | Rejected]:
    return sms.read_reply(sms.decode_reply(told), received_at=received_at, rules=rules)


_SOURCES = {"aws.ses": _mail, "aws.sms-voice": _receipt}
