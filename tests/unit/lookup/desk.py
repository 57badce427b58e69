"""Requests to the lookup and identity functions, over the in-memory portraits table."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from portrait.catalogue import Catalogue
from portrait.intake.requests import Request
from portrait.lookup.profiles import Outside, respond
from portrait.record import Record
from portrait.resolution import resolve
from tests.unit.core.worlds import NOON, SECRET, Table

KEYS = {"till": "server", "web": "browser", "app": "mobile", "post": "queue"}


def a_source(key: str, kind: str, *, enabled: bool = True) -> dict[str, Any]:
    digest = hashlib.sha256(f"key-of-{key}".encode()).hexdigest()
    return {
        "kind": "source", "key": key, "name": key, "type": kind, "enabled": enabled,
        "write_keys": [{"sha256": digest, "last4": key[-4:]}], "max_age_days": 30,
        "allowed_origins": [],
    }  # fmt: skip


TRAIT = {
    "kind": "trait", "key": "orders_ever", "operation": "count", "event": "Order Completed",
    "window": "ever", "exact": False, "version": 3,
}  # fmt: skip
SEGMENT = {"kind": "segment", "key": "vip", "name": "VIP", "where": {"trait": "x", "exists": True}}
DOCUMENTS = [
    *(a_source(key, kind) for key, kind in KEYS.items()),
    a_source("closed", "server", enabled=False),
    TRAIT,
    SEGMENT,
]
CATALOGUE = Catalogue.compile(DOCUMENTS)


class Counted(Table):
    """The table, and how often it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def load_resolved(self, homes: Iterable[str], *, consistent: bool = False) -> dict[str, Record]:
        self.reads += 1
        return super().load_resolved(homes, consistent=consistent)

    def follow(self, home: str) -> Record | None:
        found = self.load_resolved([home], consistent=True)
        return found.get(resolve(home, found))


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


TILL = basic("key-of-till")


def a_request(
    path: str, query: str = "", *, method: str = "GET", headers: Any = TILL, body: str = ""
) -> Request:
    http = {"method": method, "sourceIp": "203.0.113.7"}
    context = {"requestId": "r1", "http": http, "stage": "$default", "domainName": "api.example"}
    event = {"rawPath": path, "rawQueryString": query, "headers": headers, "body": body}
    return Request({**event, "requestContext": context}, received_at=NOON)


def ask(table: Any, path: str, query: str = "", **request: Any) -> Any:
    """Return the answer to a request to read a portrait."""
    outside = Outside(lambda: CATALOGUE, lambda: SECRET, table)
    return respond(a_request(f"/v1/profiles/{path}", query, **request), outside)


def read(table: Any, path: str, query: str = "") -> Any:
    """Return the document that is answered."""
    answer = ask(table, path, query)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)
