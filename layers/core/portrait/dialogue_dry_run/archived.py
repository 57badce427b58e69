"""Archived events as they are told again, each once, in the order in which they were received."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portrait.archive import PERSONAL_TRAITS
from portrait.campaigns import campaign_trees
from portrait.event import Event
from portrait.identity import kind_of
from portrait.requirements import nodes
from portrait.resolution import Sighting
from portrait.seen import message_hash

UNKNOWN = "(not in the archive)"
"""Stands for an address: the archive holds none, but shows that there is one."""

_ADDRESSES = {"email": "email", "phone": "phone"}


def sightings(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sighting]:
    """Yield the rows as sightings, earliest receipt first; repeats are recognised when folded."""
    for row in sorted(rows, key=lambda row: (row["received_at"], row["id"])):
        yield _sighting(row)


def _sighting(row: Mapping[str, Any]) -> Sighting:
    homes = tuple(row["homes"])
    kinds = tuple(row.get("kinds") or map(kind_of, homes))
    known = {_ADDRESSES[kind]: UNKNOWN for kind in kinds if kind in _ADDRESSES}
    event = Event(
        id=row["id"],
        source=row["source"],
        kind=row["kind"],
        name=row["name"],
        identifiers=tuple((kind, home) for kind, home in zip(kinds, homes, strict=True)),
        timestamp=row["timestamp"],
        received_at=row["received_at"],
        properties=row["properties"],
        traits={**known, **row["traits"]},
        context=row["context"],
    )
    return Sighting(0, event, message_hash(b"", row["source"], row["id"]), homes)


def unseen(campaign: Mapping[str, Any]) -> list[str]:
    """Return the traits that a canonical campaign asks about and the archive does not hold."""
    named = {campaign["entry"].get("date")}
    for tree in campaign_trees(campaign):
        named |= {node.get("trait") or node.get("date") for node in nodes(tree)}
    return sorted(name for name in named if name and name.lower() in PERSONAL_TRAITS)
