"""What waits for a customer on a channel: `GET /v1/inbox/<namespace>:<value>?channel=…`."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from portrait import offers
from portrait.catalogue import Catalogue
from portrait.compiled import Policy
from portrait.enrolment import PROGRAMME
from portrait.faults import Rejected
from portrait.inbox.access import Asker
from portrait.operations import iso
from portrait.record import Record
from portrait.view import View
from portrait.waiting import MAX_OFFERS, Offer

LIMIT = 5


def listed(
    record: Record | None, asker: Asker, query: Mapping[str, str], *, catalogue: Catalogue, now: int
) -> dict[str, Any]:
    """Return what a channel may show to a customer: what is worth most first, then the oldest.

    Nobody, somebody unknown and somebody erased have the same empty inbox.

    Args:
        now: UTC milliseconds.

    Raises:
        Rejected: there is no such channel, it is not the asker's, or the limit is none.
    """
    channel, limit = query.get("channel", ""), _limit(query.get("limit", ""))
    asker.check_channel(channel)
    if record is None:
        return {"offers": []}
    view = record.portrait.view(catalogue, now)
    found = _for(view, asker, channel, catalogue.policy)
    return {"offers": [_told(id_, one, asker) for id_, one in islice(found, limit)]}


def _for(view: View, asker: Asker, channel: str, policy: Policy) -> Iterator[tuple[str, Offer]]:
    for id_, one in offers.showing(view.offers, channel, view.now):
        if asker.may_see(one) and is_welcome(one, view, policy):
            yield id_, one


def is_welcome(offer: Offer, view: View, policy: Policy) -> bool:
    """Tell whether nothing became known since it was offered that speaks against showing it.

    That is a control group that the customer turned out to be in, when two became one, and a
    withdrawal. Where people come by themselves, silence is no refusal.
    """
    held_out = view.arms.get(offer.campaign) == "control"
    if held_out or offer.purpose in policy.service_purposes:
        return not held_out
    if view.arms.get(PROGRAMME) == "control":
        return False
    return view.consent("inbox", offer.purpose) != "withdrawn"


def _told(id_: str, offer: Offer, asker: Asker) -> dict[str, Any]:
    inside = {"campaign": offer.campaign, "value": offer.value} if asker.is_ours else {}
    content = offer.content
    if not asker.is_ours:  # a script is for whoever does a task
        content = {name: part for name, part in content.items() if name != "script"}
    return {
        "id": id_,
        "kind": offer.kind,
        **inside,
        "content": content,
        "channels": offer.channels,
        "expires_at": iso(offer.expires_at),
    }


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= MAX_OFFERS:
        return int(text)
    raise Rejected("invalid_limit", f"`limit` must be a whole number from 1 to {MAX_OFFERS}")
