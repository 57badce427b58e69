"""What it costs to fan a calendar campaign out over the customers: `python -m tests.bench.fan_out`.

The tables hold as many portraits as are asked for, each a copy of one of a few hundred that lived
through a past of two months; the handler is the real one.
"""

import argparse
import sys
import time
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from tests.bench.aws.capacity import item_size, write_units
from tests.bench.aws.cloud import Cloud
from tests.bench.aws.ledger import Ledger
from tests.bench.aws.wire import connected
from tests.bench.meter import Log, logged
from tests.bench.pipeline import Pipeline, handlers
from tests.bench.prices import dollars
from tests.bench.shop import Handler, account, forget_definitions, open_shop, record, settle
from tests.bench.tables import Cell, paragraph, table

CUSTOMERS = 100_000
"""For how many the figures are; they are measured on fewer, as pages are alike."""

MEASURED = 20_000
KINDS = 400
"""Different portraits that the others are copies of."""

ZONE = "Europe/Stockholm"
"""Where all of them live, as their browsers say."""

CAMPAIGNS: Mapping[str, Any] = {
    "nobody": {"trait": "loyaltyTier", "equals": "platinum"},
    "one in five": {"trait": "loyaltyTier", "equals": "gold"},
    "everybody": None,
}
PASSES = {
    "a zone of the company": 1,
    "customers in 3 hours of the day": 3,
    "all over the world": 38,
}
"""Instants at which a local minute comes, by who the customers are. Source: tzdata 2026 has 38."""

SIZES = (100_000, 10_000_000)


@dataclass
class Pass:
    """What one pass over the table took, and the processor seconds and bytes of its pages."""

    customers: int
    items: int
    entered: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    pages: list[float] = field(default_factory=list)
    peak: int = 0

    def per(self, customers: int) -> float:
        return customers / self.customers


def fan_out(handler: Handler, where: Any, customers: int, log: Log, *, weigh: bool = False) -> Pass:
    """Let one campaign fan out over so many customers, from the tick to the last page.

    Args:
        weigh: trace the memory of the pages too, which makes them several times slower.
    """
    cloud = account()
    with connected(cloud):
        _fill(cloud, customers)
        _remember()
        _publish(where)
        items = len(cloud.dynamodb.tables["portraits"].items)
        done = Pass(customers, items)
        pipeline = Pipeline(cloud, log, {"calendar": handler})
        cloud.ledgers.clear()
        pipeline.invoke("calendar", TICK)
        while messages := cloud.queues["pages"]:
            cloud.queues["pages"] = []
            for each in messages:
                if weigh:
                    tracemalloc.start()
                pipeline._poll("calendar", [each])
                event = {"Records": [record(each.body, each.sent_at, id=each.id)]}
                cpu, answer = pipeline.invoke("calendar", event)
                if weigh:
                    done.peak = max(done.peak, tracemalloc.get_traced_memory()[1])
                    tracemalloc.stop()
                if answer["batchItemFailures"]:
                    raise RuntimeError(f"a page failed; it logged {log.last}")
                done.pages.append(cpu)
        done.entered = len(cloud.queues["journeys"])
        done.ledger = pipeline.settle()["calendar"]
    forget_definitions()
    return done


