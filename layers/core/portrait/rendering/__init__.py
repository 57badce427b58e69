"""Templates: Liquid made safe for data that anybody may have sent, and bounded in what it costs.

A template knows `customer` (traits, computed ones too), `event` (what just happened: `name`, `at`,
`properties`, `traits`), `campaign`, `message_id`, `unsubscribe_url`, `opt_out`, `now` and
`time_zone`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, TypeVar

import msgspec
from liquid import BoundTemplate
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError

from portrait.compiled import Template
from portrait.faults import Rejected
from portrait.message import Message
from portrait.rendering import checks
from portrait.rendering.environment import BoundedEnvironment
from portrait.rendering.filters import TRACKER, Unfit
from portrait.rendering.html_places import misplaced_values
from portrait.rendering.plain_text import plain_text
from portrait.rendering.preheader import with_preheader
from portrait.rendering.sms_length import Length, measure, plain
from portrait.view import View

Result = TypeVar("Result")
Part = Literal["subject", "preview", "text", "html", "title", "notice", "url", "data", "body"]

PARTS: Mapping[str, Mapping[str, Part]] = {
    "email": {"subject": "subject", "preview": "preview", "text": "text", "html": "html"},
    "sms": {"text": "text"},
    "push": {"title": "title", "body": "notice", "url": "url", "data": "data"},
    "webhook": {"body": "body"},
}
"""By channel, the fields of a template that hold Liquid, and what each of them is."""

MAX_TEMPLATE = 200_000
MAX_LINE = 200
MAX_URL = 2_000
MAX_SMS = 1_600
"""Source: End User Messaging, `MessageBody` of SendTextMessage."""

_LINE = BoundedEnvironment(2_000, autoescape=False)
_ENVIRONMENTS: Mapping[Part, BoundedEnvironment] = {
    "subject": _LINE,
    "preview": _LINE,
    "title": _LINE,
    "url": BoundedEnvironment(4_000, autoescape=False),
    "notice": BoundedEnvironment(8_000, autoescape=False),
    "data": BoundedEnvironment(8_000, autoescape=False),
    "text": BoundedEnvironment(128_000, autoescape=False),
    "html": BoundedEnvironment(256_000, autoescape=True),
    "body": BoundedEnvironment(64_000, autoescape=False),
}
_BREAKS_AND_OVERRIDES = {code: " " for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {
    code: None for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


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


def check(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a canonical `template` document, one sentence each."""
    problems = [
        problem
        for field, part in PARTS.get(document["channel"], {}).items()
        for problem in check_part(part, document.get(field, ""), field)
    ]
    if document["channel"] == "sms" and not problems:
        constant = measure(checks.constant_text(_parse("text", document["text"], "text")))
        if constant.segments > document["max_segments"]:
            problems.append(
                f"text: what never changes takes {constant.segments} segments of "
                f"{constant.encoding} already; max_segments is {document['max_segments']}"
            )
    return problems


def check_part(part: Part, source: str, field: str = "") -> list[str]:
    """Return what is wrong with one part of a template, one sentence each; nothing if it is fit."""
    try:
        _parse(part, source, field or part)
    except Rejected as fault:
        return fault.message.split("\n")
    return []


def values(
    view: View, message: Message, *, unsubscribe_url: str, time_zone: str | None,
    opt_out: str = "", tracker: Callable[[str], str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what templates of this message know. Numbers are plain: filters know no Decimal.

    Args:
        opt_out: how the recipient stops such messages, in words.
        tracker: turns an address into one that tells of a click; None leaves addresses alone.
    """
    known = {
        "customer": view.traits(),
        "event": message.happening,
        "campaign": message.campaign,
        "message_id": message.id,
        "unsubscribe_url": unsubscribe_url,
        "opt_out": opt_out,
        "now": view.now,
        "time_zone": time_zone,
        TRACKER: tracker,
    }
    return {name: _plain(value) for name, value in known.items()}


def render_email(template: Template, known: Mapping[str, Any]) -> Email:
    """Write the e-mail; where the template has HTML alone, the text part is read off it.

    Raises:
        Rejected: `render_error`: a part does not parse, needs what is unknown, or grows too large.
    """
    html = _render("html", template.html, known)
    text = _render("text", template.text, known) if template.text else plain_text(html)
    preview = _render_line("preview", template.preview, known)
    subject = _render_line("subject", template.subject, known)
    return Email(subject, text, with_preheader(html, preview))


def render_sms(template: Template, known: Mapping[str, Any]) -> Sms:
    """Write the text message.

    Raises:
        Rejected: `render_error`, as for e-mail; `sms_too_long`: it takes more segments than the
            template allows, or more than the provider takes.
    """
    text = plain(_render("text", template.text, known))
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
    data = _json("data", _render("data", template.data, known)) if template.data else {}
    if not isinstance(data, dict):
        raise Rejected("render_error", "data: what the template writes is not a JSON object")
    return Push(
        _render_line("title", template.title, known),
        _render("notice", template.body, known, "body").strip(),
        _render_line("url", template.url, known, limit=MAX_URL),
        data,
    )


def render_webhook(template: Template, known: Mapping[str, Any]) -> bytes:
    """Write the body as compact JSON.

    Raises:
        Rejected: `render_error`: as for e-mail, or what was written is not JSON.
    """
    return msgspec.json.encode(_json("body", _render("body", template.body, known)))


def _json(field: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("render_error", f"{field}: what the template writes is not JSON") from error


def _render_line(
    part: Part, source: str, known: Mapping[str, Any], *, limit: int = MAX_LINE
) -> str:
    line = _render(part, source, known).translate(_BREAKS_AND_OVERRIDES)
    return " ".join(line.split())[:limit]


def _render(part: Part, source: str, known: Mapping[str, Any], field: str = "") -> str:
    template = _parse(part, source, field or part)
    return _rejecting(field or part, lambda: template.render(known))


@lru_cache(maxsize=512)
def _parse(part: Part, source: str, field: str) -> BoundTemplate:
    if len(source) > MAX_TEMPLATE:
        raise Rejected("render_error", f"{field}: a template has at most {MAX_TEMPLATE} characters")
    template = _rejecting(field, lambda: _ENVIRONMENTS[part].from_string(source))
    problems = [*checks.unknown_names(template), *checks.open_ranges(template)]
    if part == "html":
        problems += misplaced_values(source)
    if part in ("body", "data"):
        problems += checks.unquoted_values(template)
    if problems:
        raise Rejected("render_error", "\n".join(f"{field}: {problem}" for problem in problems))
    return template


def _rejecting(field: str, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except LiquidError as error:
        raise Rejected("render_error", f"{field}: {_mistake(error)}") from error
    except Exception as error:  # a template is code: whatever it does wrong is its own fault
        raise Rejected("render_error", f"{field}: {type(error).__name__}") from error


def _mistake(error: LiquidError) -> str:
    """Say what is wrong and where, in words that quote the template but never a customer."""
    context = error.context()
    line = f"line {context[0]}: " if context else ""
    own = isinstance(error, LiquidSyntaxError | ResourceLimitError | Unfit)
    if own:
        return f"{line}{error.message}"
    return f"{line}{type(error).__name__} at {error.token.value if error.token else '?'}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
