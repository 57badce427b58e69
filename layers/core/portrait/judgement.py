"""Judgement: a link was followed; a moment later it is known who did it, and told as a click.

What is counted must not depend on the order in which it is heard of, and which clicks are a
machine's does. So a click that may be a person's comes under another name first, which nothing
counts (`feedback.FOLLOWED`), and is remembered. Trigger has it told once more after a moment, and
profile gives it the name that it is counted by: that of a person's click, or that of a machine's.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Protocol

from msgspec.structs import replace

from portrait.bursts import BURST, clicked, in_burst
from portrait.event import Event
from portrait.feedback import FOLLOWED, by_machine, followed
from portrait.happening import Happening
from portrait.identity import HOME
from portrait.record import Record

WAIT_S = 3
"""For so long a click waits: longer than a burst, and shorter than patience."""

SOURCE = "followed"


class Portraits(Protocol):
    """Where portraits are kept."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""


def at_first(name: str, properties: Mapping[str, Any]) -> str:
    """Return the name under which a click comes that may be a person's.

    Where nothing says which link of which message, nothing else could show who it was.
    """
    return name if clicked(properties, 0) is None else followed(name)


def told_again(one: Happening) -> Event | None:
    """Return the click as it is told when the others are known; None of what is no such click."""
    name = FOLLOWED.get(one.name)
    if name is None:
        return None
    return Event(
        id=one.id, source=SOURCE, kind="track", name=name, identifiers=((HOME, one.strand),),
        timestamp=one.at, received_at=one.received_at, properties=one.properties,
    )  # fmt: skip


def judged(event: Event, portraits: Portraits) -> Event:
    """Return the event; a click that is told again by the name of whoever did it.

    Raises:
        Unavailable: the portrait cannot be read.
    """
    if event.source != SOURCE:
        return event
    record = portraits.follow(event.identifiers[0][1])
    if record is None or not record.state:  # nobody is there that it could be counted for
        return event
    one = clicked(event.properties, event.timestamp)
    known = chain.from_iterable(each.clicks for each in record.portrait.strands.values())
    if one is None or not in_burst(one, known):
        return event
    properties = {**event.properties, "machine": BURST}
    return replace(event, name=by_machine(event.name), properties=properties)
