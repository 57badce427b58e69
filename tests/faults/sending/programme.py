"""The campaigns that are played, read off their document without a line of the product."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import yaml

from tests.faults.ages import DAY_MS, HOUR_MS, MINUTE_MS
from tests.faults.deployment import PROGRAMMES

NAME = "dialogues"
_UNITS = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": 1000}
Step = Mapping[str, Any]


class Cap(NamedTuple):
    """At most so many in a window (ms), or on a day of the recipient's where it is None."""

    channel: str | None
    purpose: str | None
    messages: int
    window_ms: int | None

    def covers(self, channel: str, purpose: str) -> bool:
        """Tell whether it counts a message; none counts service."""
        return purpose != "service" and self.channel in (None, channel) and (
            self.purpose in (None, purpose)
        )  # fmt: skip


@cache
def documents(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the documents of a kind, by key."""
    with (PROGRAMMES / f"{NAME}.yaml").open(encoding="utf-8") as stream:
        return {one["key"]: one for one in yaml.safe_load_all(stream) if one["kind"] == kind}


@cache
def caps() -> tuple[Cap, ...]:
    """Return the caps of the policy."""
    told = documents("policy")["default"]["caps"]
    return tuple(
        Cap(one.get("channel"), one.get("purpose"), one["messages"],
            milliseconds(one["window"]) if "window" in one else None)
        for one in told
    )  # fmt: skip


def quiet_minutes() -> tuple[int, int]:
    """Return the first quiet minute of a day, and the first after."""
    hours = documents("policy")["default"]["quiet_hours"]
    return _minute(hours["from"]), _minute(hours["to"])


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def milliseconds(text: str) -> int:
    """Return how long `30h` is."""
    return int(text[:-1]) * _UNITS[text[-1]]


def way(campaign: str, path: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the steps on the way that a dossier tells, each with its kind.

    At an exit, and at the first fork of which it tells nothing, the way ends.
    """
    found: list[tuple[str, str]] = []
    with suppress(_Ends):
        for one in _walk(documents("campaign")[campaign]["steps"], path):
            found.append(one)  # what came before the end is to be kept
    return found


def _walk(steps: Sequence[Step], path: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for step in steps:
        name = step["name"]
        kind = next(each for each in step if each != "name")
        yield name, kind
        if kind == "exit":
            raise _Ends
        if kind in ("wait_for", "split"):
            if name not in path:
                raise _Ends
            for way in step[kind]["branches"]:
                if way["name"] == path[name]:
                    yield from _walk(way.get("steps", ()), path)
            if path[name] in ("timeout", "otherwise"):
                yield from _walk(step[kind].get("otherwise", ()), path)


class _Ends(Exception):
    """The way ends here."""
