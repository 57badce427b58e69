"""A real shop's sales (Online Retail, UCI 352) as events, and the golden answers about them."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portrait.event import Event

DATA = Path(__file__).parents[3] / "shared" / "data" / "online_retail"
DAY_MS = 86_400_000


def data(*names: str) -> list[Path]:
    """Return files of the data set; skip the test, and say so, where they are not here."""
    paths = [DATA / name for name in names]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"the Online Retail data is not here: {', '.join(missing)}")
    return paths


def instant(text: str) -> int:
    """Return `2011-01-15 00:00:00`, which is UTC, in milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def sales(path: Path) -> list[Event]:
    """Return one event for each minute in which an invoice was written, received when it was.

    Sale lines to known customers only. The lines of 30 of the 18,532 invoices carry two
    different minutes: those are two events, of which the later one does not open the invoice.
    """
    lines: dict[tuple[str, str], list[dict[str, str]]] = {}
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if _is_sale(row):
                lines.setdefault((row["InvoiceNo"], row["InvoiceDate"]), []).append(row)
    opened: set[str] = set()
    events = []
    for (invoice, minute), rows in sorted(lines.items()):
        events.append(_event(invoice, minute, rows, opens=invoice not in opened))
        opened.add(invoice)
    return events


def _is_sale(row: dict[str, str]) -> bool:
    sold = int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0
    return bool(row["CustomerID"]) and not row["InvoiceNo"].startswith("C") and sold


def _event(invoice: str, minute: str, rows: list[dict[str, str]], *, opens: bool) -> Event:
    at = instant(minute)
    products = [
        {
            "sku": row["StockCode"],
            "quantity": int(row["Quantity"]),
            "price": float(row["UnitPrice"]),
        }
        for row in rows
    ]
    revenue = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
    return Event(
        id=f"{invoice}-{minute}",
        source="shop",
        kind="track",
        name="Order Completed",
        identifiers=(("user_id", rows[0]["CustomerID"]),),
        timestamp=at,
        received_at=at,
        properties={
            "order_id": invoice,
            "revenue": str(revenue),
            "opens": opens,
            "products": products,
        },
    )


def golden(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what is true of each customer: counts as int, sums as Decimal, instants in ms."""
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            answer: dict[str, Any] = {"customer_id": row["customer_id"]}
            for column, text in row.items():
                if column.endswith("_at"):
                    answer[column] = instant(text)
                elif column.startswith("spend"):
                    answer[column] = Decimal(text)
                elif column != "customer_id":
                    answer[column] = int(text)
            yield answer
