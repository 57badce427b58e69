"""Bursts: whoever follows several links of a message at once, or one that nobody sees, is none.

A scanner at the recipient's gate may call itself a browser and wait; what it cannot help is to try
every link. One link that was followed does not show that, so those of late are remembered; what is
remembered does not depend on the order in which they are heard of. Whether a person clicked is
judged a moment later, when the others are known (`judgement`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from portrait.feedback import FOLLOWED, by_machine

BURST_MS = 2_000
"""Two links within so long: nobody reads the page behind the first. Source: field notes."""

TRAP_MS = 60_000
"""Around a link that nobody sees: a scanner that draws breath between links takes no longer."""

MAX_CLICKS = 24
"""Of the newest clicks a strand remembers: the links of a message, and some more."""

BURST, HONEYPOT = "burst", "honeypot"
"""What shows that it was a machine: several links at once, or one that nobody sees."""

TRAP = ""
"""In place of what stands for a link: one that nobody sees."""

_REMEMBERED = FOLLOWED.keys() | {by_machine(name) for name in FOLLOWED.values()}


class Clicked(NamedTuple):
    """A link of a message was followed, at an instant (UTC ms); both in short."""

    at: int
    message: str
    link: str


def remembered(name: str, properties: Mapping[str, Any], at: int) -> Clicked | None:
    """Return what an event tells of who follows links, or None where it tells nothing.

    What a person is said to have clicked was followed before, and tells nothing more.
    """
    return clicked(properties, at) if name in _REMEMBERED else None


def clicked(properties: Mapping[str, Any], at: int) -> Clicked | None:
    """Return the click that properties tell of, or None where they do not say which link of
    which message."""
    message, link = properties.get("message_id"), properties.get("link")
    if not (isinstance(message, str) and isinstance(link, str)):
        return None
    is_trap = properties.get("machine") == HONEYPOT
    return Clicked(at, _short(message), TRAP if is_trap else _short(link))


def in_burst(one: Clicked, clicks: Iterable[Clicked]) -> bool:
    """Tell whether a click is one of several at once, in whatever order they are known."""
    others = (each for each in clicks if each.message == one.message and each.link != one.link)
    return any(abs(each.at - one.at) <= _reach(each) for each in others)


def newest(clicks: Iterable[Clicked]) -> list[Clicked]:
    """Return the newest of the clicks, newest first."""
    return sorted(set(clicks), reverse=True)[:MAX_CLICKS]


def _reach(click: Clicked) -> int:
    return TRAP_MS if click.link == TRAP else BURST_MS


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=4).hexdigest()
