"""Withdrawing consent by a token: once it is answered, no message it covers starts any more."""

from collections.abc import Callable

from portrait.consents import Consent, consent_key
from portrait.record import Record
from portrait.tickets import START_WITHIN_MS, Amendment, Portraits, Tickets
from portrait.unsubscribe import Unsubscription
from portrait.view import View


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
    Segments that ask about the consent follow within seconds: to withdraw, no definition is read
    that could stand in the way.

    Returns:
        Whether anything was written: False where nobody is there, or a later withdrawal stands.

    Raises:
        Unavailable: the word could not be written; nothing was promised.
    """
    now = clock()
    said = Consent("withdrawn", now, "unsubscribe", what.contact.encode())

    def change(record: Record | None) -> Amendment | None:
        if record is None or not _is_open(record, what, now):
            return None
        portrait = record.portrait
        portrait.strand(what.home).set_consent(consent_key(what.channel, what.purpose), said)
        return Amendment(portrait, due_at=now)

    written = Tickets(portraits, clock, pause).amend(what.home, change) is not None
    attempt = 1
    while clock() - now < START_WITHIN_MS and _is_sending(portraits.follow(what.home), what, now):
        pause(attempt)
        attempt += 1
    return written


def _is_open(record: Record, what: Unsubscription, now: int) -> bool:
    """Tell whether this word would be the latest.

    An earlier withdrawal is no reason to drop it: a yes given between the two may still be on its
    way, and must not be the later word when it arrives.
    """
    if not record.state:
        return False
    standing = View(record.portrait, {}, now).word(what.channel, what.purpose)
    return standing is None or standing.status != "withdrawn" or standing.at < now


def _is_sending(record: Record | None, what: Unsubscription, now: int) -> bool:
    if record is None or not record.state:
        return False
    return any(
        contact.state == "claimed"
        and (contact.channel, contact.purpose) == (what.channel, what.purpose)
        and contact.at > now - START_WITHIN_MS
        for contact in View(record.portrait, {}, now).contacts
    )
