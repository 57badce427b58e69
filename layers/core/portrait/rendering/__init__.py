"""Templates: Liquid made safe for data that anybody may have sent, and bounded in what it costs.

A template knows `customer` (traits, computed ones too), `event` (what just happened: `name`, `at`,
`properties`, `traits`), `campaign`, `message_id`, `unsubscribe_url`, `now` and `time_zone`.
"""

import re
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
from portrait.rendering.filters import Unfit
from portrait.rendering.html_places import misplaced_values
from portrait.view import View

Result = TypeVar("Result")
Part = Literal[
    "subject", "text", "html", "body",
    "title", "accept", "decline", "url", "image", "script", "data",
]  # fmt: skip

MAX_TEMPLATE = 200_000
MAX_SUBJECT = 200
MAX_URL = 1_000
MAX_OFFER_BYTES = 2_048
"""A portrait holds up to 20 of them, and is written whole with every event."""

_LINE = BoundedEnvironment(2_000, autoescape=False)
_ENVIRONMENTS = {
    "subject": _LINE,
    "title": _LINE,
    "accept": _LINE,
    "decline": _LINE,
    "url": _LINE,
    "image": _LINE,
    "script": BoundedEnvironment(8_000, autoescape=False),
    "data": BoundedEnvironment(8_000, autoescape=False),
    "text": BoundedEnvironment(128_000, autoescape=False),
    "html": BoundedEnvironment(256_000, autoescape=True),
    "body": BoundedEnvironment(64_000, autoescape=False),
}
_BREAKS_AND_OVERRIDES = {code: " " for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {
    code: None for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}

_ADDRESS = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?")


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail as it will be read; `html` may be empty."""

    subject: str
    text: str
    html: str


def check(part: Part, source: str) -> list[str]:
    """Return what is wrong with one part of a template, one sentence each; nothing if it is fit."""
    try:
        _parse(part, source)
    except Rejected as fault:
        return fault.message.split("\n")
    return []


def values(
    view: View, message: Message, *, unsubscribe_url: str, time_zone: str | None
) -> dict[str, Any]:
    """Return what templates of this message know. Numbers are plain: filters know no Decimal."""
    known = {
        "customer": view.traits(),
        "event": message.happening,
        "campaign": message.campaign,
        "message_id": message.id,
        "unsubscribe_url": unsubscribe_url,
        "now": view.now,
        "time_zone": time_zone,
    }
    return {name: _plain(value) for name, value in known.items()}


def render_email(template: Template, known: Mapping[str, Any]) -> Email:
    """Write the e-mail.

    Raises:
        Rejected: `render_error`: a part does not parse, needs what is unknown, or grows too large.
    """
    return Email(
        _render_line("subject", template.subject, known),
        _render("text", template.text, known),
        _render("html", template.html, known),
    )


def render_webhook(template: Template, known: Mapping[str, Any]) -> bytes:
    """Write the body as compact JSON.

    Raises:
        Rejected: `render_error`: as for e-mail, or what was written is not JSON.
    """
    return msgspec.json.encode(_json("body", _render("body", template.body, known)))


def render_offer(template: Template, known: Mapping[str, Any]) -> dict[str, Any]:
    """Write what an offer shows, by name; what its template leaves out is left out.

    Raises:
        Rejected: `render_error`: as for e-mail, `data` is no JSON object, or `url` or `image` no
            https:// address; `offer_too_large`: all of it comes to more than 2,048 bytes of JSON.
    """
    content: dict[str, Any] = {
        "title": _render_line("title", template.title, known),
        "text": _render("text", template.text, known).strip(),
        "image": _render_address("image", template.image, known),
        "url": _render_address("url", template.url, known),
        "accept": _render_line("accept", template.accept, known),
        "decline": _render_line("decline", template.decline, known),
        "script": _render("script", template.script, known).strip(),
        "data": _json("data", _render("data", template.data, known)) if template.data else None,
    }
    content = {name: value for name, value in content.items() if value}
    if not isinstance(content.get("data", {}), dict):
        raise Rejected("render_error", "data: what the template writes is not a JSON object")
    if len(msgspec.json.encode(content)) > MAX_OFFER_BYTES:
        raise Rejected("offer_too_large", f"it comes to more than {MAX_OFFER_BYTES} bytes")
    return content


def _render_address(part: Part, source: str, known: Mapping[str, Any]) -> str:
    address = _render_line(part, source, known, limit=MAX_URL + 1)
    if address and not (_ADDRESS.fullmatch(address) and len(address) <= MAX_URL):
        raise Rejected("render_error", f"{part}: what the template writes is no https:// address")
    return address


def _render_line(
    part: Part, source: str, known: Mapping[str, Any], *, limit: int = MAX_SUBJECT
) -> str:
    line = _render(part, source, known).translate(_BREAKS_AND_OVERRIDES)
    return " ".join(line.split())[:limit]


def _json(part: Part, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("render_error", f"{part}: what the template writes is not JSON") from error


def _render(part: Part, source: str, known: Mapping[str, Any]) -> str:
    template = _parse(part, source)
    return _rejecting(part, lambda: template.render(known))


@lru_cache(maxsize=512)
def _parse(part: Part, source: str) -> BoundTemplate:
    if len(source) > MAX_TEMPLATE:
        raise Rejected("render_error", f"{part}: a template has at most {MAX_TEMPLATE} characters")
    template = _rejecting(part, lambda: _ENVIRONMENTS[part].from_string(source))
    problems = [*checks.unknown_names(template), *checks.open_ranges(template)]
    if part == "html":
        problems += misplaced_values(source)
    if part in ("body", "data"):
        problems += checks.unquoted_values(template)
    if problems:
        raise Rejected("render_error", "\n".join(f"{part}: {problem}" for problem in problems))
    return template


def _rejecting(part: str, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except LiquidError as error:
        raise Rejected("render_error", f"{part}: {_mistake(error)}") from error
    except Exception as error:  # a template is code: whatever it does wrong is its own fault
        raise Rejected("render_error", f"{part}: {type(error).__name__}") from error


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
