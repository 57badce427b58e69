"""Facts: what the product tells the bus, in the past tense and without personal data."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from portrait.campaigns import IMPLICIT
from portrait.changes import Changes
from portrait.crossings import Crossing
from portrait.effects import Emitted, Entered, Noted
from portrait.message import is_of
from portrait.strand import Contact


class Fact(NamedTuple):
    """Something that is now true. Told at least once: `detail["id"]` is what to recognise it by."""

    kind: str
    detail: dict[str, Any]


def entered(effect: Entered, home: str) -> Fact:
    """Return the fact that a customer entered a campaign, in which arm."""
    detail = {
        "id": effect.journey,
        "campaign": effect.campaign,
        "version": effect.version,
        "home": home,
        "arm": effect.arm,
        "at": effect.at,
    }
    return Fact("Campaign Entered", detail)


_NOTED = {
    "branch": "Branch Taken",
    "message": "Message Decided",
    "goal": "Goal Reached",
    "left": "Campaign Left",
}


def is_told(effect: Noted, contacts: Iterable[Contact]) -> bool:
    """Tell whether the fact of one of these contacts, of the same write, says all of it."""
    return effect.what == "message" and any(_is_about(effect, one) for one in contacts)


def _is_about(effect: Noted, contact: Contact) -> bool:
    return contact.state == effect.value and is_of(contact.id, effect.journey)


def noted(effect: Noted, home: str) -> Fact:
    """Return the fact that something became of a customer in a campaign."""
    detail = {
        "id": f"{effect.journey}:{effect.what}:{effect.step}",
        "campaign": effect.campaign,
        "home": home,
        "arm": effect.arm,
        "at": effect.at,
        "step": effect.step,
        "value": effect.value,
        "reason": effect.reason,
    }
    return Fact(_NOTED[effect.what], detail)


def emitted(effect: Emitted, home: str) -> Fact:
    """Return the fact that a step told."""
    told = {"id": effect.id, "campaign": effect.campaign, "home": home, "at": effect.at}
    return Fact(effect.fact, {**effect.detail, **told})


def happened(home: str, changes: Changes) -> list[Fact]:
    """Return the facts that a write of the portrait at `home` made true."""
    merged = [
        Fact(
            "Portraits Merged",
            {"id": f"{m.cause}:{m.absorbed}", "home": home, "absorbed": m.absorbed, "at": m.at},
        )
        for m in changes.merges
    ]
    contacted = [
        Fact(
            f"Message {contact.state.capitalize()}",
            {
                "id": f"{contact.id}:{contact.state}",
                "message": contact.id,
                "home": home,
                "campaign": contact.campaign,
                "channel": contact.channel,
                "step": _step(contact, changes),
                "reason": contact.reason,
                "at": contact.at,
            },
        )
        for contact in changes.contacts
    ]
    refused = [
        Fact(
            "Identifier Refused",
            {
                "id": f"{r.cause}:{r.identifier}",
                "home": home,
                "identifier": r.identifier,
                "reason": r.kind,
                "at": r.at,
            },
        )
        for r in changes.refused
    ]
    crossed = [
        _crossed(home, each) for each in changes.segments if not each.segment.startswith(IMPLICIT)
    ]
    return merged + refused + contacted + crossed


def _step(contact: Contact, changes: Changes) -> str:
    """Return the step that asked for the message, where the write says so."""
    noted = (each for each in changes.effects if isinstance(each, Noted) and each.what == "message")
    return next((each.step for each in noted if _is_about(each, contact)), "")


def _crossed(home: str, crossing: Crossing) -> Fact:
    word = "entered" if crossing.entered else "left"
    detail = {
        "id": f"{home}:{crossing.segment}:{word}:{crossing.at}",
        "home": home,
        "segment": crossing.segment,
        "at": crossing.at,
        "since": crossing.since,
    }
    return Fact(f"Segment {word.capitalize()}", detail)
