"""What happened in a world, who really did it, and how it reaches the product as events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from portrait.event import Event
from tests.identity.identifiers import SWEDISH, identifiers_of

Token = tuple[str, str]
"""(namespace, the identifier itself), as the generator knows it, whatever form was typed."""


@dataclass(slots=True)
class Act:
    """One thing a person did.

    Attributes:
        at: UTC milliseconds.
        ids: namespace to the identifier itself, before anybody types it in a form of their own.
        made_up: namespaces whose value on this act belongs to nobody: `test@test.com`.
        part: the hostile part of the world that this act belongs to; empty for everyday life.
    """

    at: int
    person: int
    ids: dict[str, str]
    traits: dict[str, Any] = field(default_factory=dict)
    made_up: frozenset[str] = frozenset()
    part: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """Events in the order of their arrival, and the truth about them, all by event id.

    Attributes:
        truth: the person who really acted.
        parts: the hostile part that the event belongs to, where it belongs to one.
        tokens: the identifiers of the event that are somebody's.
        people: how many people live here, whether or not they were seen.
        nameless: events whose identifiers can tell nobody, which the intake would reject.
    """

    events: tuple[Event, ...]
    truth: Mapping[str, int]
    parts: Mapping[str, str]
    tokens: Mapping[str, tuple[Token, ...]]
    people: int
    nameless: tuple[str, ...] = ()


LATE = 0.02
"""Share of events that wait on a device without a network, where a world has late ones at all."""

Writing = Callable[[str, str, Random], str]
"""(namespace, identifier, random) to the form in which somebody types it."""


def told(
    acts: Iterable[Act], people: int, random: Random, typed: Writing, *, late_ms: int = 0
) -> World:
    """Return the acts as events in order of arrival, some up to `late_ms` after they happened."""
    arrivals = sorted(
        ((act.at + _delay(late_ms, random), act) for act in acts),
        key=lambda arrival: (arrival[0], arrival[1].at),
    )
    events = [
        event_of(f"s{place}", act, received, {n: typed(n, v, random) for n, v in act.ids.items()})
        for place, (received, act) in enumerate(arrivals)
    ]
    return gathered(events, [act for _, act in arrivals], people)


def _delay(late_ms: int, random: Random) -> int:
    return random.randrange(late_ms) if late_ms and random.random() < LATE else 0


def event_of(
    id: str, act: Act, received: int, raw: Mapping[str, str], country: str = SWEDISH
) -> Event:
    """Return the act as the intake would pass it on."""
    return Event(
        id=id,
        source="world",
        kind="identify" if act.traits else "page",
        identifiers=identifiers_of(raw, act.traits, country),
        timestamp=act.at,
        received_at=received,
        traits=act.traits,
    )


def gathered(events: Sequence[Event], acts: Sequence[Act], people: int) -> World:
    """Return the world of these acts; `events[n]` tells of `acts[n]`."""
    both = list(zip(events, acts, strict=True))
    return World(
        events=tuple(event for event in events if event.identifiers),
        truth={event.id: act.person for event, act in both},
        parts={event.id: act.part for event, act in both if act.part},
        tokens={event.id: _tokens(act) for event, act in both},
        people=people,
        nameless=tuple(event.id for event in events if not event.identifiers),
    )


def _tokens(act: Act) -> tuple[Token, ...]:
    """Return what on an act is somebody's; a full name with a number is an identifier too."""
    real = {name: value for name, value in act.ids.items() if name not in act.made_up}
    name = [act.traits.get(part, "") for part in ("first_name", "last_name")]
    if "phone" in real and all(name):
        real["name_phone"] = f"{' '.join(name)}|{real['phone']}"
    return tuple(real.items())