TICK = {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
_PORTRAITS: dict[str, Any] = {}


def _fill(cloud: Cloud, customers: int) -> None:
    """Put so many portraits into the table, and the pointers that go with them."""
    long_ago = {"updated_at": {"N": str(time.time_ns() // 1_000_000 - 86_400_000)}}
    lived = [item | long_ago for item in _PORTRAITS.values()]  # nobody moves during the pass
    kinds = [item for item in lived if "state" in item]
    pointers = [item for item in lived if "state" not in item]
    portraits, rng = cloud.dynamodb.tables["portraits"], Random(5)
    share = len(pointers) / len(kinds)
    for number in range(customers):
        portraits.put({**kinds[number % len(kinds)], "home": {"S": _home(rng)}})
        if rng.random() < share:
            portraits.put({**pointers[number % len(pointers)], "home": {"S": _home(rng)}})
    portraits.stream.clear()
    portraits.places()  # sorted now, so that no page is charged with it


def _home(rng: Random) -> str:
    return "a" + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=25))


def _remember() -> None:
    """Let the calendar know from passes before where the customers are, as on any other day."""
    from portrait.store import calendar_runs
    from portrait.store.calendar_runs import CALENDAR, COUNTED, CalendarItem

    day_ago = time.time_ns() // 1_000_000 - 86_400_000
    calendar_runs._noted.clear()
    calendar_runs.note([ZONE], now=day_ago)
    CalendarItem(CALENDAR, COUNTED, at=day_ago).save()


def _publish(where: Any) -> None:
    from portrait.definitions.documents import canonical, parse
    from portrait.store import definitions

    now = time.time_ns() // 1_000_000
    due = datetime.fromtimestamp(now / 1000 - 600, ZoneInfo(ZONE))
    schedule = {"at": f"{due:%Y-%m-%dT%H:%M}"}  # by each customer's clock
    document = {
        "kind": "campaign", "key": "news", "name": "News", "purpose": "marketing",
        "entry": {"schedule": schedule, **({"where": where} if where else {})},
        "steps": [{"send": {"channel": "email", "template": "news"}}],
    }  # fmt: skip
    published = canonical(parse(document))
    definitions.publish(published, now=now - 86_400_000, expected_version=0)
    forget_definitions()


def fan_out_table(real: Mapping[str, Handler], log: Log, *, customers: int = MEASURED) -> str:
    """Return what a pass takes, and what a daily campaign does beside a timer for each customer."""
    calendar = real["calendar"]
    shop = open_shop(KINDS, real["profile"], Random(3))
    _PORTRAITS.update({key[0]: item for key, item in shop.items["portraits"].items()})
    passes = {name: fan_out(calendar, where, customers, log) for name, where in CAMPAIGNS.items()}
    peaks = [
        fan_out(calendar, None, number, log, weigh=True).peak
        for number in (customers // 8, customers // 2)
    ]
    headers = [
        "who enters", "pages", "requests", "of pollers", "read units", "write units", "SQS",
        "GB-seconds", "$", "ms a page",
    ]  # fmt: skip
    rows = [_row(name, each) for name, each in passes.items()]
    some = passes["one in five"]
    sizes = [item_size(item) for item in _PORTRAITS.values() if "state" in item]
    remarks = [
        f"measured on {some.customers:,} portraits and {some.items - some.customers:,} pointers; "
        f"a portrait is {median(sizes):,.0f} bytes in the middle.",
        f"largest memory of a page, traced: {peaks[0] / 2**20:.1f} MiB with "
        f"{customers // 8:,} customers, {peaks[1] / 2**20:.1f} MiB with {customers // 2:,}.",
        "a page is 1,000 portraits and pointers, or 1 MB; it is read at half a unit per 4 KB.",
        "SQS: billed requests, those that tell the journeys queue of whoever enters among them.",
        f"entered: {', '.join(f'{name} {each.entered:,}' for name, each in passes.items())}.",
    ]
    title = f"Calendar campaign, one pass per {CUSTOMERS:,} customers"
    first = table(title, headers, rows) + "\n\n" + paragraph(remarks)
    return first + "\n" + _daily(passes["nobody"], median(sizes))


def _row(name: str, done: Pass) -> list[Cell]:
    scale, ledger = done.per(CUSTOMERS), done.ledger
    charges = ledger.charges
    return [
        name,
        len(done.pages) * scale,
        ledger.requests.total() * scale,
        ledger.polls.total() * scale,
        charges["dynamodb_read"] * scale,
        charges["dynamodb_write"] * scale,
        charges["sqs"] * scale,
        charges["lambda_gb_second"] * scale,
        f"{dollars(charges) * scale:.4f}",
        median(done.pages) * 1000,
    ]


def _daily(done: Pass, size: float) -> str:
    """Return what a day of a daily campaign costs before anybody enters."""
    one_pass = dollars(done.ledger.charges) / done.customers
    rows: list[list[Cell]] = [
        [f"pages, {name}", str(number), *(one_pass * number * n for n in SIZES)]
        for name, number in PASSES.items()
    ]
    timer = _timer(size)
    rows.append(["a timer for each customer", "", *(timer * n for n in SIZES)])
    headers = ["$ a day", "passes", *(f"{n:,} customers" for n in SIZES)]
    remarks = [
        "nobody enters; what entering costs comes on top and is the same either way. Only instants",
        "at which somebody lives are passed over, and all campaigns of an instant share its pass.",
        "a timer: it fires, its message is queued, received and deleted in tens, the portrait is "
        "read and written with",
        f"the next one ({write_units(int(size))} units); Lambda is left out. What lies beyond the "
        "measured table is multiplied: pages are alike.",
    ]
    return table("A daily campaign", headers, rows) + "\n\n" + paragraph(remarks)


def _timer(size: float) -> float:
    """Return the dollars of one customer's timer that fires and is set again."""
    return dollars(
        {
            "scheduler": 1,
            "sqs": 1.2,
            "dynamodb_read": 1,
            "dynamodb_write": write_units(int(size)),
        }
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fan_out", description=__doc__)
    parser.add_argument("--customers", type=int, default=MEASURED, help="how many to measure on")
    options = parser.parse_args()
    settle()
    screen = sys.stdout
    with logged() as log:
        told = fan_out_table(handlers(), log, customers=options.customers)
    print(told, file=screen)


if __name__ == "__main__":
    main()
