"""Parts of templates: which there are, what each may hold, and writing one of them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar

import msgspec
from liquid import BoundTemplate
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError

from portrait.compiled import Template
from portrait.faults import Rejected
from portrait.rendering import checks
from portrait.rendering.environment import BoundedEnvironment
from portrait.rendering.filters import Unfit
from portrait.rendering.html_places import misplaced_values

Result = TypeVar("Result")
Part = Literal[
    "subject", "preview", "text", "html", "body", "notice",
    "title", "accept", "decline", "url", "image", "script", "data",
]  # fmt: skip

PARTS: Mapping[str, Mapping[str, Part]] = {
    "email": {"subject": "subject", "preview": "preview", "text": "text", "html": "html"},
    "sms": {"text": "text"},
    "push": {"title": "title", "body": "notice", "url": "url", "data": "data"},
    "webhook": {"body": "body"},
    "inbox": {
        "title": "title", "text": "text", "image": "image", "url": "url", "accept": "accept",
        "decline": "decline", "script": "script", "data": "data",
    },
}  # fmt: skip
"""By channel, the fields of a template that hold Liquid, and what each of them is."""

MAX_TEMPLATE = 200_000
MAX_LINE = 200

_LINE = BoundedEnvironment(2_000, autoescape=False)
_SHORT = BoundedEnvironment(8_000, autoescape=False)
_ENVIRONMENTS: Mapping[Part, BoundedEnvironment] = {
    "subject": _LINE,
    "preview": _LINE,
    "title": _LINE,
    "accept": _LINE,
    "decline": _LINE,
    "url": _LINE,
    "image": _LINE,
    "notice": _SHORT,
    "script": _SHORT,
    "data": _SHORT,
    "text": BoundedEnvironment(128_000, autoescape=False),
    "html": BoundedEnvironment(256_000, autoescape=True),
    "body": BoundedEnvironment(64_000, autoescape=False),
}
_BREAKS_AND_OVERRIDES = {code: " " for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {
    code: None for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def check_part(part: Part, source: str, field: str = "") -> list[str]:
    """Return what is wrong with one part of a template, one sentence each; nothing if it is fit.

    Args:
        field: what it is called in its document, where that is not the part's name.
    """
    try:
        parse(part, source, field or part)
    except Rejected as fault:
        return fault.message.split("\n")
    return []


def render(part: Part, source: str, known: Mapping[str, Any], field: str = "") -> str:
    """Write one part.

    Raises:
        Rejected: `render_error`: it does not parse, needs what is unknown, or grows too large.
    """
    template = parse(part, source, field or part)
    return _rejecting(field or part, lambda: template.render(known))


def render_line(part: Part, source: str, known: Mapping[str, Any], *, limit: int = MAX_LINE) -> str:
    """Write one part as a single line of at most `limit` characters."""
    line = render(part, source, known).translate(_BREAKS_AND_OVERRIDES)
    return " ".join(line.split())[:limit]


def render_json(part: Part, source: str, known: Mapping[str, Any]) -> Any:
    """Write one part, and read it as the JSON that it must be."""
    try:
        return msgspec.json.decode(render(part, source, known))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("render_error", f"{part}: what the template writes is not JSON") from error


@lru_cache(maxsize=512)
def parse(part: Part, source: str, field: str) -> BoundTemplate:
    """Read one part, and refuse what no rendering could make safe."""
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


def asks_for(template: Template, name: str) -> bool:
    """Tell whether any part of a template reads a variable, so that it is worth finding out.

    Raises:
        Rejected: `render_error`: a part does not parse.
    """
    sources = ((part, getattr(template, field), field)
               for field, part in PARTS[template.channel].items())  # fmt: skip
    return any(name in source and name in _read(part, source, field)
               for part, source, field in sources)  # fmt: skip


@lru_cache(maxsize=512)
def _read(part: Part, source: str, field: str) -> frozenset[str]:
    return frozenset(parse(part, source, field).analyze(include_partials=False).globals)


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
