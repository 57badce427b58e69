"""What a customer says to an offer: `POST /v1/inbox/<namespace>:<value>/<offer id>`."""

from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import msgspec

from portrait import offers
from portrait.catalogue import Catalogue
from portrait.event import Event
from portrait.faults import Rejected
from portrait.identity import HOME
from portrait.inbox.access import Asker
from portrait.inbox.reading import is_welcome
from portrait.intake.requests import Request
from portrait.metrics import DAY_MS
from portrait.portrait import BORROWED, Portrait
from portrait.record import Record
from portrait.waiting import Offer

SOURCE = "inbox"
MAX_AGENT = 64
ANSWERS = {
    "shown": offers.SHOWN,
    "accept": "Offer Accepted",
    "decline": "Offer Declined",
    "not_now": offers.SNOOZED,
}
"""What is said, and the event that it becomes."""

_STATES = {"accept": "accepted", "decline": "declined"}


class Reply(msgspec.Struct):
    """The body of an answer: what was said, where, and to whom of the company, if to somebody."""

    answer: str
    channel: str
    agent: str = ""


class Found(NamedTuple):
    """An offer that lies in a customer's inbox, and the home that answers to it are filed under."""

    id: str
    offer: Offer
    home: str


def read_reply(request: Request, asker: Asker) -> Reply:
    """Return the answer in a request's body.

    Raises:
        Rejected: it is none, or not the asker's to give.
    """
    try:
        reply = msgspec.json.decode(request.body(), type=Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _malformed() from None
    if len(reply.agent) > MAX_AGENT:
        raise _malformed()
    if reply.answer not in ANSWERS:
        raise Rejected("invalid_answer", f"`answer` must be one of {', '.join(ANSWERS)}")
    asker.check_channel(reply.channel)
    return reply


def _malformed() -> Rejected:
    return Rejected(
        "invalid_body",
        "expected a JSON object with `answer`, `channel`, and perhaps an `agent` of at most "
        f"{MAX_AGENT} characters",
    )


def find_offer(
    record: Record | None, id_: str, channel: str, asker: Asker, *, catalogue: Catalogue, now: int
) -> Found | None:
    """Return the offer of that id, answered or not, if the channel may show it to the customer."""
    if record is None:
        return None
    portrait = record.portrait
    view = portrait.view(catalogue, now)
    one = view.offers.get(id_)
    if one is None or not one.campaign or channel not in one.channels or now >= one.expires_at:
        return None
    if not asker.may_see(one) or not is_welcome(one, view, catalogue.policy):
        return None
    return Found(id_, one, _home(portrait, id_))


def _home(portrait: Portrait, id_: str) -> str:
    lying = (
        key for key, s in portrait.strands.items() if id_ in s.offers and s.offers[id_].campaign
    )
    return next(lying).partition(BORROWED)[0]


def weigh(offer: Offer, answer: str, now: int) -> Literal["news", "known", "too_late"]:
    """Tell what an answer is beside those that were heard: news, the same, or too late."""
    if offer.state != "open":
        same = offer.state == _STATES.get(answer) or answer == "shown"
        return "known" if same else "too_late"
    return "known" if answer == "not_now" and now < offer.hidden_until else "news"


def event(found: Found, reply: Reply, now: int) -> Event:
    """Return the event that the answer is: the same answer to the same offer is the same event."""
    offer = found.offer
    said: dict[str, Any] = {
        "channel": reply.channel,
        "message_id": found.id,
        "campaign": offer.campaign,
        "step": offer.step,
        "kind": offer.kind,
    }
    if reply.agent:
        said["agent"] = reply.agent
    return Event(
        id=_id(found.id, reply.answer, _occasion(offer, reply.answer, now)),
        source=SOURCE,
        kind="track",
        name=ANSWERS[reply.answer],
        identifiers=((HOME, found.home),),
        timestamp=now,
        received_at=now,
        properties=said,
    )


def _occasion(offer: Offer, answer: str, now: int) -> str:
    """Return what tells an answer from the same one given anew, where that may be."""
    occasions = {"shown": now // DAY_MS, "not_now": offer.snoozed_at}
    return str(occasions.get(answer, ""))


def _id(*parts: str) -> str:
    return "offer-" + blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
