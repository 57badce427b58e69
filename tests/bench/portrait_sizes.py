"""Bytes of a portrait by part: of somebody new, of a typical customer, and of a loyal one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.bench.aws.capacity import Item, item_size
from tests.bench.aws.cloud import Cloud
from tests.bench.aws.wire import connected
from tests.bench.shop import DAY_MS, Handler, account, live_through, publish, tell, visit
from tests.bench.shoppers import Call, Shopper, call, uuid, what


@dataclass(frozen=True)
class Sizes:
    """One portrait: events in it, bytes by part before packing, of the state, and of the item.

    `ordering` is the size of the item when its last write folded an order, which campaigns hear of.
    """

    name: str
    events: int
    parts: Mapping[str, int]
    state: int
    item: int
    ordering: int


def portrait_sizes(profile: Handler) -> list[Sizes]:
    """Let three customers live through the real profile function, and weigh what it wrote."""
    random, now = Random(7), time.time_ns() // 1_000_000
    visitor, *members = (Shopper(n, n > 0, uuid(random)) for n in range(3))
    first = [(visit([call(visitor, "$page", random)], now), now)]
    years = [
        (visit(calls, now - days * DAY_MS), now - days * DAY_MS)
        for days, calls in _years(members[1], random)
    ]
    today = [(visit([call(members[1], "$page", random)], now), now)]
    lives = (
        ("new", visitor, lambda: tell(profile, first)),
        ("typical", members[0], lambda: live_through(members[:1], profile, random, now=now)),
        ("loyal", members[1], lambda: (tell(profile, years), tell(profile, today))),
    )
    sizes = []
    for name, shopper, live in lives:
        with connected(account()) as cloud:
            publish()
            live()
            before = _largest(cloud)
            tell(profile, [(visit([call(shopper, "Order Completed", random)], now), now)])
            sizes.append(_weigh(name, before, item_size(_largest(cloud))))
    return sizes


def _largest(cloud: Cloud) -> Item:
    return max(cloud.dynamodb.tables["portraits"].items.values(), key=item_size)


def _weigh(name: str, item: Item, ordering: int) -> Sizes:
    from portrait import state
    from portrait.record import Record

    record = Record.from_image(item)
    strands = record.portrait.strands
    events = sum(strand.events for strand in strands.values())
    parts = state.parts(strands)
    return Sizes(name, events, parts, len(record.state), item_size(item), ordering)


def _years(person: Shopper, random: Random) -> list[tuple[int, list[Call]]]:
    """Return two years of weekly visits, a monthly order, two more devices, and e-mails read."""
    devices = [person.device, uuid(random), uuid(random)]
    visits: list[tuple[int, list[Call]]] = []
    for week in range(104, 0, -1):
        shopper = Shopper(person.number, True, random.choice(devices))
        events = ["$page", *(what(person, random) for _ in range(random.randint(1, 6)))]
        events += ["Order Completed"] if week % 4 == 0 else []
        events += ["$identify", "Consent Granted"] if week == 104 else []
        calls = [call(shopper, event, random) for event in events]
        if week % 2 == 0:
            calls += _feedback(person, f"{week:024x}", random)
        visits.append((week * 7, calls))
    return visits


def _feedback(person: Shopper, message: str, random: Random) -> list[Call]:
    """Return what the channel says about one e-mail to a member."""
    told: dict[str, Any] = {"type": "track", "userId": person.user_id}
    properties = {"channel": "email", "message_id": message}
    return [
        {**told, "event": event, "properties": properties, "messageId": uuid(random)}
        for event in ("Email Delivered", "Email Opened")
    ]
