"""Where a request to the inbox function leads."""

from urllib.parse import unquote

from portrait.event import encode_envelope
from portrait.faults import Rejected, Unavailable
from portrait.inbox import access
from portrait.inbox.answering import event, find_offer, read_reply, weigh
from portrait.inbox.outside import Outside
from portrait.inbox.reading import listed
from portrait.intake.answers import Answer
from portrait.intake.requests import Request
from portrait.lookup import answers, subjects
from portrait.lookup.access import asking_source
from portrait.lookup.profiles import READING, Audit, find
from portrait.record import Record

PREFIX = "/v1/inbox"
_METHODS = (*READING, "POST")


def respond(request: Request, outside: Outside) -> Answer:
    """Answer a request about an inbox, also one that fails."""
    if request.method == "OPTIONS":  # API Gateway answers it before us where CORS is set up
        return Answer(204, "", {})
    audit = Audit()
    try:
        answer = _serve(request, outside, audit)
    except Rejected as fault:
        answer = answers.refused(fault, allow=", ".join(_METHODS))
    except Unavailable:
        answer = answers.unavailable()
    body = "" if request.method == "HEAD" else answer.body
    return answer._replace(body=body, facts=audit.facts())


def _serve(request: Request, outside: Outside, audit: Audit) -> Answer:
    catalogue = outside.catalogue()
    source = asking_source(catalogue, request)
    audit.source = source.key
    if request.method not in _METHODS:
        raise Rejected("wrong_method", "an inbox is read and answered")
    posted = request.method == "POST"
    identifier, offer = _subject(request, posted=posted)
    asker = access.asker(source, identifier, request)
    audit.home = subjects.home_of(identifier, catalogue.identity, outside.secret()) or ""
    if posted:
        return _answer(request, outside, audit, asker, offer)
    audit.section = "inbox"
    record = _find(audit.home, outside)
    found = listed(record, asker, request.query, catalogue=catalogue, now=request.received_at)
    return answers.document(found)


def _subject(request: Request, *, posted: bool) -> tuple[str, str]:
    """Return the identifier in the path, and the offer's id where something is answered."""
    path = request.path
    identifier, offer = unquote(path.removeprefix(f"{PREFIX}/")), ""
    if posted:
        identifier, offer = subjects.in_path(path, PREFIX) or ("", "")
    if not identifier or not path.startswith(f"{PREFIX}/"):
        raise Rejected(
            "unknown_route",
            f"expected {PREFIX}/<namespace>:<value>, and the id of an offer to answer it",
        )
    return identifier, offer


def _find(home: str, outside: Outside) -> Record | None:
    return find(home, outside.portraits) if home else None


def _answer(
    request: Request, outside: Outside, audit: Audit, asker: access.Asker, id_: str
) -> Answer:
    """Queue an answer that is news, and say so: 202. The same one again is 200 and counts once."""
    catalogue, now = outside.catalogue(), request.received_at
    reply = read_reply(request, asker)
    audit.section = f"inbox.{reply.answer}"
    found = find_offer(
        _find(audit.home, outside), id_, reply.channel, asker, catalogue=catalogue, now=now
    )
    if found is None and audit.home:  # a replica may not have it yet
        record = outside.portraits.follow(audit.home)
        found = find_offer(record, id_, reply.channel, asker, catalogue=catalogue, now=now)
    weight = weigh(found.offer, reply.answer, now) if found else "too_late"
    if found is None or weight == "too_late":
        raise Rejected("not_found", "no such offer waits here")
    if weight == "news":
        outside.send([encode_envelope((event(found, reply, now),))])
    told = answers.document({"id": id_, "answer": reply.answer})
    return told._replace(status=202) if weight == "news" else told
