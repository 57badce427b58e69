"""Real shops' customers as portraits: every purchase folded as an event into real strands."""

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from portrait.event import Event
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS, Metric
from portrait.portrait import Portrait
from portrait.requirements import metric_for

DATA = Path(__file__).parents[3] / "shared" / "data"
PURCHASE, REFUND = "Order Completed", "Order Refunded"
LEARNING = Learning(
    purchases="Order Completed.revenue",
    returns=("Order Refunded.revenue",),
    items="Order Completed.products.sku:counts",
)
RETAINED = 2 * LEARNING.lookback * DAY_MS
METRICS: dict[str, tuple[Metric, ...]] = {
    PURCHASE: (
        metric_for(PURCHASE, "revenue", RETAINED),
        metric_for(PURCHASE, "products.sku", RETAINED, keeps="counts", exact=True),
    ),
    REFUND: (metric_for(REFUND, "revenue", RETAINED),),
}


@dataclass(frozen=True, slots=True)
class Shop:
    """Customers by their number in order of their names.

    Attributes:
        then: their states as days began on which there were some, by the day and the name.
    """

    portraits: list[Portrait]
    names: list[str]
    then: Mapping[int, Mapping[str, bytes]]

    def as_of(self, day: int) -> list[Portrait]:
        """Return the same customers as that day began, one of those that were asked for."""
        states = self.then[day]
        return [
            Portrait.decode(name, states[name]) if name in states else Portrait(name)
            for name in self.names
        ]


def day(text: str) -> int:
    """Return an ISO date as a day counted from 1970."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


JUDGED = tuple(map(day, ("2011-09-09", "2011-11-09", "2011-11-10")))
"""Days of which it is known what was known of the customers of Online Retail as they began."""

QUIET = JUDGED[1:]
"""A day on which models are trained, and the one after it."""


def cdnow() -> Shop:
    """Return the CDNOW sample: 2,357 customers, what they bought by the day."""
    return _folded(_cdnow_events(DATA / "cdnow" / "CDNOW_sample.txt"))


@cache
def online_retail() -> Shop:
    """Return the customers of Online Retail: sales, with their lines, and cancellations."""
    path = DATA / "online_retail" / "online_retail.csv.gz"
    return _folded(_retail_events(path), JUDGED)


def _folded(events: Iterable[Event], days: Sequence[int] = ()) -> Shop:
    known: dict[str, Portrait] = {}
    then: dict[int, dict[str, bytes]] = {}
    ahead = sorted(days)
    for number, event in enumerate(sorted(events, key=lambda one: one.timestamp)):
        while ahead and event.timestamp >= ahead[0] * DAY_MS:
            then[ahead.pop(0)] = {name: one.encode() for name, one in known.items()}
        name = event.identifiers[0][1]
        portrait = known.setdefault(name, Portrait(name))
        portrait.strand(name).fold(event, number.to_bytes(6, "big"), METRICS)
    names = sorted(known)
    return Shop([known[name] for name in names], names, then)


def _cdnow_events(path: Path) -> Iterator[Event]:
    days: dict[tuple[str, int], float] = {}
    for line in path.read_text().splitlines():
        customer, _, when, _, dollars = line.split()
        at = (date(int(when[:4]), int(when[4:6]), int(when[6:])) - date(1970, 1, 1)).days
        days[customer, at] = days.get((customer, at), 0.0) + float(dollars)
    for (customer, at), amount in days.items():
        yield _event(PURCHASE, customer, at * DAY_MS, {"revenue": round(amount, 2)})


def _retail_events(path: Path) -> Iterator[Event]:
    invoices: dict[tuple[str, str], list[dict[str, str]]] = {}
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["CustomerID"]:
                invoices.setdefault((line["InvoiceNo"], line["InvoiceDate"]), []).append(line)
    for (invoice, minute), lines in invoices.items():
        at = round(datetime.fromisoformat(minute).replace(tzinfo=UTC).timestamp() * 1000)
        refund = invoice.startswith("C")
        sold = [line for line in lines if _is_told(line, refund)]
        if not sold:
            continue
        worth = sum(abs(int(line["Quantity"])) * float(line["UnitPrice"]) for line in sold)
        said: dict[str, Any] = {"revenue": round(worth, 2)}
        if not refund:
            said["products"] = [{"sku": line["StockCode"]} for line in sold]
        yield _event(REFUND if refund else PURCHASE, sold[0]["CustomerID"], at, said)


def _is_told(line: dict[str, str], refund: bool) -> bool:
    sign = -1 if refund else 1
    return sign * int(line["Quantity"]) > 0 and float(line["UnitPrice"]) > 0


def _event(name: str, customer: str, at: int, said: dict[str, Any]) -> Event:
    return Event(
        id=f"{customer}-{at}-{name}",
        source="shop",
        kind="track",
        name=name,
        identifiers=(("user_id", customer),),
        timestamp=at,
        received_at=at,
        properties=said,
    )
