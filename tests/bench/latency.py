"""How long it takes from an event to the message that answers it, on the deployed product."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.bench.tables import Cell, paragraph, table
from tests.demo.measure import emails
from tests.demo.play import clock
from tests.demo.shop_day import publish
from tests.demo.stack import Stack, running_stack
from tests.e2e.starters import Shop, address, eventually, order

THANKS = "Thank you"
QUIET_CAMPAIGNS = ("onboarding", "high_value_order")
PAUSE_S = 0.5
WARM = 40
REMARKS = (
    "from the request of the shop until SES has the e-mail: API, ingest, queue, profile, stream,",
    "trigger, queue, dispatch. The template and the functions are those of AWS, two processes of",
    "each at most, on this machine; but the local AWS hands over what it has at once, where AWS",
    "waits up to a second in profile and another in trigger for a fuller batch.",
)


def latency_table(*, quick: bool) -> str:
    """Let customers order, one after the other and all at once, and time their thanks."""
    number = 20 if quick else 100
    with running_stack(parameters={"DefinitionsMaxAgeSeconds": "3600"}) as stack:
        paused = {f"campaign/{key}.status": "paused" for key in QUIET_CAMPAIGNS}
        control = {"policy/default.control": "0", "campaign/post_purchase.control": "0"}
        publish(stack, paused | control)
        shop = Shop(stack)
        _settle(shop)
        rows = [
            _row("one order every half second", _one_by_one(shop, number)),
            _row(f"{number} orders at once", _at_once(shop, "crowd", number)),
        ]
    title = "From event to message: an order, and the e-mail that says thank you"
    headers = ("", "e-mails", "p50 ms", "p95 ms", "longest ms")
    return table(title, headers, rows) + "\n\n" + paragraph(REMARKS)


def _settle(shop: Shop) -> None:
    """Let every process start and read the definitions before anything is timed."""
    _at_once(shop, "first", WARM)


def _one_by_one(shop: Shop, number: int) -> list[int]:
    customers = _accounts(shop, "single", number)
    ordered = {}
    for user in customers:
        ordered[user] = _order(shop, user)
        time.sleep(PAUSE_S)
    return _waits(shop.stack, ordered)


def _at_once(shop: Shop, name: str, number: int) -> list[int]:
    customers = _accounts(shop, name, number)
    with ThreadPoolExecutor(8) as tills:
        ordered = dict(
            zip(customers, tills.map(lambda user: _order(shop, user), customers), strict=True)
        )
    return _waits(shop.stack, ordered)


def _accounts(shop: Shop, name: str, number: int) -> list[str]:
    customers = [f"{name}{n}" for n in range(number)]
    for user in customers:
        shop.account(user)
    homes = {shop.home(user) for user in customers}
    assert eventually(lambda: homes <= _portraits(shop.stack))
    return customers


def _portraits(stack: Stack) -> set[str]:
    pages = stack.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=stack.portraits_table, ProjectionExpression="home")
    return {item["home"]["S"] for page in found for item in page["Items"]}


def _order(shop: Shop, user: str) -> int:
    at = clock()
    shop.tell(user, order(f"{user}-1"))
    return at


def _waits(stack: Stack, ordered: dict[str, int]) -> list[int]:
    """Return how long each customer waited for the thanks, ascending (ms)."""
    wanted = {address(user): at for user, at in ordered.items()}
    assert eventually(lambda: wanted.keys() <= _thanked(stack).keys())
    thanked = _thanked(stack)
    return sorted(thanked[to] - at for to, at in wanted.items())


def _thanked(stack: Stack) -> dict[str, int]:
    return {one.to: one.at for one in emails(stack) if one.subject.startswith(THANKS)}


def _row(name: str, waits: Sequence[int]) -> list[Cell]:
    middle, late = (waits[int(len(waits) * share)] for share in (0.5, 0.95))
    return [name, len(waits), middle, late, waits[-1]]
