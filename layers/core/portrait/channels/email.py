"""E-mail through SES v2, each message handed over at most once."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
)

from portrait.channels import Deferred, Delivery, Refused, Sent, Unknown
from portrait.rendering import Email

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x20\x7f]{1,64}@([^\s@<>\"(),:;\[\]\\]{1,255})")
_ABOUT_THE_MESSAGE = frozenset({"MessageRejected", "BadRequestException"})
_NEVER_LEFT = (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
)
"""Raised before a byte of the request is written, so that trying again cannot send twice.

Not SSLError: it also stands for TLS that broke while the answer was read."""


class SesClient(Protocol):
    """What is used of botocore's `sesv2` client, which must be made with one attempt only."""

    def send_email(self, **request: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who gets it, how feedback finds its way back, and the way out for the recipient."""

    to: str
    message_id: str
    strand: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Sends from one verified address through one configuration set.

    The client must not retry by itself: SES has no idempotency token, so a retry after a lost
    answer is a second message.
    """

    client: SesClient
    sender: str
    configuration_set: str = ""

    def send(self, email: Email, envelope: Envelope) -> Delivery:
        """Hand the message over once and tell what is known of it afterwards."""
        to = _deliverable(envelope.to)
        if not self.sender:  # our fault, not the message's
            return Deferred("no_sender")
        if to is None:
            return Refused("bad_address")
        try:
            answer = self.client.send_email(**self._request(email, envelope, to))
        except ClientError as error:
            return _answered(error)
        except ParamValidationError:
            return Refused("bad_request")
        except _NEVER_LEFT as error:
            return Deferred(type(error).__name__)
        except BotoCoreError as error:
            return Unknown(type(error).__name__)
        return Sent(answer.get("MessageId", ""))

    def forget_connections(self) -> None:
        """Close idle connections.

        A sandbox that was frozen wakes with dead ones. Without retries, writing to a dead one
        would leave a message unknown that was never sent.
        """
        self.client.close()

    def _request(self, email: Email, envelope: Envelope, to: str) -> dict[str, Any]:
        body = {"Text": _content(email.text), "Html": _content(email.html)}
        request = {
            "FromEmailAddress": self.sender,
            "Destination": {"ToAddresses": [to]},
            "Content": {
                "Simple": {
                    "Subject": _content(email.subject),
                    "Body": {kind: part for kind, part in body.items() if part["Data"]},
                    "Headers": _one_click(envelope.unsubscribe_url),
                }
            },
            "EmailTags": [
                {"Name": "portrait-message-id", "Value": envelope.message_id},
                {"Name": "portrait-strand", "Value": envelope.strand},
            ],
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        return request


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _one_click(url: str) -> list[dict[str, str]]:
    """Return the two headers of RFC 8058; SES signs both with DKIM."""
    return [
        {"Name": "List-Unsubscribe", "Value": f"<{url}>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]


def _deliverable(address: str) -> str | None:
    """Return one plain address with an ASCII domain, or None; SES reads `a,b@c` as two."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or not address.isprintable():
        return None
    local, _, domain = address.strip().rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:  # SES takes no international local parts
        return None


def _answered(error: ClientError) -> Delivery:
    """Judge an error that SES answered with: it surely did not send, unless it failed itself."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _ABOUT_THE_MESSAGE:
        return Refused(code)
    if 400 <= status < 500:  # throttled, paused, not allowed, misconfigured: the message is fine
        return Deferred(code)
    return Unknown(code or f"status_{status}")
