"""A real shop's invoices (Online Retail, UCI 352) as events, and the fold they are checked by."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

COLUMNS = {"InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"}
WANTED = "DATA must be the Online Retail file, online_retail.csv.gz"
DAY_MS = 86_400_000


class BadData(Exception):
    """The file or the limit cannot be used; the text is one sentence that says what to do."""


@dataclass
class Invoice:
    """One purchase: its sale lines together. `at` is when its first line was written."""

    number: str
    customer: str
    at: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    revenue: Decimal = Decimal(0)

    def event(self) -> dict[str, Any]:
        """Return the invoice as a shop's server reports it."""
        properties = {"order_id": self.number, "currency": "GBP", "revenue": float(self.revenue)}
        return {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"invoice-{self.number}",
            "userId": self.customer,
            "timestamp": datetime.fromtimestamp(self.at / 1000, UTC).isoformat(),
            "properties": properties | {"products": self.lines[:20]},
        }


@dataclass
class Ledger:
    """The invoices of a file, and how many of its lines are no sale to a known customer."""

    invoices: list[Invoice]
    lines: int = 0
    without_customer: int = 0
    not_sold: int = 0


def read(path: Path, limit: int | None) -> Ledger:
    """Read the first `limit` lines, all where it is None.

    Only sale lines to known customers count: an invoice number that begins with C is a
    cancellation, a quantity below one a return, and what costs nothing is a gift.

    Raises:
        BadData: there is no such file, or it is another one.
    """
    ledger = Ledger([])
    found: dict[str, Invoice] = {}
    try:
        for row in islice(_rows(path), limit):
            ledger.lines += 1
            _take(row, ledger, found)
    except (OSError, EOFError, ValueError, ArithmeticError, TypeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or f"after line {ledger.lines}: {error}"
        raise BadData(f"cannot read {path} ({reason}): {WANTED}") from error
    ledger.invoices = list(found.values())
    if not ledger.invoices:
        raise BadData(f"the first {ledger.lines} lines of {path} hold no sale: raise LIMIT")
    return ledger


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise BadData(f"{path} has no column {', '.join(sorted(missing))}: {WANTED}")
        yield from reader


def _take(row: dict[str, str], ledger: Ledger, found: dict[str, Invoice]) -> None:
    if not row["CustomerID"]:
        ledger.without_customer += 1
    elif not _is_sale(row):
        ledger.not_sold += 1
    else:
        _add(row, found)


def _is_sale(row: dict[str, str]) -> bool:
    cancelled = row["InvoiceNo"].startswith("C")
    return not cancelled and int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0


def _add(row: dict[str, str], found: dict[str, Invoice]) -> None:
    at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
    invoice = found.setdefault(
        row["InvoiceNo"],
        Invoice(row["InvoiceNo"], row["CustomerID"], round(at.timestamp() * 1000)),
    )
    quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
    invoice.revenue += quantity * price
    invoice.lines.append({"sku": row["StockCode"], "quantity": quantity, "price": float(price)})


@dataclass
class Spending:
    """What one customer bought."""

    orders_30d: int = 0
    spend_30d: Decimal = Decimal(0)
    orders_ever: int = 0
    spend_ever: Decimal = Decimal(0)


def fold(invoices: Iterable[Invoice], as_of: int) -> dict[str, Spending]:
    """Return each customer's transactions and spend as of an instant, in UTC milliseconds.

    A window is (as_of - 30 days, as_of], to the millisecond; sums are exact decimals.
    """
    found: dict[str, Spending] = {}
    for invoice in invoices:
        if invoice.at > as_of:
            continue
        spending = found.setdefault(invoice.customer, Spending())
        spending.orders_ever += 1
        spending.spend_ever += invoice.revenue
        if invoice.at > as_of - 30 * DAY_MS:
            spending.orders_30d += 1
            spending.spend_30d += invoice.revenue
    return found
