"""What was said to a customer, what waits to be said and why, and where they are in campaigns."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from portrait.lookup.paging import page
from portrait.lookup.person import Person, moment
from portrait.lookup.questions import Question
from portrait.operations import iso
from portrait.strand import Contact
from portrait.verdicts import SENTENCES
from portrait.waiting import Waiting

_SENTENCES: Mapping[str, str] = {
    **{str(reason): said for reason, said in SENTENCES.items()},
    "left": "The customer had left the campaign, or reached its goal, before it could go.",
    "lease_expired": "Sending it was begun and never ended, so nobody knows whether it went.",
}


def messages(person: Person, question: Question) -> dict[str, Any]:
    """Return the messages to the customer, newest first, and why each waited, went or did not.

    `include` are channels.
    """
    rows: Iterator[tuple[tuple[Any, ...], dict[str, Any]]] = (
        (("messages", -one.at, one.id), _contact(one))
        for one in person.view.contacts
        if one.campaign and question.asks_for(one.channel)
    )
    waiting = (
        (("messages", -one.since, id_), _waiting(id_, one))
        for id_, one in person.view.waiting.items()
        if question.asks_for(one.channel)
    )
    form = tuple[Literal["messages"], int, str]
    found = page((*rows, *waiting), form, limit=question.limit, after=question.after)
    return {"data": found.items, "cursor": found.cursor}


def dialogues(person: Person, question: Question) -> dict[str, Any]:
    """Return where the customer is in campaigns, the latest first; `include` are campaigns."""
    rows = (
        (
            ("dialogues", -one.occurred_at, journey),
            {
                "id": journey,
                "campaign": one.campaign,
                "version": one.version,
                "arm": one.arm,
                "state": one.state,
                "step": one.step or None,
                "entered_at": moment(one.entered_at or None),
                "due_at": moment(one.due_at or None),
                "goal_at": moment(one.goal_at or None),
                "left_at": moment(one.ended_at or None),
                "reason": one.reason or None,
            },
        )
        for journey, one in person.view.dialogues.items()
        if question.asks_for(one.campaign)
    )
    form = tuple[Literal["dialogues"], int, str]
    found = page(rows, form, limit=question.limit, after=question.after)
    return {"data": found.items, "cursor": found.cursor}


Section = Callable[[Person, Question], dict[str, Any]]

CONTACT_SECTIONS: Mapping[str, Section] = {"messages": messages, "dialogues": dialogues}


def _contact(one: Contact) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "purpose": one.purpose,
        "campaign": one.campaign,
        "state": one.state,
        "at": iso(one.at),
        "reason": one.reason or None,
        "because": _SENTENCES.get(one.reason),
    }


def _waiting(id_: str, one: Waiting) -> dict[str, Any]:
    return {
        "id": id_,
        "channel": one.channel,
        "purpose": one.purpose,
        "campaign": one.campaign,
        "state": "waiting",
        "at": iso(one.since),
        "until": moment(one.not_before or None),
        "expires_at": iso(one.expires_at),
        "reason": one.reason,
        "because": _SENTENCES.get(one.reason),
    }
