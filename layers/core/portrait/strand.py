"""A strand: everything heard about a customer through one identifier, folded in any order."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from portrait import bursts, offers, seen, suppression
from portrait.bursts import Clicked, remembered
from portrait.consents import CONSENT_STATUS, Consent, consent_order, consent_said
from portrait.devices import surroundings
from portrait.dialogue import Dialogue, Entries
from portrait.event import Event, label
from portrait.experiments import Arm
from portrait.faults import Rejected
from portrait.feedback import CHANNEL, FEEDBACK, FOLLOWED, MACHINE, OFFER_ANSWERS
from portrait.metrics import DAY_MS, Metric
from portrait.series import Series, feed
from portrait.waiting import Offer, Waiting

MAX_TRAITS = 200
MAX_NAME = 128
MAX_TRAIT_BYTES = 1024
MAX_TIMELINE = 10
MAX_CONTACTS = 200
MAX_CONSENTS = 64
CONTACT_DAYS = 90
"""A contact outlives every queue and DLQ (14 days each), so that no redrive can send it again."""

CONTACT_STATES = (
    "held", "claimed", "sent", "unknown", "failed",
    "delivered", "opened", "clicked", "replied", "declined", "accepted", "bounced", "complained",
)  # fmt: skip
_RANK = {state: rank for rank, state in enumerate(CONTACT_STATES)}


class Trait(NamedTuple):
    """A value and when it was said; None as a value is a removal that outlives older news."""

    value: Any
    at: int
    message: bytes


class Contact(NamedTuple):
    """One message to this customer and the furthest it is known to have come.

    `reason` says why it was held or failed, or what it had to wait for before it went.
    """

    id: str
    channel: str
    purpose: str
    campaign: str
    at: int
    state: str
    reason: str = ""


class Interaction(NamedTuple):
    """One line of the timeline."""

    at: int
    kind: str
    name: str


class Strand(msgspec.Struct, array_like=True):
    """What one identifier home was told. Instants are UTC milliseconds."""

    events: int = 0
    first_seen: int = 0
    last_seen: int = 0
    traits: dict[str, Trait] = {}
    consents: dict[str, Consent] = {}
    series: dict[str, Series] = {}
    seen: list[tuple[int, bytes]] = []
    timeline: list[Interaction] = []
    contacts: dict[str, Contact] = {}
    arms: dict[str, Arm] = {}
    suppressed: dict[str, int] = {}
    dialogues: dict[str, Dialogue] = {}
    entries: dict[str, Entries] = {}
    waiting: dict[str, Waiting] = {}
    offers: dict[str, Offer] = {}
    clicks: list[Clicked] = []

    def fold(self, event: Event, message: bytes, metrics: Mapping[str, tuple[Metric, ...]]) -> bool:
        """Count the event unless it was counted before; return whether it was new.

        Folding is idempotent and commutative: the same events in any order, any number of times,
        leave the same strand.

        Raises:
            Rejected: `too_old`: received so long before the newest event that nobody can tell any
                more whether it was counted. No queue keeps a message for that long; replays may.
        """
        day = event.received_at // DAY_MS
        if seen.is_forgotten(self.seen, day):
            raise Rejected("too_old", f"received more than {seen.SEEN_DAYS} days before the newest")
        if seen.contains(self.seen, message):
            return False
        seen.add(self.seen, day, message)
        at = event.timestamp
        self.first_seen = min(self.first_seen, at) if self.events else at
        self.last_seen = max(self.last_seen, at)
        self.events += 1
        for name, value in (event.traits | surroundings(event.context)).items():
            self.set_trait(name, Trait(value, at, message))
        if event.kind == "track":
            self._fold_meaning(event, message)
            click = remembered(event.name, event.properties, at)
            if click is not None:
                self.clicks = bursts.newest([*self.clicks, click])
        self._fold_series(event, metrics)
        if event.name not in MACHINE and event.name not in FOLLOWED:
            self._fold_timeline(event)
        return True

    def set_trait(self, name: str, trait: Trait) -> None:
        """Let the newer value stand; what is too long or too much is left out."""
        if not name or len(name) > MAX_NAME or _too_large(trait.value):
            return
        self.traits[name] = newest(self.traits.get(name), trait)
        if len(self.traits) > MAX_TRAITS:
            del self.traits[min(self.traits, key=lambda n: (*self.traits[n][1:], n))]

    def _fold_series(self, event: Event, metrics: Mapping[str, tuple[Metric, ...]]) -> None:
        said = event.traits if event.kind == "identify" else event.properties
        for metric in metrics.get(label(event.kind, event.name), ()):
            if values := metric.values(said):
                feed(self.series, metric, event.timestamp, values)

    def _fold_timeline(self, event: Event) -> None:
        if event.name == offers.SHOWN:  # a screen did that, not the customer
            return
        self.timeline.append(Interaction(event.timestamp, event.kind, event.name[:64]))
        self.timeline.sort(reverse=True)
        del self.timeline[MAX_TIMELINE:]

    def _fold_meaning(self, event: Event, message: bytes) -> None:
        """Read the tracked events that mean something to the product itself."""
        if event.name in CONSENT_STATUS:
            said = consent_said(event, message)
            if said is not None:
                self.set_consent(*said)
        elif event.name in OFFER_ANSWERS:
            self._fold_answer(event)
        elif event.name in FEEDBACK:
            self._fold_feedback(event, FEEDBACK[event.name])

    def _fold_feedback(self, event: Event, state: str) -> None:
        suppression.fold(self.suppressed, event)
        channel = CHANNEL[event.name]
        contact_id = event.properties.get("message_id")
        if isinstance(contact_id, str) and 0 < len(contact_id) <= MAX_NAME:
            self.set_contact(Contact(contact_id, channel, "", "", event.received_at, state))

    def _fold_answer(self, event: Event) -> None:
        id_ = event.properties.get("message_id")
        if isinstance(id_, str) and 0 < len(id_) <= MAX_NAME:
            state = OFFER_ANSWERS[event.name]
            self.set_contact(Contact(id_, "inbox", "", "", event.received_at, state))
            offers.hear(self.offers, id_, event.name, event.timestamp)

    def set_consent(self, key: str, consent: Consent) -> None:
        """Let the newer word stand; a withdrawal wins a tie."""
        known = self.consents.get(key)
        if known is None or consent_order(consent) > consent_order(known):
            self.consents[key] = consent
        if len(self.consents) > MAX_CONSENTS:
            del self.consents[min(self.consents, key=self._consent_worth)]

    def _consent_worth(self, key: str) -> tuple[bool, int, str]:
        consent = self.consents[key]
        return (consent.status != "granted", consent.at, key)

    def set_contact(self, contact: Contact) -> None:
        """Let the later state stand, keep what either side knows, forget the oldest."""
        self.contacts[contact.id] = later(self.contacts.get(contact.id), contact)
        horizon = max(c.at for c in self.contacts.values()) - CONTACT_DAYS * DAY_MS
        for id_ in [c.id for c in self.contacts.values() if c.at < horizon]:
            del self.contacts[id_]
        while len(self.contacts) > MAX_CONTACTS:
            del self.contacts[min(self.contacts, key=self._contact_worth)]

    def _contact_worth(self, id_: str) -> tuple[bool, bool, int, str]:
        # What caps count goes last; feedback about a message that was never ours goes first.
        contact = self.contacts[id_]
        return (contact.state != "held", bool(contact.campaign), contact.at, id_)

    def set_arm(self, campaign: str, arm: Arm) -> None:
        """Record the arm of a campaign; ever held out stays held out."""
        self.arms[campaign] = stricter_arm(self.arms.get(campaign), arm)


def newest(known: Trait | None, news: Trait) -> Trait:
    """Return the trait said last; the message hash breaks a tie."""
    return news if known is None or news[1:] > known[1:] else known


def later(known: Contact | None, news: Contact) -> Contact:
    """Return the contact in its furthest state, with the moment and campaign of the sending.

    Why it came there is said by whoever took it there, and stays when others only tell more of it.
    """
    if known is None:
        return news
    nearer, furthest = sorted((known, news), key=lambda c: (_RANK[c.state], c.reason))
    reason = furthest.reason or nearer.reason
    sending = max(known, news, key=lambda c: (bool(c.campaign), -c.at, c.id, c.purpose, c.channel))
    return sending._replace(state=furthest.state, reason=reason)


def stricter_arm(*arms: Arm | None) -> Arm:
    """Return `control` if any is, else `treated`."""
    return "control" if "control" in arms else "treated"


def _too_large(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > MAX_TRAIT_BYTES
    return isinstance(value, dict | list) and len(msgspec.msgpack.encode(value)) > MAX_TRAIT_BYTES
