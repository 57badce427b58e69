"""The filters a template may use, each bounded in what it takes and in what it makes."""

import json as stdlib_json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from liquid import RenderContext, is_undefined
from liquid.builtin.filters import array, math, misc, string
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context

from portrait.time_zones import time_zone

MAX_TEXT = 65_536
MAX_ITEMS = 500
MAX_BITS = 64
"""No value in a template is longer than this, whatever is repeated, joined or squared."""

TRACKER = " tracker"
"""Under which name a rendering finds what makes links; no template can write it."""

_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f\"'<>\\^`{|}]{1,2000}", re.IGNORECASE)
_DATE_FORMAT = re.compile(r"(?:[^%]|%-?[aAbBdHIjmMpSyYZz%])*")
_MAX_DATE_FORMAT = 64


class Unfit(FilterArgumentError):
    """A value that a filter refuses; the message says why and never quotes the value."""


def _refuse(message: str) -> Unfit:
    return Unfit(message, token=None)


def _check(name: str, value: Any) -> None:
    if isinstance(value, str):
        too_large = len(value) > MAX_TEXT
    elif isinstance(value, list | tuple | range | dict):
        too_large = len(value) > MAX_ITEMS
    else:
        too_large = isinstance(value, int) and value.bit_length() > MAX_BITS
    if too_large:
        raise _refuse(f"{name}: the value is larger than a template may handle")


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*args: Any, **options: Any) -> Any:
        for value in (*args, *options.values()):
            _check(name, value)
        result = function(*args, **options)
        _check(name, result)
        return result

    return bounded


def _replace(value: Any, sought: Any, substitute: Any = "") -> Any:
    text, sought, substitute = _text(value), _text(sought), _text(substitute)
    if text.count(sought) * len(substitute) > MAX_TEXT:
        raise _refuse("replace: the result is larger than a template may handle")
    return string.replace(text, sought, substitute)


@with_context
def _join(values: Any, separator: Any = " ", *, context: RenderContext) -> Any:
    separator = _text(separator)
    items = [_text(item) for item in values] if isinstance(values, list | tuple) else values
    if isinstance(items, list) and len(items) * len(separator) + sum(map(len, items)) > MAX_TEXT:
        raise _refuse("join: the result is larger than a template may handle")
    return array.join(items, separator, environment=context.env)


@with_context
def _date(value: Any, pattern: Any = "%Y-%m-%d", *, context: RenderContext) -> str:
    """Write an instant (milliseconds, or ISO 8601 text) in the customer's own time zone."""
    pattern = _text(pattern)
    if len(pattern) > _MAX_DATE_FORMAT or not _DATE_FORMAT.fullmatch(pattern):
        raise _refuse("date: the format may hold text and plain directives such as %-d %B %Y")
    zone = time_zone(context.resolve("time_zone", default=None))
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, zone).strftime(pattern)
        moment = datetime.fromisoformat(_text(value))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(zone).strftime(pattern)
    except (ValueError, OverflowError, OSError) as error:
        raise _refuse("date: needs milliseconds since 1970 or an ISO 8601 date") from error


def _json(value: Any) -> str:
    """Write the value as JSON; what is undefined is null."""
    if is_undefined(value):
        return "null"
    return stdlib_json.dumps(value, ensure_ascii=False, allow_nan=False)


def _url(value: Any) -> str:
    """Let only a plain http or https address through; anything else becomes the empty text."""
    text = _text(value)
    return text if _WEB_ADDRESS.fullmatch(text) else ""


@with_context
def _tracked(value: Any, *, context: RenderContext) -> str:
    """Turn an https address into one that tells of a click, on channels whose provider does not.

    In e-mail SES counts clicks, so there the address stays.
    """
    address = _url(value)
    if not address.lower().startswith("https://"):
        raise _refuse("tracked: needs an https:// address")
    tracker = context.resolve(TRACKER, default=None)
    return tracker(address) if callable(tracker) else address


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


_CHOSEN: dict[str, Callable[..., Any]] = {
    "abs": math.abs_,
    "append": string.append,
    "at_least": math.at_least,
    "at_most": math.at_most,
    "capitalize": string.capitalize,
    "ceil": math.ceil,
    "compact": array.compact,
    "concat": array.concat,
    "date": _date,
    "default": misc.default,
    "divided_by": math.divided_by,
    "downcase": string.downcase,
    "escape": string.escape,
    "find": array.find,
    "first": array.first,
    "floor": math.floor,
    "has": array.has,
    "join": _join,
    "json": _json,
    "last": array.last,
    "lstrip": string.lstrip,
    "map": array.map_,
    "minus": math.minus,
    "modulo": math.modulo,
    "newline_to_br": string.newline_to_br,
    "plus": math.plus,
    "prepend": string.prepend,
    "reject": array.reject,
    "remove": string.remove,
    "remove_first": string.remove_first,
    "replace": _replace,
    "replace_first": string.replace_first,
    "reverse": array.reverse,
    "round": math.round_,
    "rstrip": string.rstrip,
    "size": misc.size,
    "slice": string.slice_,
    "sort": array.sort,
    "sort_natural": array.sort_natural,
    "split": string.split,
    "squish": string.squish,
    "strip": string.strip,
    "strip_newlines": string.strip_newlines,
    "sum": array.sum_,
    "times": math.times,
    "tracked": _tracked,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "uniq": array.uniq,
    "upcase": string.upcase,
    "url": _url,
    "url_encode": string.url_encode,
    "where": array.where,
}

FILTERS = {name: _bounded(name, function) for name, function in _CHOSEN.items()}
"""Left out on purpose: `safe` and decoders (they undo escaping), `strip_html` (quadratic)."""
