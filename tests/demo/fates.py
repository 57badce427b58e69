"""What may become of a message, by the contact policy of the starters as its document puts it."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.demo.oracle import CONSENT_WORDS, Customer
from tests.demo.starters import NEWSLETTER
from tests.demo.told import Heard

CAP = 3
"""Marketing e-mails to one customer in 7 days; the day is shorter than that."""

SENT = frozenset({"sent"})


class Post(NamedTuple):
    """What a campaign says, at which step, and whether it is the answer to what somebody did."""

    campaign: str
    step: str
    is_service: bool


def fates(
    customer: Customer,
    phase: int,
    said: Sequence[Post],
    causes: Sequence[Heard],
    before: Sequence[frozenset[str]],
    *,
    reserved: bool,
) -> list[frozenset[str]]:
    """Return what may become of the messages of one phase, in the order they are decided.

    Args:
        before: what became of earlier marketing e-mails to this customer.
        reserved: a basket that may yet be abandoned is worth more, and has a place kept for it.
    """
    welcome = [
        frozenset({"sent"}) if post.is_service else _allowed(customer, cause, phase)
        for post, cause in zip(said, causes, strict=True)
    ]
    wanting = [
        "sent" in words for words, post in zip(welcome, said, strict=True) if not post.is_service
    ]
    least = sum(words == SENT for words in before)
    most = sum("sent" in words for words in before)
    return [
        words if post.is_service or "sent" not in words
        else words - SENT | _placed(least, most, sum(wanting), reserved=reserved)
        for post, words in zip(said, welcome, strict=True)
    ]  # fmt: skip


def _placed(least: int, most: int, wanting: int, *, reserved: bool) -> frozenset[str]:
    """Return what becomes of a message that only the cap may be against."""
    if most + wanting + reserved <= CAP:
        return SENT
    if least >= CAP:
        return frozenset({"held:cap"})
    if wanting == 1 and reserved and least == most:
        return frozenset({"waiting:outranked"})
    return SENT | {"held:cap", "waiting:cap", "waiting:outranked"}


def _allowed(customer: Customer, cause: Heard, phase: int) -> frozenset[str]:
    """Return what may become of an e-mail before caps, in the order in which it is decided."""
    if "email" not in customer.traits():
        return frozenset({"held:no_address"})
    closing = {one.phase for one in customer.heard if one.closes_address}
    if any(earlier < phase for earlier in closing):
        return frozenset({"held:suppressed"})
    said = _words(customer, cause, phase)
    words = {"sent" if word == "granted" else "held:no_consent" for word in said}
    return frozenset(words | ({"held:suppressed"} if phase in closing else set()))


def _words(customer: Customer, cause: Heard, phase: int) -> set[str | None]:
    """Return what consent may say when the message is judged.

    That is the last word before the phase ended; where the customer changes their mind within it,
    also what stood right after the cause.
    """
    after = [
        one.order
        for one in customer.heard
        if one.name in CONSENT_WORDS and one.phase == phase and one.order > cause.order
    ]
    earlier = [one.order for one in customer.heard if one.phase < phase]
    since = max([cause.order, *earlier])
    return {customer.consents(until=order).get(NEWSLETTER) for order in (since, *after)}
