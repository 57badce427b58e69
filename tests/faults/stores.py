"""What the stores hold, read as they lie there: portraits, archive, quarantine and queues."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.account import Account
from tests.faults.deployment import SECRET
from tests.faults.said import Identifier

MAX_HOPS = 64


@dataclass
class Stores:
    """One look at an account while nobody writes.

    Attributes:
        roots: every portrait, by home.
        above: every pointer, from the home it lies at to the home it names.
    """

    account: Account
    roots: dict[str, Any] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from portrait.record import Record

        for item in self.account.tables["portraits"].items.values():
            home = item["home"]["S"]
            if "merged_into" in item:
                self.above[home] = item["merged_into"]["S"]
            elif "state" in item:
                state = bytes(item["state"]["B"])
                self.roots[home] = Record(home, int(item["version"]["N"]), state).portrait

    @property
    def applied(self) -> int:
        """Return how many events all portraits together have counted."""
        return sum(
            strand.events
            for portrait in self.roots.values()
            for strand in portrait.strands.values()
        )

    def home(self, identifier: Identifier) -> str:
        """Return where the product keeps what it knows by this identifier."""
        from portrait.identity import home

        return home(SECRET.encode(), *identifier)

    def trail(self, identifier: Identifier) -> list[str]:
        """Return the homes from the identifier's to the root's; too many mean a circle."""
        homes = [self.home(identifier)]
        while homes[-1] in self.above and len(homes) <= MAX_HOPS:
            homes.append(self.above[homes[-1]])
        return homes

    def archived(self) -> dict[tuple[str, str], set[str]]:
        """Return by source and id the receipts under which the archive holds each event."""
        found: dict[tuple[str, str], set[str]] = {}
        for row in self._rows("events/"):
            found.setdefault((row["source"], row["id"]), set()).add(row["receipt"])
        return found

    def quarantined(self) -> list[Mapping[str, Any]]:
        """Return the records that were put aside, a repeat of one once."""
        return list({row["receipt"]: row for row in self._rows("quarantine/")}.values())

    def in_flight(self) -> set[tuple[str, str]]:
        """Return source and id of every event in the events queue and its dead letters."""
        return {
            (event.source, event.id)
            for name in ("events", "events-dlq")
            for body in self.account.queues[name].all_bodies()
            for event in _events(body)
        }

    def _rows(self, prefix: str) -> Iterator[dict[str, Any]]:
        for key, body in self.account.buckets["data"].items():
            if key.startswith(prefix):
                yield from map(json.loads, gzip.decompress(body).splitlines())

    def counted(self, source: str, id: str) -> int:
        """Return in how many strands an event is remembered as counted."""
        from portrait import seen
        from portrait.seen import message_hash

        message = message_hash(SECRET.encode(), source, id)
        return sum(
            seen.contains(strand.seen, message)
            for portrait in self.roots.values()
            for strand in portrait.strands.values()
        )


class _Event:
    def __init__(self, source: str, id: str) -> None:
        self.source, self.id = source, id


def _events(body: str) -> Iterator[_Event]:
    told = json.loads(body)
    if "events" in told:
        yield from (_Event(one["source"], one["id"]) for one in told["events"])
    elif "messageId" in told:
        yield _Event("till", told["messageId"])
