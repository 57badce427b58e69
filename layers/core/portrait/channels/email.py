"""E-mail through SES v2, each message handed over at most once. See email.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from typing import Any, Protocol

from botocore.exceptions import ClientError

from portrait.channels import Deferred, Delivery, Outgoing, Refused, Send, Sent
from portrait.channels.aws import Connection, attempt, code_of
from portrait.faults import Rejected
from portrait.rendering import Email, render_email

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x20\x7f]{1,64}@([^\s@<>\"(),:;\[\]\\]{1,255})")
_ABOUT_THE_MESSAGE = frozenset({"MessageRejected", "BadRequestException"})


class SesClient(Protocol):
    """What is used of botocore's `sesv2` client, which must be made with one attempt only."""

    def send_email(self, **request: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Sends from verified addresses, each domain through its configuration set.

    The client must not retry by itself: SES has no idempotency token, so a retry after a lost
    answer is a second message.

    Attributes:
        sender: who mails are from where the template does not say.
        configuration_set: used by domains without one of their own; empty for none.
        configuration_sets: by domain, further domains that templates may send from.
    """

    client: Connection[SesClient]
    sender: str
    configuration_set: str = ""
    configuration_sets: Mapping[str, str] = field(default_factory=dict)

    def compose(self, outgoing: Outgoing) -> Send:
        """Write the mail, with its way out.

        Raises:
            Rejected: `render_error`, `no_unsubscribe_link`, or `sender_not_allowed`.
        """
        email = render_email(outgoing.template, outgoing.values)
        if not outgoing.is_service:
            _require_way_out(email, outgoing.unsubscribe_url)
        sender = self._sender(outgoing.template.sender)
        return lambda: self._send(self._request(email, outgoing, sender))

    def forget_connections(self) -> None:
        """Begin the next mail with a new connection."""
        self.client.forget()

    def _sender(self, wanted: str) -> str:
        name, address = parseaddr(wanted or self.sender)
        if _domain(address) not in {_domain(self.sender), *self.configuration_sets}:
            raise Rejected("sender_not_allowed", "from: the domain is not one this stack sends for")
        return formataddr((name, address))  # a name may need the encoding of headers

    def _send(self, request: dict[str, Any]) -> Delivery:
        if not request["FromEmailAddress"]:  # our fault, not the message's
            return Deferred("no_sender")
        if not request["Destination"]["ToAddresses"]:
            return Refused("bad_address")
        answer = attempt(lambda: self.client().send_email(**request), _refusal)
        return Sent(answer.get("MessageId", "")) if isinstance(answer, dict) else answer

    def _request(self, email: Email, outgoing: Outgoing, sender: str) -> dict[str, Any]:
        to = _deliverable(outgoing.address)
        body = {"Text": _content(email.text), "Html": _content(email.html)}
        configuration_set = self.configuration_sets.get(_domain(sender)) or self.configuration_set
        reply_to = outgoing.template.reply_to
        return {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": [to] if to else []},
            "Content": {
                "Simple": {
                    "Subject": _content(email.subject),
                    "Body": {kind: part for kind, part in body.items() if part["Data"]},
                    "Headers": _one_click(outgoing.unsubscribe_url),
                }
            },
            "EmailTags": [
                {"Name": "portrait-message-id", "Value": outgoing.message_id},
                {"Name": "portrait-strand", "Value": outgoing.strand},
            ],
            **({"ReplyToAddresses": [reply_to]} if reply_to else {}),
            **({"ConfigurationSetName": configuration_set} if configuration_set else {}),
        }


def configuration_sets(setting: str) -> dict[str, str]:
    """Read a comma separated list of `domain=set`; `domain` alone uses the stack's own set."""
    pairs = (pair.partition("=") for pair in setting.split(",") if pair.strip())
    return {domain.strip().lower(): name.strip() for domain, _, name in pairs}


def _refusal(error: ClientError) -> str | None:
    return code if (code := code_of(error)) in _ABOUT_THE_MESSAGE else None


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2].lower()


def _require_way_out(email: Email, link: str) -> None:
    """Refuse a mail that does not show the recipient how to stop getting it."""
    if any(link not in part for part in (email.text, email.html) if part):
        raise Rejected("no_unsubscribe_link", "each part must show {{ unsubscribe_url }}")


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
