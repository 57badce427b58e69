"""Play a real shop's invoices against a running stack, and check orders and spend to the cent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from tests.demo import report
from tests.demo.diary import Post, Said
from tests.demo.invoices import DAY_MS, Invoice, Ledger, Spending, fold
from tests.demo.measure import Found, find
from tests.demo.oracle import home
from tests.demo.play import Player
from tests.demo.quiet import wait_until_quiet
from tests.demo.shop_day import WRITE_KEYS, publish, read_secret
from tests.demo.stack import Stack
from tests.demo.starters import MEANINGS

PER_REQUEST = 20
LANES = 4
CAMPAIGNS = (*(meaning.key for meaning in MEANINGS), "birthday")
LATER_DAYS = (0, 7, 15, 25, 29, 31)
"""Days after the last invoice at which windows are checked too, so that they cut into the data."""


def play_history(stack: Stack, ledger: Ledger) -> list[str]:
    """Play and check the invoices, print the report, and return every difference found.

    The campaigns are paused meanwhile: nobody wants to be thanked for an order of years ago.
    """
    publish(stack, {f"campaign/{key}.status": "paused" for key in CAMPAIGNS})
    player = Player(stack, WRITE_KEYS)
    report.headline(
        f"{len(ledger.invoices):,} invoices of {ledger.lines:,} lines "
        f"({ledger.without_customer:,} lines without a customer and {ledger.not_sold:,} that are "
        "cancelled, returned or free are left out)"
    )
    with report.Progress(stack, "invoices", lambda: len(player.sent)) as progress:
        player.play(_posts(ledger.invoices))
        progress.played()
        wait_until_quiet(stack, due=0)
    found, secret = find(stack), read_secret(stack)
    last = max(invoice.at for invoice in ledger.invoices)
    instants = [last + days * DAY_MS for days in LATER_DAYS]
    differences = [*player.faults, *_balance(ledger, found)]
    for as_of in instants:
        differences += _compare(fold(ledger.invoices, as_of), found, secret, as_of)
    _figures(ledger, found, last)
    customers = len({invoice.customer for invoice in ledger.invoices})
    what = f"orders and spend of {customers:,} customers at {len(instants)} instants"
    report.verdict(what, differences)
    return differences


def _posts(invoices: list[Invoice]) -> list[Post]:
    """Return the invoices as an importer sends them: in batches, some side by side."""
    return [
        Post(0, "import", f"import {start // PER_REQUEST % LANES}",
             [Said(invoice.event()) for invoice in invoices[start : start + PER_REQUEST]])
        for start in range(0, len(invoices), PER_REQUEST)
    ]  # fmt: skip


def _balance(ledger: Ledger, found: Found) -> Iterator[str]:
    counts = (found.applied, found.duplicates, found.quarantined.total())
    if counts != (len(ledger.invoices), 0, 0):
        yield f"{len(ledger.invoices)} invoices were applied, duplicate, quarantined: {counts}"
    if found.journeys or found.emails:
        yield f"paused campaigns were entered {len(found.journeys)} times"


def _compare(
    expected: dict[str, Spending], found: Found, secret: bytes, as_of: int
) -> Iterator[str]:
    for customer, spending in expected.items():
        portrait = found.portraits.get(home(secret, "user_id", customer))
        if portrait is None:
            yield f"customer {customer}: no portrait"
            continue
        view = portrait.view(found.catalogue, as_of)
        names = ("orders_30d", "spend_30d", "orders_ever", "spend_ever")
        for name in names:
            value = view.trait(name)
            if value != getattr(spending, name):
                when = datetime.fromtimestamp(as_of / 1000, UTC)
                yield (
                    f"customer {customer}, {name} as of {when:%Y-%m-%d %H:%M}: expected "
                    f"{getattr(spending, name)}, found {value}"
                )


def _figures(ledger: Ledger, found: Found, last: int) -> None:
    report.headline("what it amounts to")
    totals = fold(ledger.invoices, last).values()
    report.row("applied", found.applied)
    report.row("portraits", len(found.portraits))
    report.row("orders in 30 days", sum(spending.orders_30d for spending in totals))
    spent = sum((spending.spend_ever for spending in totals), Decimal(0))
    report.row("orders ever", sum(s.orders_ever for s in totals), f"{spent:,} spent")
