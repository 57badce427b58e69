"""Reading a portrait: `GET /v1/profiles/<namespace>:<value>/<section>`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from portrait.catalogue import Catalogue
from portrait.faults import Rejected, Unavailable
from portrait.intake.answers import Answer
from portrait.intake.requests import Request
from portrait.lookup import access, answers, subjects
from portrait.lookup.person import Person
from portrait.lookup.questions import read_question
from portrait.lookup.sections import SECTIONS
from portrait.neighbourhood import Neighbourhood
from portrait.record import Record
from portrait.resolution import resolve
from portrait.surroundings import read_around

PREFIX = "/v1/profiles"
READING = ("GET", "HEAD")


class Portraits(Protocol):
    """Where portraits are read."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""


class Outside(NamedTuple):
    """What answering needs from outside; nothing is asked for before it is needed."""

    catalogue: Callable[[], Catalogue]
    secret: Callable[[], bytes]
    portraits: Portraits


@dataclass(slots=True)
class Audit:
    """What is logged of a request: who asked, about whom (a keyed hash), and for what."""

    source: str = ""
    home: str = ""
    section: str = ""

    def facts(self) -> Mapping[str, Any]:
        """Return it for the one log line."""
        return {"source": self.source, "home": self.home, "section": self.section}


def respond(request: Request, outside: Outside) -> Answer:
    """Answer a request to read a portrait, also one that fails."""
    audit = Audit()
    try:
        answer = answers.document(_read(request, outside, audit))
    except Rejected as fault:
        answer = answers.refused(fault, allow=", ".join(READING))
    except Unavailable:
        answer = answers.unavailable()
    body = "" if request.method == "HEAD" else answer.body
    return answer._replace(body=body, facts=audit.facts())


def _read(request: Request, outside: Outside, audit: Audit) -> dict[str, Any]:
    catalogue = outside.catalogue()
    source = access.asking_source(catalogue, request)
    audit.source = source.key
    access.check_server(source, request)
    subject = subjects.in_path(request.path, PREFIX)
    if subject is None or subject.section not in SECTIONS:
        raise Rejected("unknown_route", f"expected {PREFIX}/<namespace>:<value>/ and a section")
    audit.section = subject.section
    if request.method not in READING:
        raise Rejected("wrong_method", "a portrait is only read here")
    question = read_question(request.query)
    home = subjects.home_of(subject.identifier, catalogue.identity, outside.secret())
    audit.home = home or ""
    record = find(home, outside.portraits) if home else None
    if record is None:
        raise answers.not_found()
    portrait = record.portrait
    view = portrait.view(catalogue, request.received_at)
    person = Person(portrait, view, catalogue)
    if subject.section == "metadata":
        person = person._replace(shared=shared_ids(record, catalogue, outside.portraits))
    return SECTIONS[subject.section](person, question)


def find(home: str, portraits: Portraits) -> Record | None:
    """Return the root that owns `home`, or None where no portrait is.

    One round trip where it is a root, two after a pointer. Reads are eventually consistent, which
    costs half: what a strong read would add, the events queue has been later with.
    """
    found = portraits.load_resolved([home])
    root = resolve(home, found)
    if home in found and (root not in found or not _knows(found[root], home)):
        # A replica had a pointer, and not yet the root that came with it; or the other way round.
        found = portraits.load_resolved([home], consistent=True)
        root = resolve(home, found)
    record = found.get(root)
    if record is None or not record.state:
        return None
    # A pointer may lead on for a while to whom the identifier was taken from.
    return record if home in record.portrait.ids else None


def _knows(record: Record, home: str) -> bool:
    return not record.state or home in record.portrait.ids


def shared_ids(record: Record, catalogue: Catalogue, portraits: Portraits) -> frozenset[str]:
    """Return the identifiers of a portrait that are several people's, by home.

    Where they were seen with identifiers of other customers, that takes reading those as well.
    """
    records = {record.home: record}
    if record.beyond:
        records = read_around(record.beyond, portraits.load_resolved) | records
    near = Neighbourhood(one.portrait for one in records.values() if one.state)
    near.divide(catalogue.identity)
    return frozenset(home for home in record.portrait.ids if near.division.is_shared(home))
