"""Callbacks: what became of a webhook, told by whoever received it: `POST /v1/callbacks/<key>`."""

import hashlib
from typing import Any, Literal

import msgspec
from msgspec import Struct

from portrait.callbacks.outside import Outside
from portrait.callbacks.signatures import signed_at
from portrait.channels.signing import standing_secrets
from portrait.event import Event, encode_envelope
from portrait.faults import Rejected
from portrait.intake.answers import Answer
from portrait.intake.calls import MAX_EVENT_BYTES
from portrait.intake.homes import at_home
from portrait.intake.requests import Request, too_large
from portrait.intake.values import BAD_JSON, Fields, walk
from portrait.strand import MAX_NAME

PREFIX = "/v1/callbacks/"
SOURCE = "callbacks"

_CALLED = {
    "delivered": "Webhook Delivered",
    "opened": "Webhook Opened",
    "clicked": "Webhook Link Clicked",
    "replied": "Webhook Replied",
    "declined": "Webhook Declined",
    "accepted": "Webhook Accepted",
}


class Callback(Struct):
    """The body of a callback: our id of the message, whose it was, and what became of it."""

    message_id: str
    strand: str
    event: Literal["delivered", "opened", "clicked", "replied", "declined", "accepted"]
    properties: Fields = None


class NotTrusted(Exception):
    """No template with webhooks, none of its signatures, or an old one.

    The caller is told no more than that, so that strangers do not learn which templates there are.
    """


def take(request: Request, outside: Outside) -> Answer:
    """Queue what a callback tells, and answer once the queue has it.

    A callback that is repeated, by the receiver or by whoever caught it, is the event it was.

    Raises:
        NotTrusted: see there.
        Rejected: the body is no callback.
        Unavailable: it is not queued; the receiver sends it again.
    """
    template = outside.catalogue().templates.get(request.path.removeprefix(PREFIX))
    if template is None or template.channel != "webhook":
        raise NotTrusted
    body = request.body()
    if len(body) > MAX_EVENT_BYTES:
        raise too_large(MAX_EVENT_BYTES)
    secrets = standing_secrets(outside.secret(), template, request.received_at)
    at = signed_at(request.headers, body, secrets=secrets, now=request.received_at)
    if at is None:
        raise NotTrusted
    event = _event(_read(body), template.key, request, at)
    outside.send([encode_envelope((event,))])
    return Answer(200, facts={"event": event.name})


def _read(body: bytes) -> Callback:
    try:
        callback = _decode(body)
        walk(callback.properties or {}, 2)
    except BAD_JSON as error:
        raise Rejected("invalid_body", f"not a callback: {error}") from None
    except Rejected as fault:
        raise Rejected("invalid_body", fault.message) from None
    if not 0 < len(callback.message_id) <= MAX_NAME:
        raise Rejected("invalid_body", "`message_id` is the one that came with the webhook")
    return callback


def _event(callback: Callback, template: str, request: Request, at: int) -> Event:
    about = at_home(callback.strand)
    if not about:
        raise Rejected("invalid_body", "`strand` is the one that came with the webhook")
    own: dict[str, Any] = {"channel": "webhook", "message_id": callback.message_id}
    return Event(
        id=_id(template, request.headers["webhook-id"]),
        source=SOURCE,
        kind="track",
        name=_CALLED[callback.event],
        identifiers=about,
        timestamp=at,
        received_at=request.received_at,
        properties={**(callback.properties or {}), **own},
    )


def _id(*parts: str) -> str:
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return "callback-" + hashlib.blake2b(told, digest_size=16).hexdigest()


_decode = msgspec.json.Decoder(Callback).decode
