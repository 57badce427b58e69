"""How events reach us: which customers a batch holds, in which POSTs, at which fold factor."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.bench.shoppers import Call, Shopper, call, what

WRITE_KEY = "bench-shop-write-key-0001"
_AUTHORIZATION = "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
_ROUTES = {"track": "/v1/t", "identify": "/v1/i", "page": "/v1/p"}


@dataclass(frozen=True)
class Load:
    """The shape of traffic.

    Attributes:
        per_post: events in one POST.
        fold: events of one customer in one batch of the profile function.
        messages: queue messages in such a batch; each holds one POST.
    """

    per_post: int
    fold: int
    messages: int

    @property
    def batch(self) -> int:
        """Events in one batch of the profile function."""
        return self.per_post * self.messages


def batches(
    load: Load, people: Sequence[Shopper], events: int, random: Random
) -> Iterator[list[Call]]:
    """Yield batches of calls: in each, every customer who is in it at all has `load.fold` events.

    Customers take turns, so each of them has about as many events as the others.
    """
    turn: list[Shopper] = []
    for start in range(0, events, load.batch):
        size = min(load.batch, events - start)
        present = min(size // load.fold, len(people))
        if len(turn) < present:
            turn = random.sample(people, len(people))
        calls = [
            call(shopper, what(shopper, random), random)
            for shopper in turn[:present]
            for _ in range(size // present)
        ]
        turn = turn[present:]
        random.shuffle(calls)
        yield calls


def posts(calls: Sequence[Call], load: Load, *, now: int) -> list[list[Call]]:
    """Return the calls in POSTs, with the times that their sender writes at `now` (UTC ms)."""
    sent = iso(now)
    timed = [{**each, "timestamp": iso(now - 40 * i % 9000)} for i, each in enumerate(calls)]
    if load.per_post == 1:
        return [[{**each, "sentAt": sent}] for each in timed]
    return [timed[i : i + load.per_post] for i in range(0, len(timed), load.per_post)]


def request(post: Sequence[Call], *, now: int) -> dict[str, Any]:
    """Return a POST as API Gateway hands it to the function (HTTP API, payload format 2.0)."""
    single = len(post) == 1
    path = _ROUTES[post[0]["type"]] if single else "/v1/batch"
    body = post[0] if single else {"batch": list(post), "sentAt": iso(now)}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": _AUTHORIZATION,
            "content-type": "application/json",
            "host": "api.shop.example.com",
            "user-agent": "analytics-node/2.3.0",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "domainName": "api.shop.example.com",
            "http": {"method": "POST", "path": path, "sourceIp": "203.0.113.7"},
            "requestId": f"{now:x}=",
            "stage": "$default",
        },
        "body": json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        "isBase64Encoded": False,
    }


def iso(at: int) -> str:
    """Return UTC milliseconds as browsers write them."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
