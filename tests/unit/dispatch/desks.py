"""A desk to send from: real rules and templates; a table, a provider and a clock in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from portrait import identity
from portrait.catalogue import Catalogue
from portrait.changes import decode
from portrait.channels import Outgoing
from portrait.channels.aws import Connection
from portrait.channels.email import EmailChannel
from portrait.channels.webhook import WebhookChannel
from portrait.compiled import Policy, Template
from portrait.composer import Composer
from portrait.dispatch import Desk
from portrait.faults import Conflict
from portrait.message import Message
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import reach
from portrait.strand import Consent, Contact, Trait
from portrait.tickets import Tickets
from portrait.waiting import Waiting
from tests.unit.dispatch.breakers import InMemoryEndpoints

SECRET = b"a secret of this test world"
NOW = 1_763_726_400_000  # 2025-11-21 12:00 UTC
UNSUBSCRIBE = "https://api.example.se/unsubscribe/" + "t" * 103
HOME = identity.home(SECRET, "email", "anna@example.se")

WELCOME = Template(
    "welcome", 1, "email",
    subject="Hej {{ customer.first_name | default: 'there' }}",
    text="Welcome! {{ unsubscribe_url }}",
    html='<p>Welcome!</p><a href="{{ unsubscribe_url }}">stop</a>',
)  # fmt: skip
BROKEN = replace(WELCOME, key="broken", text="{{ customer.shoe_size }} {{ unsubscribe_url }}")
NO_WAY_OUT = replace(WELCOME, key="no_way_out", text="Welcome!", html="")
ALERT = Template(
    "alert", 1, "webhook", url="https://hooks.example.com/orders",
    body='{"type": "order.high_value", "total": {{ event.properties.total | json }}}',
)  # fmt: skip
DATED = replace(WELCOME, key="dated", subject="{{ now | date: '%H:%M' }}")
TEMPLATES = {each.key: each for each in (WELCOME, BROKEN, NO_WAY_OUT, DATED, ALERT)}


def a_message(id: str = "a" * 24, **fields: Any) -> Message:
    """Return a welcome mail for the one customer of this world."""
    given = {
        "journey": f"journey-{id}", "home": HOME, "strand": HOME, "campaign": "welcome",
        "version": 1, "step": "0", "channel": "email", "template": "welcome",
        "purpose": "marketing", "arm": "treated", "occurred_at": NOW, "received_at": NOW,
        "expires_at": NOW + 3_600_000,
    }  # fmt: skip
    return Message(id=id, **{**given, **fields})


def a_contact(id: str = "b" * 24, at: int = NOW, state: str = "sent", **fields: Any) -> Contact:
    """Return an earlier message to this customer."""
    return Contact(id, "email", "marketing", "other", at, state)._replace(**fields)


def a_portrait(
    *, traits: dict[str, Any] | None = None, consent: str | None = "granted",
    contacts: Iterable[Contact] = (),
) -> Portrait:  # fmt: skip
    """Return the customer: an address, consent to marketing mail, and what was sent before."""
    portrait = Portrait(HOME)
    strand = portrait.strand(HOME)
    for name, value in {"email": "anna@example.se", **(traits or {})}.items():
        strand.traits[name] = Trait(value, NOW - 1, b"m")
    if consent:
        strand.set_consent("email:marketing", Consent(consent, NOW - 1, "web", b"m"))
    for contact in contacts:
        strand.set_contact(contact)
    return portrait


def an_outgoing(template: Template, **fields: Any) -> Outgoing:
    """Return a message that is on its way to the one customer of this world."""
    known = {
        "customer": {"first_name": "Anna", "email": "anna@example.se"},
        "event": {"name": "Order Completed", "at": NOW, "properties": {}, "traits": {}},
        "campaign": "welcome", "message_id": "a" * 24, "unsubscribe_url": UNSUBSCRIBE,
        "opt_out": template.opt_out, "now": NOW, "time_zone": "Europe/Stockholm",
    }  # fmt: skip
    given = {
        "message_id": "a" * 24, "strand": HOME, "template": template, "values": known,
        "addresses": ("anna@example.se",), "unsubscribe_url": UNSUBSCRIBE, "is_service": False,
        "expires_at": NOW + 3_600_000, "now": NOW,
    }  # fmt: skip
    return Outgoing(**{**given, **fields})


def a_webhook_channel(clock: Callable[[], int], **options: Any) -> WebhookChannel:
    """Return a channel without jitter, whose breakers are its own."""
    given = {"secret": SECRET, "clock": clock, "endpoints": InMemoryEndpoints()}
    return WebhookChannel(**{**given, "draw": lambda: 0.0, **options})


@dataclass
class Recipient:
    """A customer as the policy sees one."""

    arms: dict[str, str] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    traits: dict[str, Any] = field(default_factory=lambda: {"email": "anna@example.se"})
    consents: dict[str, str] = field(default_factory=lambda: {"email:marketing": "granted"})
    is_suppressed: bool = False
    waiting: dict[str, Waiting] = field(default_factory=dict)

    def trait(self, name: str) -> Any:
        return self.traits.get(name)

    def addresses(self, channel: str) -> tuple[str, ...]:
        address = self.address(channel)
        return (address,) if address else ()

    def address(self, channel: str) -> str | None:
        return self.traits.get(channel)

    def consent(self, channel: str, purpose: str) -> str | None:
        return self.consents.get(f"{channel}:{purpose}")

    def suppressed(self, channel: str) -> bool:
        return self.is_suppressed


class Clock:
    """Time that moves when it is told to."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now
        self.pauses: list[int] = []

    def __call__(self) -> int:
        return self.now

    def pause(self, attempt: int) -> None:
        self.pauses.append(attempt)
        self.now += 10


