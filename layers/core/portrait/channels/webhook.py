"""Webhooks: signed as Standard Webhooks says, sent to public https addresses, at most once."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from portrait.channels import Deferred, Delivery, Refused, Sent, Unknown
from portrait.channels.destination import (
    ForbiddenDestination,
    Resolver,
    UnresolvedDestination,
    look_up,
    resolve,
)
from portrait.channels.https import Answer, NoAnswer, NotSent, post

TIMEOUT_SECONDS = 5.0
_PASSING = frozenset({408, 425, 429})
"""The receiver says that it did not process the request."""


@dataclass(frozen=True, slots=True)
class Callout:
    """One webhook: where to, which template's secret signs it, and the JSON it carries."""

    url: str
    template: str
    message_id: str
    body: bytes


def signing_secret(secret: bytes, template: str) -> str:
    """Return the secret that the receiver of a template's webhooks verifies with.

    Each template has its own, so that one receiver cannot sign for another.
    """
    key = hmac.digest(secret, f"webhook:{template}".encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(key).decode()


def sign(whsec: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header for a body sent at `timestamp` (seconds).

    Source: Standard Webhooks 1.0, symmetric signatures: `v1,` base64(HMAC-SHA256(id.time.body)).
    """
    key = base64.b64decode(whsec.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Sends signed JSON.

    Receivers that follow the standard drop a second delivery by its `webhook-id`, but many do
    not, so an ambiguous answer ends the matter here as it does for e-mail.
    """

    secret: bytes
    clock: Callable[[], int]
    private_hosts: frozenset[str] = frozenset()
    resolver: Resolver = field(default=look_up)

    def send(self, callout: Callout) -> Delivery:
        """Deliver once and tell what is known of it afterwards."""
        try:
            destination = resolve(
                callout.url, private_hosts=self.private_hosts, resolver=self.resolver
            )
            answer = post(
                destination, callout.body, self._headers(callout), seconds=TIMEOUT_SECONDS
            )
        except ForbiddenDestination as error:
            return Refused(error.reason)
        except UnresolvedDestination:
            return Deferred("unresolved")
        except NotSent as error:
            return Deferred(error.reason)
        except NoAnswer as error:
            return Unknown(f"no_answer_{error}")
        return _judge(answer)

    def _headers(self, callout: Callout) -> dict[str, str]:
        timestamp = self.clock() // 1000
        whsec = signing_secret(self.secret, callout.template)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Portrait/1",
            "webhook-id": callout.message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(whsec, callout.message_id, timestamp, callout.body),
        }


def private_hosts(setting: str) -> frozenset[str]:
    """Read a comma separated list of `host` and `host:port`."""
    return frozenset(name.strip().lower() for name in setting.split(",") if name.strip())


def _judge(answer: Answer) -> Delivery:
    status = answer.status
    if 200 <= status < 300:
        return Sent()
    if status in _PASSING or (status == 503 and answer.retry_after):
        return Deferred(f"status_{status}")
    if 300 <= status < 500:  # a redirect could lead anywhere, so none is followed
        return Refused(f"status_{status}")
    return Unknown(f"status_{status}")
