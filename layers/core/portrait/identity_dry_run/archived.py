"""What archived events say about who is who."""

from collections.abc import Mapping
from typing import Any

from portrait.event import Event
from portrait.evidence import ExternalId
from portrait.identity import kind_of
from portrait.neighbourhood import Neighbourhood
from portrait.resolution import Sighting
from portrait.seen import message_hash


class Evidence:
    """What archived events say about who is who, each event counted once.

    Attributes:
        ids: the identifiers, by home; their values are not known.
        events: how many different ones were read.
    """

    def __init__(self) -> None:
        self._near = Neighbourhood(())
        self._known: set[bytes] = set()

    @property
    def ids(self) -> Mapping[str, ExternalId]:
        return self._near.ids

    @property
    def events(self) -> int:
        return len(self._known)

    def take(self, row: Mapping[str, Any]) -> None:
        """Take up one archived row; one of an event that was taken before adds nothing."""
        message = message_hash(b"", row["source"], row["id"])
        if message in self._known:
            return
        self._known.add(message)
        homes = tuple(row["homes"])
        kinds = row.get("kinds") or map(kind_of, homes)
        event = Event(
            id=row["id"],
            source=row["source"],
            kind=row["kind"],
            identifiers=tuple((kind, "") for kind in kinds),
            timestamp=row["timestamp"],
            received_at=row["received_at"],
        )
        self._near.see(Sighting(0, event, message, homes))
