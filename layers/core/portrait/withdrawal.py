"""Withdrawing consent by a token: once it is answered, no message it covers starts any more."""

from collections.abc import Callable
from typing import Protocol

from portrait import consent
from portrait.record import Record
from portrait.tickets import START_WITHIN_MS
from portrait.unsubscribe import Unsubscription
from portrait.view import View


class Portraits(consent.Portraits, Protocol):
    """Where portraits are kept."""


def withdraw(
    what: Unsubscription,
    portraits: Portraits,
    *,
    clock: Callable[[], int],
    pause: Callable[[int], None],
) -> bool:
    """Withdraw the consent, and wait until every message that was just being sent is through.

    A ticket and a withdrawal are writes of the same item, so one always sees the other. What a
    ticket taken just before may still do is to start sending, for `START_WITHIN_MS` at most.

    Returns:
        Whether anything was written: False where it was withdrawn before, or nobody is there.

    Raises:
        Unavailable: the word could not be written; nothing was promised.
    """
    now = clock()
    written = _is_open(portraits.follow(what.home), what, now) and consent.withdraw(
        what.home,
        f"{what.channel}:{what.purpose}",
        portraits,
        evidence=what.contact.encode(),
        now=now,
        pause=pause,
    )
    attempt = 1
    while clock() - now < START_WITHIN_MS and _is_sending(portraits.follow(what.home), what, now):
        pause(attempt)
        attempt += 1
    return written


def _is_open(record: Record | None, what: Unsubscription, now: int) -> bool:
    if record is None or not record.state:
        return False
    return View(record.portrait, {}, now).consent(what.channel, what.purpose) != "withdrawn"


def _is_sending(record: Record | None, what: Unsubscription, now: int) -> bool:
    if record is None or not record.state:
        return False
    return any(
        contact.state == "claimed"
        and (contact.channel, contact.purpose) == (what.channel, what.purpose)
        and contact.at > now - START_WITHIN_MS
        for contact in View(record.portrait, {}, now).contacts
    )