class Table:
    """The portraits table in memory; `before_write` may interfere, as other writers do."""

    def __init__(self, *portraits: Portrait) -> None:
        self.items = {p.home: Record(p.home, 1, p.encode()) for p in portraits}
        self.changes: list[bytes] = []
        self.before_write: Callable[[], None] = lambda: None

    def follow(self, home: str) -> Record | None:
        return reach(home, self.items)

    def write(self, work: Write, *, now: int) -> None:
        self.before_write()
        known = self.items.get(work.root.home)
        if (known.version if known else 0) != work.root.version:
            raise Conflict(work.root.home)
        self.items[work.root.home] = replace(
            work.root, version=work.root.version + 1, state=work.state, due_at=work.wake_at
        )
        if work.changes:
            self.changes.append(work.changes)

    def amend(self, change: Callable[[Portrait], None], home: str = HOME) -> None:
        """Write as somebody else would."""
        record = self.follow(home)
        assert record is not None
        portrait = record.portrait
        change(portrait)
        self.items[record.home] = replace(
            record, version=record.version + 1, state=portrait.encode()
        )

    def contacts(self, home: str = HOME) -> dict[str, str]:
        """Return the state of every contact, by id."""
        record = self.follow(home)
        strands = record.portrait.strands.values() if record else ()
        return {c.id: c.state for strand in strands for c in strand.contacts.values()}

    def waiting(self, home: str = HOME) -> dict[str, Waiting]:
        """Return what waits for the customer, by id."""
        record = self.follow(home)
        strands = record.portrait.strands.values() if record else ()
        return {id_: one for strand in strands for id_, one in strand.waiting.items()}

    def outcomes(self) -> list[tuple[str, str, str, str]]:
        """Return journey, step, state and reason of all that the dialogues were told."""
        told = [one for packed in self.changes for one in decode(packed).outcomes]
        return [(one.journey, one.step, one.state, one.reason) for one in told]


class Ses:
    """The mail provider: it keeps what it was handed, and answers what the test says."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: list[Exception | None] = []

    def send_email(self, **request: Any) -> dict[str, Any]:
        answer = self.answers.pop(0) if self.answers else None
        self.requests.append(request)
        if answer is not None:
            raise answer
        return {"MessageId": f"ses-{len(self.requests)}"}

    def close(self) -> None: ...


class World:
    """One customer and everything that sending to them needs."""

    def __init__(self, portrait: Portrait | None = None, policy: Policy | None = None) -> None:
        self.table = Table(portrait or a_portrait())
        self.clock = Clock()
        self.ses = Ses()
        composer = Composer(
            Catalogue(templates=TEMPLATES, policy=policy or Policy()),
            {
                "email": EmailChannel(Connection(lambda: self.ses), "shop@example.se"),
                "webhook": a_webhook_channel(self.clock, resolver=lambda _host, _port: []),
            },
            SECRET,
            "https://api.example.se",
        )
        tickets = Tickets(self.table, self.clock, self.clock.pause)
        self.desk = Desk(tickets, composer)
