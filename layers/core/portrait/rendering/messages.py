"""Messages as they will be read, each written from its template."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from portrait.compiled import Template
from portrait.faults import Rejected
from portrait.rendering.parts import Part, render, render_json, render_line
from portrait.rendering.plain_text import plain_text
from portrait.rendering.preheader import with_preheader
from portrait.rendering.sms_length import Length, measure, plain

MAX_URL = 1_000
MAX_SMS = 1_600
"""Source: End User Messaging, `MessageBody` of SendTextMessage."""

MAX_OFFER_BYTES = 2_048
"""A portrait holds up to 20 of them, and is written whole with every event."""

_ADDRESS = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?")


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail as it will be read; `html` may be empty."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Sms:
    """A text message as it will be read, and what it takes to send it."""

    text: str
    length: Length


@dataclass(frozen=True, slots=True)
class Push:
    """A notification; `url` may be empty, `data` is what the app is told besides."""

    title: str
    body: str
    url: str
    data: Mapping[str, Any]


def render_email(template: Template, known: Mapping[str, Any]) -> Email:
    """Write the e-mail; where the template has HTML alone, the text part is read off it.

    Raises:
        Rejected: `render_error`: a part does not parse, needs what is unknown, or grows too large.
    """
    html = render("html", template.html, known)
    text = render("text", template.text, known) if template.text else plain_text(html)
    preview = render_line("preview", template.preview, known)
    subject = render_line("subject", template.subject, known)
    return Email(subject, text, with_preheader(html, preview))


def render_sms(template: Template, known: Mapping[str, Any]) -> Sms:
    """Write the text message.

    Raises:
        Rejected: `render_error`, as for e-mail; `sms_too_long`: it takes more segments than the
            template allows, or more than the provider takes.
    """
    text = plain(render("text", template.text, known))
    length = measure(text)
    if not length.segments:
        raise Rejected("render_error", "text: nothing is left to say")
    if length.segments > template.max_segments or len(text) > MAX_SMS:
        raise Rejected(
            "sms_too_long",
            f"{length.segments} segments of {length.encoding}; at most {template.max_segments}",
        )
    return Sms(text, length)


def render_push(template: Template, known: Mapping[str, Any]) -> Push:
    """Write the notification.

    Raises:
        Rejected: `render_error`: as for e-mail, or `data` is not one JSON object.
    """
    return Push(
        render_line("title", template.title, known),
        render("notice", template.body, known, "body").strip(),
        render_line("url", template.url, known, limit=MAX_URL),
        _data(template, known),
    )


def render_webhook(template: Template, known: Mapping[str, Any]) -> bytes:
    """Write the body as compact JSON.

    Raises:
        Rejected: `render_error`: as for e-mail, or what was written is not JSON.
    """
    return msgspec.json.encode(render_json("body", template.body, known))


def render_offer(template: Template, known: Mapping[str, Any]) -> dict[str, Any]:
    """Write what an offer shows, by name; what its template leaves out is left out.

    Raises:
        Rejected: `render_error`: as for e-mail, `data` is no JSON object, or `url` or `image` no
            https:// address; `offer_too_large`: all of it comes to more than 2,048 bytes of JSON.
    """
    content: dict[str, Any] = {
        "title": render_line("title", template.title, known),
        "text": render("text", template.text, known).strip(),
        "image": _address("image", template.image, known),
        "url": _address("url", template.url, known),
        "accept": render_line("accept", template.accept, known),
        "decline": render_line("decline", template.decline, known),
        "script": render("script", template.script, known).strip(),
        "data": _data(template, known),
    }
    content = {name: value for name, value in content.items() if value}
    if len(msgspec.json.encode(content)) > MAX_OFFER_BYTES:
        raise Rejected("offer_too_large", f"it comes to more than {MAX_OFFER_BYTES} bytes")
    return content


def _data(template: Template, known: Mapping[str, Any]) -> dict[str, Any]:
    data = render_json("data", template.data, known) if template.data else {}
    if not isinstance(data, dict):
        raise Rejected("render_error", "data: what the template writes is not a JSON object")
    return data


def _address(part: Part, source: str, known: Mapping[str, Any]) -> str:
    address = render_line(part, source, known, limit=MAX_URL + 1)
    if address and not (_ADDRESS.fullmatch(address) and len(address) <= MAX_URL):
        raise Rejected("render_error", f"{part}: what the template writes is no https:// address")
    return address
