"""Templates: Liquid made safe for data that anybody may have sent, and bounded in what it costs.

A template knows `customer` (traits, computed ones too), `event` (what just happened: `name`, `at`,
`properties`, `traits`), `campaign`, `message_id`, `unsubscribe_url`, `trap_url`, `opt_out`,
`now` and `time_zone`; and `recommended`: ids of items, best first, that are `new` to the customer,
or that they may well buy again (`repeat`).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portrait.message import Message
from portrait.rendering import checks
from portrait.rendering.filters import TRACKER
from portrait.rendering.messages import (
    Email,
    Push,
    Sms,
    render_email,
    render_offer,
    render_push,
    render_sms,
    render_webhook,
)
from portrait.rendering.parts import MAX_LINE, PARTS, Part, asks_for, check_part, parse
from portrait.rendering.sms_length import measure
from portrait.view import View

__all__ = [
    "MAX_LINE",
    "Email",
    "Part",
    "Push",
    "Sms",
    "asks_for",
    "check",
    "check_part",
    "render_email",
    "render_offer",
    "render_push",
    "render_sms",
    "render_webhook",
    "values",
]


NOTHING: Mapping[str, Sequence[str]] = {"new": (), "repeat": ()}
"""What is recommended where there is no model, or the customer objects to profiling."""


def check(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a canonical `template` document, one sentence each."""
    problems = [
        problem
        for field, part in PARTS[document["channel"]].items()
        for problem in check_part(part, document.get(field, ""), field)
    ]
    if document["channel"] == "sms" and not problems:
        constant = measure(checks.constant_text(parse("text", document["text"], "text")))
        if constant.segments > document["max_segments"]:
            problems.append(
                f"text: what never changes takes {constant.segments} segments of "
                f"{constant.encoding} already; max_segments is {document['max_segments']}"
            )
    return problems


def values(
    view: View, message: Message, *, unsubscribe_url: str, time_zone: str | None,
    opt_out: str = "", tracker: Callable[[str], str] | None = None, trap_url: str = "",
    recommended: Mapping[str, Sequence[str]] = NOTHING,
) -> dict[str, Any]:  # fmt: skip
    """Return what templates of this message know. Numbers are plain: filters know no Decimal.

    Args:
        opt_out: how the recipient stops such messages, in words.
        tracker: turns an address into one that tells of a click; None leaves addresses alone.
        trap_url: where only a machine goes, if the template hides a link to it.
        recommended: ids of items, `new` and `repeat`.
    """
    known = {
        "customer": view.traits(),
        "event": message.happening,
        "campaign": message.campaign,
        "message_id": message.id,
        "unsubscribe_url": unsubscribe_url,
        "opt_out": opt_out,
        "trap_url": trap_url,
        "recommended": recommended,
        "now": view.now,
        "time_zone": time_zone,
        TRACKER: tracker,
    }
    return {name: _plain(value) for name, value in known.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
