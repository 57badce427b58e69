"""Offers that wait in a customer's inbox: put there, answered on any channel, and forgotten."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from portrait.metrics import DAY_MS
from portrait.waiting import MAX_OFFERS, Offer, OfferState

if TYPE_CHECKING:
    from portrait.portrait import Portrait
    from portrait.strand import Strand

SHOWN, SNOOZED = "Offer Shown", "Offer Snoozed"
_FINAL: Mapping[str, OfferState] = {"Offer Accepted": "accepted", "Offer Declined": "declined"}

_RANK: Mapping[OfferState, int] = {"open": 0, "declined": 1, "accepted": 2}
"""Of two channels that were told different things, the yes stands: something was given for it."""

ANSWERED_DAYS = 14
"""How long it is remembered that an offer was answered, so that nobody shows or answers it anew."""


def hear(offers: dict[str, Offer], id_: str, name: str, at: int) -> None:
    """Take an answer up among the offers of the strand that heard it.

    It may have been heard elsewhere than the offer lies, or before or after other answers: neither
    leaves a trace. That something was shown says nothing about what is to be shown.

    Args:
        name: of the event that says it.
        at: when they said it (UTC ms).
    """
    state = _FINAL.get(name, "open")
    if name == SNOOZED:
        said = _ANSWER._replace(snoozed_at=at)
    elif state != "open":
        said = _ANSWER._replace(state=state, answered_at=at)
    else:
        return
    offers[id_] = _both(offers.get(id_), said)
    alone = [known for known, one in offers.items() if not one.campaign]
    while len(alone) > MAX_OFFERS:
        oldest = min(alone, key=lambda known: (_said_at(offers[known]), known))
        alone.remove(oldest)
        del offers[oldest]


_ANSWER = Offer("", "", "", "offer", (), "", 0.0, 0, 0, {})


def together(strands: Iterable["Strand"]) -> dict[str, Offer]:
    """Return the offers of a customer by id, each with whatever was said about it anywhere."""
    known: dict[str, Offer] = {}
    for strand in strands:
        for id_, one in strand.offers.items():
            known[id_] = _both(known.get(id_), one)
    return known


def _both(known: Offer | None, news: Offer) -> Offer:
    if known is None:
        return news
    made = max(known, news, key=lambda one: (bool(one.campaign), -one.at))
    said = max(known, news, key=lambda one: (_RANK[one.state], -one.answered_at))
    return made._replace(
        state=said.state,
        answered_at=said.answered_at,
        snoozed_at=max(known.snoozed_at, news.snoozed_at),
    )


def place(portrait: "Portrait", strand: str, id_: str, offer: Offer, now: int) -> bool:
    """Put an offer into the customer's inbox; return whether it has a place there.

    There are `MAX_OFFERS` of them. When more want in, the answered ones go first, then the least
    valuable, then the oldest.

    Args:
        strand: key of the strand that the offer's dialogue hangs at.
        now: UTC milliseconds.
    """
    forget(portrait, now)
    mine = portrait.strand(strand).offers
    mine[id_] = _both(mine.get(id_), offer)
    known = together(portrait.strands.values())
    lying = sorted(
        (id_ for id_, one in known.items() if one.campaign),
        key=lambda id_: (known[id_].state == "open", known[id_].value, known[id_].at, id_),
    )
    gone = lying[: max(0, len(lying) - MAX_OFFERS)]
    _take_out(portrait, gone)
    return id_ not in gone


def forget(portrait: "Portrait", now: int) -> None:
    """Take out what has expired, and answers that are old enough (`now` in UTC ms)."""
    known = together(portrait.strands.values())
    _take_out(portrait, [id_ for id_, one in known.items() if now >= _kept_until(one)])


def withdraw(portrait: "Portrait", journey: str) -> bool:
    """Take out what a dialogue has on offer and nobody has answered; return whether it had any."""
    known = together(portrait.strands.values())
    open_ = [i for i, one in known.items() if one.journey == journey and one.state == "open"]
    _take_out(portrait, open_)
    return bool(open_)


def _take_out(portrait: "Portrait", ids: Iterable[str]) -> None:
    for id_ in ids:
        for strand in portrait.strands.values():
            strand.offers.pop(id_, None)


def _kept_until(offer: Offer) -> int:
    if offer.campaign and offer.state == "open":
        return offer.expires_at
    return _said_at(offer) + ANSWERED_DAYS * DAY_MS


def _said_at(offer: Offer) -> int:
    return max(offer.answered_at, offer.snoozed_at)


def showing(offers: Mapping[str, Offer], channel: str, now: int) -> Iterator[tuple[str, Offer]]:
    """Yield what a channel may show at `now` (UTC ms): the most valuable first, then the oldest."""
    ranked = sorted(offers.items(), key=lambda item: (-item[1].value, item[1].at, item[0]))
    for id_, one in ranked:
        if is_waiting(one, channel, now) and one.hidden_until <= now:
            yield id_, one


def is_waiting(offer: Offer, channel: str, now: int) -> bool:
    """Tell whether a channel may still take an answer to it, be it hidden or not."""
    return offer.state == "open" and channel in offer.channels and now < offer.expires_at
