"""Histories of one customer for the tests of computed traits, and what a plain list says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from portrait.catalogue import Catalogue
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.view import View
from tests.unit.core.worlds import an_event

HOUR_MS = 3_600_000
NOW = 1_780_000_000_000
"""2026-05-28T20:26:40Z."""


@dataclass(frozen=True)
class Order:
    """Something that happened to one of a customer's identifiers."""

    at: int
    properties: dict[str, Any] = field(default_factory=dict)
    home: str = "h1"


def a_trait(operation: str, **fields: Any) -> dict[str, Any]:
    """Return a canonical trait document called `t`."""
    document = {"kind": "trait", "key": "t", "event": "Order Completed"}
    return {**document, "operation": operation, "window": "ever", "exact": False, **fields}


def portrait_of(catalogue: Catalogue, orders: Iterable[Order]) -> Portrait:
    """Fold the orders, in this order, into the strands of their homes."""
    portrait = Portrait("h1")
    for number, order in enumerate(orders):
        event = an_event(
            str(number),
            name="Order Completed",
            at=order.at,
            received_at=NOW,
            properties=order.properties,
        )
        portrait.strand(order.home).fold(event, number.to_bytes(6, "big"), catalogue.metrics)
    return portrait


def view_of(document: dict[str, Any], orders: Iterable[Order], now: int = NOW) -> View:
    """Return the customer of these orders as of an instant, the portrait read back from bytes."""
    catalogue = Catalogue.compile([document])
    portrait = Portrait.decode("h1", portrait_of(catalogue, orders).encode())
    return portrait.view(catalogue, now)


def values_of(orders: Iterable[Order], path: str) -> list[tuple[int, Any]]:
    """Return (instant, value) of everything at a path of one or two names, numbers as Decimals."""
    name, _, inner = path.partition(".")
    found = []
    for order in orders:
        values = _flat(order.properties.get(name))
        if inner:
            each = [value.get(inner) for value in values if isinstance(value, dict)]
            values = _flat(each)
        found += [(order.at, told) for value in values if (told := _told(value)) is not None]
    return found


def _flat(value: Any) -> list[Any]:
    return (
        [each for inner in value for each in _flat(inner)] if isinstance(value, list) else [value]
    )


def _told(value: Any) -> Any:
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int) and abs(value) > 10**12:
        return str(value)
    return Decimal(str(value)) if isinstance(value, int | float) else None


BUCKETED = ("count", "sum", "average", "min", "max")
"""Operations that count by the calendar day unless they are told to be exact."""


def in_window(orders: Sequence[Order], document: dict[str, Any], now: int) -> list[Order]:
    """Return the orders that a document's window holds: rolling, of UTC days, or of local days."""
    window = document["window"]
    past = [order for order in orders if order.at <= now]
    if window == "ever":
        return past
    length = int(window[:-1]) * {"m": 60_000, "h": HOUR_MS, "d": DAY_MS}[window[-1]]
    if document.get("calendar"):
        zone = ZoneInfo(document["time_zone"])
        first = _date(now, zone) - timedelta(days=length // DAY_MS - 1)
        return [order for order in past if _date(order.at, zone) >= first]
    if document["operation"] in BUCKETED and not document["exact"] and length % DAY_MS == 0:
        first_day = (now - length + 1) // DAY_MS
        return [order for order in past if order.at // DAY_MS >= first_day]
    return [order for order in past if order.at > now - length]


def _date(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at / 1000, zone).date()


def millionths(value: Any) -> Decimal | None:
    """Return a number as the product sums it, or None."""
    if isinstance(value, bool):
        return None
    try:
        size = Decimal(str(value))
    except ArithmeticError:
        return None
    return size if size.is_finite() and abs(size) <= 10**12 else None


def plainly(orders: Sequence[Order], document: dict[str, Any], now: int = NOW) -> Any:
    """Return what a trait is, from the list of everything that ever happened."""
    inside = in_window(orders, document, now)
    operation, path = document["operation"], document.get("property")
    if path is None:
        instants = sorted(order.at for order in inside)
        return _of_instants(operation, instants, now)
    if operation in ("sum", "average", "min", "max"):
        sizes = [
            size for _, raw in values_of(inside, path) if (size := millionths(raw)) is not None
        ]
        return _of_sizes(operation, sizes)
    return _of_values(operation, values_of(inside, path))


def _of_instants(operation: str, instants: list[int], now: int) -> Any:
    if operation == "count":
        return len(instants)
    if not instants:
        return None
    at = instants[0] if operation in ("first", "time_since_first") else instants[-1]
    if operation.startswith("time_since"):
        return Decimal(now - at) / 1000
    moment = datetime.fromtimestamp(at // 1000, ZoneInfo("UTC"))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def _of_sizes(operation: str, sizes: list[Decimal]) -> Any:
    if operation == "sum":
        return sum(sizes, Decimal(0))
    if not sizes:
        return None
    if operation == "average":
        exact = sum(sizes) * 10**6
        return (exact / len(sizes) + Decimal("0.5")).__floor__() / Decimal(10**6)
    return min(sizes) if operation == "min" else max(sizes)


def _typed(value: Any) -> tuple[str, Any]:
    """Return a value that is equal only to itself: 1, True and "1" are three."""
    return (type(value).__name__ if isinstance(value, bool | str) else "number", value)


def _rank(value: Any) -> tuple[int, Any]:
    return (2, value) if isinstance(value, str) else (int(isinstance(value, bool)), value)


def _of_values(operation: str, said: list[tuple[int, Any]]) -> Any:
    if operation in ("first", "last"):
        pick = min if operation == "first" else max
        found = pick(said, key=lambda each: (each[0], _rank(each[1])), default=None)
        return None if found is None else found[1]
    newest: dict[tuple[str, Any], int] = {}
    for at, value in said:
        newest[_typed(value)] = max(at, newest.get(_typed(value), at))
    if operation == "unique_count":
        return len(newest)
    if operation == "unique_list":
        ordered = sorted(newest, key=lambda each: (-newest[each], _rank(each[1])))
        return [value for _, value in ordered]
    counts = Counter(_typed(value) for _, value in said)
    best = min(counts, key=lambda each: (-counts[each], _rank(each[1])), default=None)
    return None if best is None else best[1]


odd = st.sampled_from([None, True, False, "25.10", "many", "", "0123", "NaN", 10**13, -3, {}, [[]]])
amounts = st.one_of(odd, st.integers(-5, 5), st.decimals(-9, 99, places=2).map(float))
products = st.lists(
    st.one_of(
        st.fixed_dictionaries({}, optional={"sku": st.sampled_from("abcd"), "n": amounts}), odd
    ),
    max_size=4,
)
payloads = st.fixed_dictionaries(
    {}, optional={"revenue": amounts, "city": st.sampled_from(["Umeå", "Luleå"]), "lines": products}
)
