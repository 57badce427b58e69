"""How clients put events on the wire: bodies, routes and encodings as published clients do."""

import base64
import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.demo.diary import Body, Said

ROUTES = {"track": "t", "identify": "i", "page": "p", "alias": "a"}


class Request(NamedTuple):
    """One POST to be made."""

    path: str
    headers: dict[str, str]
    body: bytes


def timed(said: Said, now: int) -> Body:
    """Return the event with the instants its client writes when it sends at `now` (UTC ms).

    A wrong clock is wrong in both of them by the same amount.
    """
    if said.ago is None:
        return said.body
    clock = now + said.skew * 1000
    stamps = {"timestamp": iso(clock - said.ago * 1000), "sentAt": iso(clock)}
    return said.body | stamps


def iso(at: int) -> str:
    """Return UTC milliseconds as browsers write them."""
    moment = datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def browser(events: Sequence[Body], key: str) -> Request:
    """Return what analytics.js sends: text/plain, the key in the body; alone, or a batch."""
    headers = {"Content-Type": "text/plain"}
    if len(events) == 1 and events[0].get("type") in ROUTES:
        body = {**events[0], "writeKey": key}
        return Request(f"/v1/{ROUTES[events[0]['type']]}", headers, _json(body))
    return Request("/v1/b", headers, _json(_batch(events) | {"writeKey": key}))


def server(events: Sequence[Body], key: str) -> Request:
    """Return what a server's client sends: gzip, the key as the name of HTTP Basic."""
    token = base64.b64encode(f"{key}:".encode()).decode()
    headers = {
        "Authorization": f"Basic {token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    return Request("/v1/batch", headers, gzip.compress(_json(_batch(events)), 1))


def queued(events: Sequence[Body], key: str) -> str:
    """Return the message that a channel system puts on the queue: one event, or a batch."""
    body = events[0] if len(events) == 1 else _batch(events)
    return _json(body | ({"writeKey": key} if key else {})).decode()


def _batch(events: Sequence[Body]) -> Body:
    """Return the events as one batch; a client says once per batch when it sends."""
    sent = {event["sentAt"] for event in events if "sentAt" in event}
    if len(sent) != 1:
        return {"batch": list(events)}
    own = [{name: value for name, value in e.items() if name != "sentAt"} for e in events]
    return {"batch": own, "sentAt": sent.pop()}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
