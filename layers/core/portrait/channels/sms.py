"""Text messages through AWS End User Messaging, each handed over at most once. See sms.md."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from portrait.channels import Deferred, Delivery, Outgoing, Refused, Send, Sent
from portrait.channels.aws import Connection, attempt, code_of
from portrait.faults import Rejected
from portrait.rendering import Sms, render_sms
from portrait.rendering.sms_length import plain

MIN_SECONDS, MAX_SECONDS = 5, 259_200
"""How long the provider may try. Source: SendTextMessage, `TimeToLive`."""

_STOP = re.compile(r"(?<![\w-])(STOP|STOPP|SLUTT|SEIS|LOPETA|AFMELD|AFMELDEN)(?![\w-])")
"""Words that operators take, in the languages of our customers; capitals, so that no text has one
by chance."""

_OPTED_OUT = "DESTINATION_PHONE_NUMBER_OPTED_OUT"
_ABOUT_THE_MESSAGE = frozenset(
    {
        _OPTED_OUT,
        "COUNTRY_CODE_MISMATCH",
        "COUNTRY_NOT_ENABLED",
        "DESTINATION_COUNTRY_BLOCKED",
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
        "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
        "FIELD_VALIDATION_FAILED",
        "INTERNATIONAL_SENDING_NOT_SUPPORTED",
        "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY",
        "INVALID_PARAMETER",
        "MAXIMUM_SIZE_EXCEEDED",
        "PRICE_OVER_THRESHOLD",
        "SENDER_ID_NOT_SUPPORTED",
    }
)
"""Reasons of ValidationException and ConflictException that waiting does not cure."""


class SmsClient(Protocol):
    """What is used of botocore's `pinpoint-sms-voice-v2` client, made with one attempt only."""

    def send_text_message(self, **request: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SmsChannel:
    """Sends from one number, sender id or pool.

    The client must not retry by itself: the service has no idempotency token.

    Attributes:
        origination: id or ARN of what it is sent from; empty where text messages are not set up.
        max_price: most that one segment may cost, in US dollars such as 0.10; empty for no limit.
    """

    client: Connection[SmsClient]
    origination: str
    configuration_set: str = ""
    max_price: str = ""

    def compose(self, outgoing: Outgoing) -> Send:
        """Write the text, counted.

        Raises:
            Rejected: `render_error`, `sms_too_long`, or `no_opt_out`.
        """
        sms = render_sms(outgoing.template, outgoing.values)
        if not outgoing.is_service:
            _require_way_out(sms.text, outgoing)
        number = _number(outgoing)
        if number is None:
            return lambda: Refused("bad_number")
        request = self._request(sms, outgoing, number)
        return lambda: self._send(request)

    def forget_connections(self) -> None:
        """Begin the next text message with a new connection."""
        self.client.forget()

    def _send(self, request: dict[str, Any]) -> Delivery:
        if not self.origination:  # our fault, not the message's
            return Deferred("no_origination")
        answer = attempt(lambda: self.client().send_text_message(**request), _refusal)
        return Sent(answer.get("MessageId", "")) if isinstance(answer, dict) else answer

    def _request(self, sms: Sms, outgoing: Outgoing, number: str) -> dict[str, Any]:
        given = {"ConfigurationSetName": self.configuration_set, "MaxPrice": self.max_price}
        return {
            "DestinationPhoneNumber": number,
            "OriginationIdentity": self.origination,
            "MessageBody": sms.text,
            "MessageType": "TRANSACTIONAL" if outgoing.is_service else "PROMOTIONAL",
            "TimeToLive": min(MAX_SECONDS, max(MIN_SECONDS, outgoing.seconds_left)),
            "Context": {
                "portrait-message-id": outgoing.message_id,
                "portrait-strand": outgoing.strand,
            },
            **{name: value for name, value in given.items() if value},
        }


def _require_way_out(text: str, outgoing: Outgoing) -> None:
    """Refuse a marketing text that does not say how to stop getting them: operators demand it."""
    ways = (outgoing.template.opt_out, outgoing.unsubscribe_url)
    if not any(way and plain(way) in text for way in ways) and not _STOP.search(text):
        raise Rejected("no_opt_out", "the text must show {{ opt_out }} or {{ unsubscribe_url }}")


def _number(outgoing: Outgoing) -> str | None:
    """Return the number as E.164, or None where there is none that could be one."""
    from portrait.phone_numbers import e164  # its library takes longer to import than boto3

    return e164(outgoing.address, outgoing.country)


def _refusal(error: ClientError) -> str | None:
    if code_of(error) not in ("ValidationException", "ConflictException"):
        return None
    reason = str(error.response.get("Reason", ""))
    if reason == _OPTED_OUT:
        return "opted_out"
    return reason.lower() if reason in _ABOUT_THE_MESSAGE else None
