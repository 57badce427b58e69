"""Why identifiers are one customer's, and taking out one that is not: `/v1/identity/…`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from portrait.catalogue import Catalogue
from portrait.faults import Rejected, Unavailable
from portrait.history import history
from portrait.identity_rules import IdentityRules
from portrait.intake.answers import Answer
from portrait.intake.requests import Request
from portrait.lookup import access, answers, subjects
from portrait.lookup.profiles import READING, Audit
from portrait.lookup.sections import identifier
from portrait.operations import iso
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.unmerging import Unmerged

PREFIX = "/v1/identity"
UNMERGE = f"{PREFIX}/unmerge"

_APART = (
    "They are two customers again, each with what was heard about them. What had joined them "
    "counts no more; only new evidence through a stronger identifier joins them again."
)
_WITHDRAWN = " What either of them had withdrawn consent to stays withdrawn for both."


MAX_REASON = 500


class Correction(msgspec.Struct):
    """The body of an unmerge: which identifier to take out, or which merge of theirs to undo."""

    identifier: str
    merge_id: str | None = None
    reason: str | None = None


class Portraits(Protocol):
    """Where portraits are read."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def follow(self, home: str) -> Record | None:
        """Return the root that owns the home, read consistently."""


class Undo(Protocol):
    """Takes an identifier, or a merge by its id, out of the portrait that owns `home`."""

    def __call__(
        self, home: str, target: str, *, catalogue: Catalogue, reason: str
    ) -> Unmerged | None:
        """Return what was done, or None where there is nothing to undo."""


class Outside(NamedTuple):
    """What answering needs from outside; nothing is asked for before it is needed."""

    catalogue: Callable[[], Catalogue]
    secret: Callable[[], bytes]
    portraits: Portraits
    undo: Undo


def respond(request: Request, outside: Outside) -> Answer:
    """Answer a request about who is who, also one that fails."""
    audit, undoing = Audit(), request.path == UNMERGE
    try:
        catalogue = outside.catalogue()
        source = access.asking_source(catalogue, request)
        audit.source = source.key
        access.check_server(source, request)
        serve = _unmerge if undoing else _history
        answer = answers.document(serve(request, catalogue, outside, audit))
    except Rejected as fault:
        answer = answers.refused(fault, allow="POST" if undoing else ", ".join(READING))
    except Unavailable:
        answer = answers.unavailable()
    body = "" if request.method == "HEAD" else answer.body
    return answer._replace(body=body, facts=audit.facts())


def _history(
    request: Request, catalogue: Catalogue, outside: Outside, audit: Audit
) -> dict[str, Any]:
    subject = subjects.in_path(request.path, PREFIX)
    if subject is None or subject.section != "history":
        expected = f"expected {UNMERGE}, or {PREFIX}/<namespace>:<value>/history"
        raise Rejected("unknown_route", expected)
    audit.section = "history"
    if request.method not in READING:
        raise Rejected("wrong_method", "a history is only read")
    home = _home(subject.identifier, catalogue.identity, outside, audit)
    record = outside.portraits.follow(home)
    if record is None or not record.state:
        raise answers.not_found()
    portrait = record.portrait
    return {"data": [_named(entry, portrait) for entry in history(portrait)]}


def _unmerge(
    request: Request, catalogue: Catalogue, outside: Outside, audit: Audit
) -> dict[str, Any]:
    audit.section = "unmerge"
    if request.method != "POST":
        raise Rejected("wrong_method", "undoing a merge is a POST")
    asked = _correction(request)
    home = _home(asked.identifier, catalogue.identity, outside, audit)
    done = outside.undo(
        home, asked.merge_id or home, catalogue=catalogue, reason=asked.reason or ""
    )
    if done is None:
        raise Rejected("nothing_to_undo", "no merge of this identifier can be undone")
    records = outside.portraits.load_resolved((done.stayed, done.left), consistent=True)
    return {
        "merge_id": done.merge,
        "at": iso(done.at),
        "stayed": _identifier(done.stayed, records),
        "left": _identifier(done.left, records),
        "kept_withdrawals": list(done.kept),
        "note": _APART + (_WITHDRAWN if done.kept else ""),
    }


def _correction(request: Request) -> Correction:
    try:
        asked = msgspec.json.decode(request.body(), type=Correction)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _malformed() from None
    if len(asked.reason or "") > MAX_REASON:
        raise _malformed()
    return asked


def _malformed() -> Rejected:
    return Rejected(
        "invalid_body",
        "expected a JSON object with `identifier` (<namespace>:<value>), and perhaps `merge_id` "
        f"and a `reason` of at most {MAX_REASON} characters",
    )


def _home(identifier: str, rules: IdentityRules, outside: Outside, audit: Audit) -> str:
    home = subjects.home_of(identifier, rules, outside.secret())
    if home is None:
        raise answers.not_found()
    audit.home = home
    return home


def _identifier(root: str, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return the identifier at a root, unless somebody moved it away again just now."""
    record = records.get(root)
    return identifier(record.portrait if record is not None else Portrait(root), root)


def _named(entry: Mapping[str, Any], portrait: Portrait) -> dict[str, Any]:
    """Return an entry with identifiers in place of their homes, which mean nothing to anybody."""
    named = dict(entry)
    if (home := named.pop("home", None)) is not None:
        named["identifier"] = identifier(portrait, home)
    if (homes := named.pop("homes", None)) is not None:
        named["identifiers"] = [identifier(portrait, home) for home in homes]
    return named
