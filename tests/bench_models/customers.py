"""Customers of a shop that never was, as portraits: every event folded into real strands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.churn import features as churn
from models.churn.train import train as train_churn
from models.in_force import in_force
from models.tables import Gathering
from models.trained import Trained
from models.value import features as value
from models.value.train import train as train_value
from models.windows import cut_offs, horizon_of
from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.event import Event
from portrait.identity import home
from portrait.learning.behaviour import purchase_days
from portrait.learning.learning import Learning
from portrait.learning.registry import Model
from portrait.learning.scoring import InForce
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.seen import message_hash
from tests.models.worlds import Log, world

FIRST = 19_800
"""The day on which the shop opened, counted from 1970."""
SECRET, SEED = b"a secret of the bench", 11
QUARTER = 90

Lives = Mapping[str, Sequence[Event]]
"""What each customer did, by their home, in order."""


def starters() -> Catalogue:
    """Return all starter documents, as a company has them that changed none."""
    documents = [canonical(draft.definition) for draft in read_folder(STARTERS)]
    return Catalogue.compile([{**each, "version": 1} for each in documents])


def lives(customers: int) -> Lives:
    """Return two years of purchases, with a look at the item before, returns and letters read."""
    happened = world(SEED, customers)
    events: dict[str, list[Event]] = defaultdict(list)
    for name, log in (
        ("Product Viewed", happened.purchases), ("Order Completed", happened.purchases),
        ("Order Refunded", happened.returns), ("Email Opened", happened.opened),
    ):  # fmt: skip
        for event in _events(name, log):
            events[event.identifiers[0][1]].append(event)
    return {
        home(SECRET, "user_id", user): sorted(told, key=lambda one: one.timestamp)
        for user, told in events.items()
    }


def _events(name: str, log: Log) -> Iterable[Event]:
    columns = (log.customers, log.days, log.amounts, log.items)
    for number, (who, day, amount, item) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        at = (FIRST + day) * DAY_MS + (number * 7919) % DAY_MS
        product = {"product_id": f"P-{item}", "name": f"Item {item}"}
        said = {"revenue": amount, "total": amount, "products": [product], **product}
        yield Event(
            id=f"{name}-{number}", source="shop", kind="track", name=name, timestamp=at,
            received_at=at, identifiers=(("user_id", f"u{who}"),), properties=said,
        )  # fmt: skip


def fold(portrait: Portrait, events: Iterable[Event], catalogue: Catalogue) -> None:
    """Count the events in the customer's strand."""
    for event in events:
        message = message_hash(SECRET, event.source, event.id)
        portrait.strand(portrait.home).fold(event, message, catalogue.metrics)


def learned(portraits: Sequence[Portrait], learning: Learning, today: int) -> dict[str, Trained]:
    """Return what is learned from the customers on a day."""
    bought = [[one.day for one in purchase_days(each, learning, today)] for each in portraits]
    first = min(days[0] for days in bought if days)
    horizon = horizon_of(bought, today=today)
    near, quarter = (
        Gathering(churn.names(learning)),
        Gathering(value.names(learning), len(value.OUTCOMES)),
    )
    for number, portrait in enumerate(portraits):
        cuts = cut_offs(today, horizon, first=first)
        for cut, row, outcome in churn.examples(portrait, learning, cuts, horizon):
            near.add(row, outcome, cut=cut, customer=number)
        cuts = cut_offs(today, QUARTER, first=first)
        for cut, row, outcome in value.examples(portrait, learning, cuts, QUARTER, today):
            quarter.add(row, outcome, cut=cut, customer=number)
    return {
        "churn": train_churn(near.table(horizon), seed=SEED),
        "value": train_value(quarter.table(QUARTER), seed=SEED),
    }


def acting(exports: Mapping[str, Mapping[str, Any]], learning: Learning) -> list[InForce]:
    """Return the models as they score."""
    return [
        in_force(name, Model("20261128T020000-0a1b2c3d", dict(one), {}, {}), learning)
        for name, one in exports.items()
    ]
