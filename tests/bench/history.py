"""What an event costs as a customer's history grows: `python -m tests.bench.history`.

One customer orders ten times a day, so that 10, 100, 1,000 and 10,000 orders are a day, ten days,
a hundred days and nearly three years; another does it all within a day, which fills every bound.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any

from tests.bench.aws.cloud import Cloud
from tests.bench.aws.wire import connected
from tests.bench.meter import cpu_seconds, logged
from tests.bench.shop import DAY_MS, Handler, account, forget_definitions, publish, record, settle
from tests.bench.tables import Cell, paragraph, table
from tests.bench.traffic import WRITE_KEY, iso

LENGTHS = (10, 100, 1_000, 10_000)
MEASURED = 40
"""Events that are measured one by one, each an invocation of its own, at each length."""

PRODUCTS = 3
RANGE = 400
"""Different products there are."""

OPENS = {"property": "opens", "equals": True}


def traits() -> Iterator[dict[str, Any]]:
    """Yield the traits of tests/integration/test_golden_traits.py."""
    for window in ("7d", "30d", "90d", "ever"):
        exact = window != "ever"
        yield _trait(f"orders_{window}", "count", where=OPENS, window=window, exact=exact)
        if window != "7d":
            yield _trait(f"spend_{window}", "sum", property="revenue", window=window, exact=exact)
    yield _trait("products_30d", "unique_count", property="products.sku", window="30d")
    yield _trait("first_at", "first")
    yield _trait("last_at", "last")


def _trait(key: str, operation: str, **fields: Any) -> dict[str, Any]:
    document = {"kind": "trait", "key": f"bench_{key}", "event": "Order Completed"}
    return {**document, "operation": operation, "window": "ever", "exact": False, **fields}


@dataclass(frozen=True)
class Cost:
    """What one event costs a customer with so many: medians in us, and bytes of the state."""

    length: int
    handler: float
    portrait: float
    state: int


def measure(profile: Handler, step_ms: int) -> list[Cost]:
    """Return the costs along one customer's history, an order every `step_ms`."""
    with connected(account()) as cloud:
        _publish()
        random, costs, told = Random(3), [], 0
        span = (LENGTHS[-1] + MEASURED * len(LENGTHS)) * step_ms  # nobody orders in the future
        start = time.time_ns() // 1_000_000 // DAY_MS * DAY_MS - span - DAY_MS
        for length in LENGTHS:
            while told < length:
                few = min(100, length - told)
                _tell(profile, [_order(told + n, start, step_ms, random) for n in range(few)])
                told += few
            times = []
            for _ in range(MEASURED):
                message = _order(told, start, step_ms, random)
                times.append(cpu_seconds(cloud, lambda m=message: _tell(profile, [m]))[0])
                told += 1
            costs.append(_cost(length, cloud, median(times)))
    forget_definitions()
    return costs


def _publish() -> None:
    from portrait.definitions.documents import canonical, parse
    from portrait.store import definitions

    publish()
    for document in traits():
        definitions.publish(canonical(parse(document)), now=1, expected_version=0)
    forget_definitions()


def _order(number: int, start: int, step_ms: int, random: Random) -> tuple[str, int]:
    at = start + number * step_ms + random.randrange(step_ms)
    call = {
        "type": "track", "event": "Order Completed", "userId": "history", "timestamp": iso(at),
        "messageId": f"order-{number}",
        "properties": {
            "order_id": f"o{number}",
            "opens": True,
            "revenue": random.randrange(1000, 20_000) / 100,
            "products": [{"sku": f"p{random.randrange(RANGE)}"} for _ in range(PRODUCTS)],
        },
    }  # fmt: skip
    return json.dumps({"batch": [call], "sentAt": iso(at), "writeKey": WRITE_KEY}), at


def _tell(profile: Handler, orders: list[tuple[str, int]]) -> None:
    records = [record(body, at, id=f"m{at}") for body, at in orders]
    if profile({"Records": records}, None)["batchItemFailures"]:
        raise RuntimeError("an order could not be folded")


def _cost(length: int, cloud: Cloud, handler: float) -> Cost:
    from portrait.record import Record

    items = cloud.dynamodb.tables["portraits"].items.values()
    (item,) = (each for each in items if "state" in each)
    found = Record.from_image(item)
    times = []
    for _ in range(MEASURED):
        began = time.process_time()
        found.portrait.encode()
        times.append(time.process_time() - began)
    return Cost(length, handler * 1e6, median(times) * 1e6, len(found.state))


def history_table(profile: Handler) -> str:
    """Return the table of both customers, with how much dearer 10,000 events are than 100."""
    paces = {"ten a day": DAY_MS // 10, "all in one day": DAY_MS // LENGTHS[-1]}
    rows: list[list[Cell]] = []
    remarks = []
    for name, step in paces.items():
        costs = measure(profile, step)
        rows += [[name, c.length, c.handler, c.portrait, c.state] for c in costs]
        by_length: Mapping[int, Cost] = {cost.length: cost for cost in costs}
        few, many = by_length[100], by_length[LENGTHS[-1]]
        remarks.append(
            f"{name}: 10,000 to 100 orders: {many.handler / few.handler:.2f} x the time, "
            f"{many.state / few.state:.2f} x the bytes."
        )
    remarks += [
        "profile: one event an invocation, processor time of the whole handler, botocore in it.",
        "reading and writing: the part of it that unpacks the portrait and packs it again.",
        f"each order has {PRODUCTS} of {RANGE} products; the traits are those of the golden files.",
    ]
    headers = ["history", "orders", "profile us", "reading and writing us", "state bytes"]
    title = "Cost of one more event as a customer's history grows"
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def main() -> None:
    """Print the table."""
    settle()
    with logged():  # the handler's logger writes where standard output is when it is made
        from functions.profile.handler import handler

        told = history_table(handler)
    print(told)


if __name__ == "__main__":
    main()
