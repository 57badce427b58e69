"""Patterns that authors write and every event is held against: none may take long, whatever comes.

A pattern backtracks without end where repeats nest, or where many of them can share the same
characters. So no group may be repeated, and few repeats may stand in one pattern: over a value of
512 characters the worst that is left takes some hundred thousand steps.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from pydantic_core import PydanticCustomError

MAX_PATTERN = 100
MAX_REPEATS = 4
MAX_LONG_REPEATS = 2
"""Of `*`, `+` and `{n,m}`: the exponent of what the length of a value costs."""

_PART = re.compile(r"\\.|\[\^?(?:\\.|[^\\])(?:\\.|[^]\\])*\]|[*+?]|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
_ORDINARY = ("u-1017", "anna.berg@mail.example", "+46701234567")


def check_pattern(text: str) -> str:
    """Return a pattern that is quick whatever it is held against, or refuse it.

    It is held against whole values in lower case.
    """
    if not 0 < len(text) <= MAX_PATTERN:
        raise _refused("expected a pattern of 1 to {most} characters", most=MAX_PATTERN)
    for problem in _problems(list(_parts(text))):
        raise _refused(problem)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(text)
    except (re.error, Warning, OverflowError) as error:
        raise _refused("expected a pattern: {error}", error=str(error)) from error
    if all(map(pattern.fullmatch, _ORDINARY)):
        raise _refused("this pattern fits every value: nobody would be recognised any more")
    return text


def _parts(text: str) -> Iterator[str]:
    yield from (match.group() for match in _PART.finditer(text))


def _problems(parts: list[str]) -> Iterator[str]:
    if any(part != part.lower() for part in parts if part[0] != "\\"):
        yield "values are held against it in lower case: expected no capital letter"
    pairs = list(pairwise(parts))
    if any(first == "(" and second == "?" for first, second in pairs):
        yield "expected no (?…): plain groups are enough"
    if any(first == ")" and second[0] in "*+{" for first, second in pairs):
        yield "expected no repeated group: it can take for ever; list several patterns instead"
    if any(re.fullmatch(r"\\[0-9]", part) for part in parts):
        yield "expected no reference to a group"
    kinds = Counter(part[0] for part in parts if _is_repeat(part))
    if kinds.total() - kinds["?"] > MAX_LONG_REPEATS or kinds.total() > MAX_REPEATS:
        yield "expected at most 2 of * + { and 4 with ?: list several patterns instead"


def _is_repeat(part: str) -> bool:
    return part in ("*", "+", "?") or (len(part) > 1 and part[0] == "{")


def _refused(message: str, **context: object) -> PydanticCustomError:
    return PydanticCustomError("pattern", message, context)
