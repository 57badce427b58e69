"""Hearing: dialogues learn what became of a message in the very write that records it."""

from dataclasses import replace

from portrait.catalogue import Catalogue
from portrait.conversation import converse
from portrait.record import Record, Write
from portrait.stimulus import Stimulus
from portrait.tickets import Amendment, Listener


def listener(catalogue: Catalogue) -> Listener:
    """Return what takes the dialogues further when an amendment says what became of a message.

    It is what the journey function would do a moment later: of the two writes, and the message
    between them, one write is left, and no moment at which only one of them is done.
    """

    def listen(record: Record, amendment: Amendment, now: int) -> Write | None:
        said = Stimulus(record.home, now, outcomes=amendment.outcomes)
        after = replace(record, state=amendment.portrait.encode())
        try:
            found = converse(after, [said], catalogue, now, contacts=amendment.contacts)
        except Exception:
            # Whatever a dialogue brings out, such as definitions that are newer than ours, must not
            # cost what is known of the message: the journey function hears of it, and of the fault.
            return None
        if found is None:
            return replace(amendment, outcomes=()).write(record)
        portrait, told, due_at = found
        return Write(record, portrait.encode(), told, beyond=record.beyond, due_at=due_at)

    return listen
