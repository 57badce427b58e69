"""From a body to its events, each apart from the others, so that one bad one harms none."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from portrait.faults import Rejected
from portrait.intake import clock
from portrait.intake.surroundings import NO_CONTEXT, Context, GivenContext
from portrait.intake.values import BAD_JSON

MAX_ITEMS = 10_000
"""Beyond it a batch is refused whole: an answer that lists what was refused has a limit too."""


class Delivery(NamedTuple):
    """What one body delivers: raw events, and what they share."""

    items: Sequence[Raw | bytes]
    write_key: str
    sent_at: int | None
    context: Context = NO_CONTEXT


class _Single(Struct, rename="camel", kw_only=True):
    write_key: Any = None
    sent_at: Any = None


class _Batch(_Single):
    batch: list[Raw]
    context: GivenContext = None


_read_single = msgspec.json.Decoder(_Single).decode
_read_batch = msgspec.json.Decoder(_Batch).decode


def single(body: bytes) -> Delivery:
    """Read a body that is one event.

    Raises:
        Rejected: it is not a JSON object.
    """
    try:
        outer = _read_single(body)
    except BAD_JSON as error:
        raise _invalid(error) from None
    return Delivery([body], _text(outer.write_key), clock.instant(outer.sent_at))


def batch(body: bytes) -> Delivery:
    """Read a body that holds a list of events in `batch`.

    Raises:
        Rejected: it is not JSON, there is no such list, or it is longer than an answer can be.
    """
    items: Sequence[Raw | bytes]
    try:
        outer = _read_batch(body)
        items = outer.batch
    except BAD_JSON as error:
        if isinstance(error, msgspec.ValidationError | RecursionError):
            raise _invalid(error) from None
        outer, items = _salvaged(body, error)
    if len(items) > MAX_ITEMS:
        raise Rejected("too_many_events", f"a batch may not have {MAX_ITEMS} events")
    key, sent_at = _text(outer.write_key), clock.instant(outer.sent_at)
    return Delivery(items, key, sent_at, outer.context or NO_CONTEXT)


def _salvaged(body: bytes, error: Exception) -> tuple[_Batch, list[bytes]]:
    """Take apart a batch that only a lenient reader can read.

    Python's clients write NaN and JavaScript's write half an emoji; strictly such a body is not
    JSON at all, and no client ever sends again what was answered with 400. Each event goes back
    to bytes, where the strict reader finds the bad ones.
    """
    try:
        outer = json.loads(body.decode("utf-8", "surrogateescape"))
        items = [_bytes(item) for item in outer.pop("batch")]
        return _read_batch(_bytes({**outer, "batch": []})), items
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _invalid(error) from None


def _bytes(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _text(write_key: object) -> str:
    return write_key if isinstance(write_key, str) else ""


def _invalid(error: Exception) -> Rejected:
    if isinstance(error, msgspec.ValidationError):
        return Rejected("invalid_body", str(error))
    if isinstance(error, RecursionError):
        return Rejected("invalid_json", "the body nests deeper than any event may")
    return Rejected("invalid_json", "the body is not JSON in UTF-8")
