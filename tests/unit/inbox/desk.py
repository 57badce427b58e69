"""A customer with an inbox: real dispatch, folding and requests; table and queue in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portrait.catalogue import Catalogue
from portrait.changes import Changes, decode
from portrait.composer import Composer
from portrait.dispatch import Desk, Fate, send_message
from portrait.event import Event, decode_envelope
from portrait.fold import Rules
from portrait.identity import home
from portrait.inbox.outside import Outside
from portrait.inbox.routes import respond
from portrait.intake.answers import Answer
from portrait.message import Message
from portrait.profile import apply, sight
from portrait.record import Write
from portrait.tickets import Tickets
from portrait.view import View
from tests.unit.core.worlds import NOON, SECRET, an_event, play
from tests.unit.lookup.desk import DOCUMENTS, Counted, a_request, basic

WEB, APP = basic("key-of-web"), basic("key-of-app")
ANNA = {"user_id": "u1", "email": "anna@mail.example", "anonymous_id": "c1"}
HOME = home(SECRET, "user_id", "u1")
DAY = 86_400_000
OFFER = "0123456789abcdef01234567"
POLICY = {
    "kind": "policy", "key": "default", "control": 0.0, "seed": "s", "caps": [],
    "service_purposes": ["service"],
}  # fmt: skip


def a_template(key: str = "coffee", **fields: Any) -> dict[str, Any]:
    """Return a canonical template of the inbox."""
    return {
        "kind": "template", "key": key, "channel": "inbox", "snooze": "1d",
        "title": "Coffee for {{ customer.first_name | default: 'you' }}", "text": "A free cup.",
        **fields,
    }  # fmt: skip


TASK = a_template("call", title="Call back", script="Ask how the machine works.")
CATALOGUE = Catalogue.compile([*DOCUMENTS, POLICY, a_template(), TASK])


def a_message(id: str = OFFER, **fields: Any) -> Message:
    """Return an offer to the one customer of this world, for every channel, for two weeks."""
    given = {
        "journey": f"journey-{id}", "home": HOME, "strand": HOME, "campaign": "winback",
        "version": 1, "step": "coffee", "channel": "inbox", "template": "coffee",
        "purpose": "marketing", "arm": "treated", "occurred_at": NOON, "received_at": NOON,
        "expires_at": NOON + 14 * DAY, "pull": ("web", "app", "till"),
    }  # fmt: skip
    return Message(id=id, **{**given, **fields})


class Table(Counted):
    """The table, how often it was read, and what its writes told the world."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Changes] = []

    def write(self, work: Write, *, now: int) -> None:
        super().write(work, now=now)
        self.told += [decode(part.changes) for part in work.parts if part.changes]


@dataclass
class World:
    """Anna, known by three identifiers, and everything that an inbox needs."""

    catalogue: Catalogue = CATALOGUE
    now: int = NOON
    table: Table = field(default_factory=Table)
    queue: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        play([an_event("i", kind="identify", name="", who=ANNA)], self.table)

    def offer(self, message: Message | None = None, **fields: Any) -> Fate:
        """Let dispatch handle an offer."""
        composer = Composer(self.catalogue, {}, SECRET, "")
        tickets = Tickets(self.table, lambda: self.now, lambda _: None)
        return send_message(message or a_message(**fields), Desk(tickets, composer))

    def ask(self, path: str = "user_id:u1", query: str = "channel=till", **request: Any) -> Answer:
        """Return the answer to a request."""
        asked = a_request(f"/v1/inbox/{path}", query, **request)
        asked.received_at = self.now
        outside = Outside(lambda: self.catalogue, lambda: SECRET, self.table, self._send)
        return respond(asked, outside)

    def _send(self, bodies: Sequence[str]) -> None:
        self.queue += bodies

    def waiting(self, channel: str = "till", who: str = "user_id:u1", **request: Any) -> list[str]:
        """Return the ids of what waits on a channel, in order."""
        answer = self.ask(who, f"channel={channel}&limit=20", **request)
        assert answer.status == 200, answer.body
        return [one["id"] for one in json.loads(answer.body)["offers"]]

    def say(
        self, answer: str, channel: str = "till", id: str = OFFER, who: str = "user_id:u1",
        **request: Any,
    ) -> int:  # fmt: skip
        """Answer an offer; return the status."""
        body = json.dumps({"answer": answer, "channel": channel})
        return self.ask(f"{who}/{id}", "", method="POST", body=body, **request).status

    def events(self) -> list[Event]:
        return [event for body in self.queue for event in decode_envelope(body)]

    def fold(self) -> int:
        """Apply everything that is queued; return how much of it was new."""
        found, self.queue = self.events(), []
        return self.hear(*found)

    def hear(self, *events: Event) -> int:
        """Apply events as the profile function does; return how many were new."""
        rules = Rules(self.catalogue.metrics, self.catalogue.interests)
        sightings = sight(list(events), SECRET)
        done = apply(sightings, self.table, rules=rules, now=self.now, pause=lambda _: None)
        assert not done.failed
        return len(done.applied)

    @property
    def view(self) -> View:
        record = self.table.follow(HOME)
        assert record is not None
        return record.portrait.view(self.catalogue, self.now)

    @property
    def contact(self) -> str:
        """How far the offer has come."""
        return next(one.state for one in self.view.contacts if one.id == OFFER)
