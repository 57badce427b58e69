"""JSON values as they are accepted: how deep, how large, and what a decoder raises over others."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from portrait.faults import Rejected

MAX_DEPTH = 16
MAX_NUMBER = 10**15

BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises over bytes that are not the JSON it was promised."""


def _plain(levels: int) -> Any:
    """Return the type of a JSON value of at most that many levels of lists and objects.

    It is spelled out level by level, so that the decoder itself checks depth and numbers. That
    doubles with each level: few are made, and what is deeper is walked.
    """
    scalar = (
        None
        | bool
        | str
        | Annotated[int, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
        | Annotated[float, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]
    )
    value: Any = scalar
    for _ in range(levels):
        value = scalar | list[value] | dict[str, value]
    return value


# PHP writes an empty object as []. A type checker need not know: both are false.
if TYPE_CHECKING:
    EmptyList = None
    Fields = dict[str, Any] | None
    PlainFields = Fields
else:
    EmptyList = Annotated[list[None], Meta(max_length=0)]
    Fields = dict[str, Any] | EmptyList | None
    PlainFields = dict[str, _plain(3)] | EmptyList | None


def walk(value: Any, depth: int) -> None:
    """Raise Rejected where lists, objects or numbers go too far; an event itself is depth 1."""
    if isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise too_deep()
        for inner in value.values() if isinstance(value, dict) else value:
            walk(inner, depth + 1)
    elif isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise too_large()


def too_deep() -> Rejected:
    """Return the refusal of an event with too many levels."""
    return Rejected("too_deep", f"an event may nest {MAX_DEPTH} levels of lists and objects")


def too_large() -> Rejected:
    """Return the refusal of an event with a number beyond all measure."""
    return Rejected("number_too_large", f"numbers must lie within {MAX_NUMBER:.0e} of 0")
