"""The stores against the oracle: every difference, in plain words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portrait.portrait import Portrait
from portrait.view import View
from tests.demo.expectations import Basket, Entry, play
from tests.demo.hearing import hear
from tests.demo.measure import Found
from tests.demo.oracle import Customer, customers, once
from tests.demo.starters import NEWSLETTER
from tests.demo.told import Heard, Sent, Unheard, milliseconds

TRANSIT_MS = 60_000
"""How far an instant may lie from the oracle's, which does not know how long a request took."""

FEEDBACK_STATES = (
    ("Email Complaint", "complained"), ("Email Bounce", "bounced"), ("Email Click", "clicked"),
    ("Email Open", "opened"), ("Email Delivery", "delivered"),
)  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What the input amounts to."""

    accepted: int
    heard: list[Heard]
    duplicates: int
    quarantined: Counter[str]
    customers: list[Customer]
    entries: list[Entry]
    baskets: Mapping[str, Basket]

    @property
    def notes(self) -> int:
        """Return how much the dossiers say in the end, at the least."""
        return sum(entry.notes for entry in self.entries)


def expect(sent: Sequence[Sent], secret: bytes) -> Expected:
    """Fold everything that was sent."""
    told = [hear(one) for one in sorted(sent, key=lambda one: one.order)]
    heard = [one for one in told if isinstance(one, Heard)]
    unique = once(heard)
    duplicates = sum(one.counts for one in heard) - sum(one.counts for one in unique)
    day = play(unique, secret)
    return Expected(
        accepted=sum(one.events for one in unique) + duplicates + len(told) - len(heard),
        heard=unique,
        duplicates=duplicates,
        quarantined=Counter(one.reason for one in told if isinstance(one, Unheard)),
        customers=customers(unique, secret),
        entries=[entry for some in day.entries.values() for entry in some],
        baskets=day.baskets,
    )


def balance(expected: Expected, found: Found) -> Iterator[str]:
    """Yield what is wrong with the sums: accepted = applied + duplicate + quarantined."""
    applied = sum(one.events for one in expected.heard)
    yield from _differs("events applied", applied, found.applied)
    yield from _differs("events that came twice", expected.duplicates, found.duplicates)
    for reason in sorted(expected.quarantined | found.quarantined):
        name = f"events quarantined as {reason}"
        yield from _differs(name, expected.quarantined[reason], found.quarantined[reason])


def portraits(expected: Expected, found: Found, now: int) -> Iterator[str]:
    """Yield what is wrong with the portraits: who is whom, and what is known of each."""
    roots = {customer.root: customer for customer in expected.customers}
    for home in sorted(found.portraits.keys() - roots.keys()):
        yield f"portrait {home}: nobody lives there by the oracle"
    for root, customer in roots.items():
        portrait = found.portraits.get(root)
        if portrait is None:
            yield f"{customer.name}: no portrait at {root}"
            continue
        astray = [home for home in customer.homes if found.root(home) != root]
        if astray:
            yield f"{customer.name}: {len(astray)} identifiers do not lead to the portrait"
        for wrong in _portrait(customer, portrait, found, now):
            yield f"{customer.name}: {wrong}"


def _portrait(customer: Customer, portrait: Portrait, found: Found, now: int) -> Iterator[str]:
    view = portrait.view(found.catalogue, now)
    events = sum(strand.events for strand in portrait.strands.values())
    yield from _differs("events counted", customer.events, events)
    yield from _differs("traits", customer.traits(), _stored_traits(view, found))
    for channel, purpose in {NEWSLETTER, *customer.consents()}:
        word = customer.consents().get((channel, purpose))
        yield from _differs(f"consent to {purpose}", word, view.consent(channel, purpose))
    for name, value in computed(customer, now).items():
        yield from _differs(name, value, view.trait(name))
    for name, at in instants(customer).items():
        text = view.trait(name)
        if abs((milliseconds(text) if text else 0) - (at or 0)) > TRANSIT_MS:
            yield f"{name} is {text}, not within a minute of {at}"
    closed = any(one.closes_address for one in customer.heard)
    yield from _differs("address closed", closed, view.suppressed("email"))
    states = {contact.id: contact.state for contact in view.contacts}
    for contact, state in contact_states(customer).items():
        yield from _differs("state of a message", state, states.get(contact))


def _stored_traits(view: View, found: Found) -> dict[str, Any]:
    return {n: v for n, v in view.traits().items() if n not in found.catalogue.traits}


def computed(customer: Customer, now: int) -> dict[str, Any]:
    """Return the starters' computed traits, by what their descriptions say."""
    return {
        "orders_30d": int(customer.total("Order Completed", None, now=now, days=30)),
        "spend_30d": customer.total("Order Completed", "revenue", now=now, days=30),
        "orders_ever": int(customer.total("Order Completed", None, now=now, days=None)),
        "spend_ever": customer.total("Order Completed", "revenue", now=now, days=None),
        "product_views_7d": int(customer.total("Product Viewed", None, now=now, days=7)),
        "last_product_viewed": customer.last("Product Viewed", "product_id"),
    }


def instants(customer: Customer) -> dict[str, int | None]:
    """Return when the first and the last order were, by the traits' names."""
    orders = [at for at, _ in customer.amounts("Order Completed")]
    return {
        "first_order_at": min(orders, default=None),
        "last_order_at": max(orders, default=None),
    }


def contact_states(customer: Customer) -> dict[str, str]:
    """Return the furthest state that feedback told of each message."""
    states: dict[str, str] = {}
    for event, state in FEEDBACK_STATES:
        for one in customer.heard:
            if one.name == event:
                states.setdefault(one.properties["contact"], state)
    return states


def _differs(name: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{name}: expected {_short(expected)}, found {_short(found)}"


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_short(v)}" for k, v in sorted(value.items())) + "}"
    return str(value) if isinstance(value, Decimal) else repr(value)
