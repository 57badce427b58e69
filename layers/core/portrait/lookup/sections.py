"""The sections of a portrait, in the shapes of Segment's Profile API.

What the product does not keep is null or left out, never made up: the source of a single trait,
and message ids (only their hashes are kept).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from portrait.campaigns import IMPLICIT
from portrait.identity import kind_of
from portrait.lookup.contacts import CONTACT_SECTIONS
from portrait.lookup.paging import Key, page
from portrait.lookup.person import Person, moment
from portrait.lookup.questions import Question
from portrait.operations import iso
from portrait.portrait import BORROWED, Portrait
from portrait.provenance import Provenance


def traits(person: Person, question: Question) -> dict[str, Any]:
    """Return traits that were sent and computed ones by name, or segments as true and false."""
    known = _audiences(person) if question.kind == "audience" else _traits(person, question)
    rows = ((("traits", name), name) for name in known if question.asks_for(name))
    found = page(rows, tuple[Literal["traits"], str], limit=question.limit, after=question.after)
    if not question.verbose:
        return {"traits": {name: known[name] for name in found.items}, "cursor": found.cursor}
    explain = _since if question.kind == "audience" else _explained
    told = {name: {"value": known[name], **explain(person, name)} for name in found.items}
    return {"traits": told, "cursor": found.cursor}


def external_ids(person: Person, question: Question) -> dict[str, Any]:
    """Return the customer's identifiers, strongest first; `include` are their types."""
    rows = (
        (
            ("external_ids", home),
            {
                "id": one.value,
                "type": one.namespace,
                "source_id": None,
                "collection": "users",
                "created_at": iso(one.first),
                "encoding": "none",
            },
        )
        for home, one in person.portrait.ids.items()
        if question.asks_for(one.namespace)
    )
    return _listed(rows, tuple[Literal["external_ids"], str], question)


def events(person: Person, question: Question) -> dict[str, Any]:
    """Return the last of what the customer did, newest first; `include` are names of events."""
    lines = Counter(line for s in person.portrait.strands.values() for line in s.timeline)
    rows = (
        (("events", -line.at, line.kind, line.name, number), _event(line.kind, line.name, line.at))
        for line, times in lines.items()
        for number in range(times)
        if question.asks_for(line.name)
    )
    return _listed(rows, tuple[Literal["events"], int, str, str, int], question)


def segments(person: Person, question: Question) -> dict[str, Any]:
    """Return the segments that the customer is in, and since when."""
    rows = (
        (("segments", key), {"segment": key, "since": iso(since)})
        for key, since in person.portrait.segments.items()
        if question.asks_for(key) and not key.startswith(IMPLICIT)
    )
    return _listed(rows, tuple[Literal["segments"], str], question)


def metadata(person: Person, question: Question) -> dict[str, Any]:
    """Return what is known about the portrait itself, and which identifiers were not linked."""
    portrait = person.portrait
    heard = [strand for strand in portrait.strands.values() if strand.events]
    received = [at for one in portrait.ids.values() for at in (one.first, one.last)]
    return {
        "metadata": {
            "created_at": moment(min(received, default=None)),
            "updated_at": moment(max(received, default=None)),
            "expires_at": None,
            "first_seen_at": moment(min((s.first_seen for s in heard), default=None)),
            "last_seen_at": moment(max((s.last_seen for s in heard), default=None)),
            "events": sum(strand.events for strand in heard),
            "shared": portrait.ids.keys() <= person.shared and bool(person.shared),
            "shared_ids": [identifier(portrait, home) for home in sorted(person.shared)],
            "refusals": [
                {"type": kind_of(home), "reason": refusal.kind, "at": iso(refusal.at)}
                for home, refusal in sorted(portrait.refusals.items(), key=lambda one: one[1].at)
            ],
        }
    }


Section = Callable[[Person, Question], dict[str, Any]]

SECTIONS: Mapping[str, Section] = {
    "traits": traits,
    "external_ids": external_ids,
    "events": events,
    "metadata": metadata,
    "segments": segments,
    **CONTACT_SECTIONS,
}


def _listed(rows: Iterator[tuple[Key, Any]], form: Any, question: Question) -> dict[str, Any]:
    found = page(rows, form, limit=question.limit, after=question.after)
    return {"data": found.items, "cursor": found.cursor}


def _traits(person: Person, question: Question) -> dict[str, Any]:
    computed = person.catalogue.traits
    return {
        name: value
        for name, value in person.view.traits().items()
        if value is not None and (question.kind is None or name in computed)
    }


def _audiences(person: Person) -> dict[str, Any]:
    inside = person.portrait.segments
    known = person.catalogue.segments.keys() | inside.keys()
    return {key: key in inside for key in known if not key.startswith(IMPLICIT)}


def _since(person: Person, key: str) -> dict[str, Any]:
    return {"source_id": None, "updated_at": moment(person.portrait.segments.get(key))}


def _explained(person: Person, name: str) -> dict[str, Any]:
    found = person.view.explain(name)
    if found is None:
        return {"source_id": None, "updated_at": None}
    return {
        "source_id": None,
        "updated_at": moment(found.at),
        "provenance": _provenance(person.portrait, found),
    }


def _provenance(portrait: Portrait, found: Provenance) -> dict[str, Any]:
    homes = dict.fromkeys(key.rpartition(BORROWED)[2] for key in found.strands)
    through = [identifier(portrait, home) for home in homes]
    if found.kind == "stored":
        return {"kind": found.kind, "message": found.source, "heard_through": through}
    return {
        "kind": found.kind,
        "series": found.source,
        "operation": found.operation,
        "window": found.window,
        "events": found.events,
        "first_at": moment(found.first_at),
        "exact": found.exact,
        "version": found.version,
        "heard_through": through,
    }


def identifier(portrait: Portrait, home: str) -> dict[str, Any]:
    """Return an identifier; only the type of one that is another's, or shared."""
    one = portrait.ids.get(home)
    return {"type": one.namespace, "id": one.value} if one else {"type": kind_of(home)}


def _event(kind: str, name: str, at: int) -> dict[str, Any]:
    named = {"event" if kind == "track" else "name": name} if name else {}
    return {"type": kind, **named, "timestamp": iso(at)}
