"""Webhooks, as Standard Webhooks says: signed, public https only, retried. See webhook.md."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from portrait.channels import Deferred, Delivery, Outgoing, Refused, Send, Sent, Unknown
from portrait.channels.circuit import PROBE_MS, Endpoints
from portrait.channels.destination import (
    ForbiddenDestination,
    Resolver,
    UnresolvedDestination,
    look_up,
    resolve,
)
from portrait.channels.https import Answer, NoAnswer, NotSent, post
from portrait.channels.retries import asked_wait, delay
from portrait.channels.signing import sign, standing_secrets
from portrait.faults import Rejected
from portrait.rendering import render_webhook

TIMEOUT_SECONDS = 5.0
MAX_BODY = 20_000
"""Source: Standard Webhooks 1.0, "Payload size": small bodies, and links to what is large."""

_PASSING = frozenset({408, 425, 429})
"""The receiver says that it did not process the request."""

_GONE = 410


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Sends signed JSON, again and again until the receiver takes it or the ladder ends.

    Receivers that follow the standard drop a second delivery by its `webhook-id`, which is why an
    ambiguous answer may be followed by another try here, and nowhere else.

    Attributes:
        draw: returns a number in [0, 1), for the jitter of waits.
    """

    secret: bytes
    clock: Callable[[], int]
    endpoints: Endpoints
    draw: Callable[[], float]
    private_hosts: frozenset[str] = frozenset()
    resolver: Resolver = field(default=look_up)

    def compose(self, outgoing: Outgoing) -> Send:
        """Write the body.

        Raises:
            Rejected: `render_error`, or `body_too_large`.
        """
        body = render_webhook(outgoing.template, outgoing.values)
        if len(body) > MAX_BODY:
            raise Rejected("body_too_large", f"a webhook carries at most {MAX_BODY} bytes")
        return lambda: self._send(outgoing, body)

    def forget_connections(self) -> None:
        """Do nothing: each delivery has a connection of its own."""

    def _send(self, outgoing: Outgoing, body: bytes) -> Delivery:
        """Deliver once, if the endpoint may be asked, and remember how it did."""
        key, now = _endpoint(outgoing), self.clock()
        circuit = self.endpoints.look(key, now)
        if circuit.gone_at >= max(1, outgoing.template.version):
            return Refused("gone")
        admits = circuit.admits(now)
        if admits == "none":
            return Deferred("circuit_open", circuit.open_until - now)
        if admits == "one" and not self.endpoints.claim_probe(key, circuit, now):
            return Deferred("circuit_open", PROBE_MS)
        delivery = self._deliver(outgoing, body)
        if _speaks_against(delivery):
            self.endpoints.failed(key, self.clock(), probing=admits == "one")
        elif not circuit.is_clean:
            self.endpoints.succeeded(key)
        if delivery == Refused("gone"):
            self.endpoints.gone(key, max(1, outgoing.template.version))
        return self._again(delivery, outgoing.attempt)

    def _deliver(self, outgoing: Outgoing, body: bytes) -> Delivery:
        try:
            destination = resolve(
                outgoing.template.url, private_hosts=self.private_hosts, resolver=self.resolver
            )
            headers = self._headers(outgoing, body)
            answer = post(destination, body, headers, seconds=TIMEOUT_SECONDS)
        except ForbiddenDestination as error:
            return Refused(error.reason)
        except UnresolvedDestination:
            return Deferred("unresolved")
        except NotSent as error:
            return Deferred(error.reason)
        except NoAnswer as error:
            return Unknown(f"no_answer_{error}")
        return self._judge(answer)

    def _judge(self, answer: Answer) -> Delivery:
        status = answer.status
        if 200 <= status < 300:
            return Sent()
        if status == _GONE:
            return Refused("gone")
        asked = asked_wait(answer.retry_after, self.clock())
        if status in _PASSING or (status == 503 and asked is not None):
            return Deferred(f"status_{status}", asked)
        if 300 <= status < 500:  # a redirect could lead anywhere, so none is followed
            return Refused(f"status_{status}")
        return Unknown(f"status_{status}")

    def _again(self, delivery: Delivery, attempt: int) -> Delivery:
        """Return when to try again, or after the last try what is known: it may have arrived."""
        if not isinstance(delivery, Deferred | Unknown):
            return delivery
        asked = delivery.retry_after_ms if isinstance(delivery, Deferred) else None
        wait = delay(attempt, asked, self.draw())
        if wait is not None:
            return Deferred(delivery.reason, wait, counts=True)
        return delivery if isinstance(delivery, Unknown) else Refused(delivery.reason)

    def _headers(self, outgoing: Outgoing, body: bytes) -> dict[str, str]:
        now = self.clock()
        secrets = standing_secrets(self.secret, outgoing.template, now)
        id_, seconds = outgoing.message_id, now // 1000
        return {
            "Content-Type": "application/json",
            "User-Agent": "Portrait/1",
            "portrait-strand": outgoing.strand,  # what a callback names its customer by
            "webhook-id": id_,
            "webhook-timestamp": str(seconds),
            "webhook-signature": " ".join(sign(each, id_, seconds, body) for each in secrets),
        }


def _endpoint(outgoing: Outgoing) -> str:
    """Return under which key it is kept how the endpoint does: its server, for this template."""
    origin = "/".join(outgoing.template.url.lower().split("/", 3)[:3])
    what = f"{origin}\0{outgoing.template.key}"
    return hashlib.blake2b(what.encode(), digest_size=16).hexdigest()


def _speaks_against(delivery: Delivery) -> bool:
    """Tell whether the endpoint failed; one that refuses or asks for patience is at work."""
    if isinstance(delivery, Deferred):
        return not delivery.reason.startswith("status_4")
    return isinstance(delivery, Unknown)
