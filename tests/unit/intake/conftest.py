"""A catalogue with one source of each kind, and an outside that remembers what reached it."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from portrait.archive import QuarantineRecord
from portrait.catalogue import Catalogue
from portrait.event import Event, decode_envelope
from portrait.faults import Unavailable
from portrait.intake.collection import Outside
from portrait.intake.requests import Request
from portrait.intake.routes import respond

EVENTS = Path(__file__).parents[3] / "events"
NOW = 1_767_261_600_000  # 2026-01-01T10:00:00Z
SOURCES = {
    "web": {"type": "browser"},
    "app": {"type": "mobile"},
    "shop": {"type": "server"},
    "import": {"type": "server", "max_age_days": 3650},
    "off": {"type": "browser", "enabled": False},
    "listed": {"type": "browser", "allowed_origins": ["https://shop.example"]},
}


def source_document(key, **changes):
    write_key = f"wk_{key}"
    return {
        "kind": "source",
        "key": key,
        "name": key.title(),
        "write_keys": [
            {"sha256": hashlib.sha256(write_key.encode()).hexdigest(), "last4": write_key[-4:]}
        ],
        "enabled": True,
        "max_age_days": 30,
        "allowed_origins": [],
        **changes,
    }


class Shop:
    """The whole of ingest, with a list in place of the queue and one in place of the bucket."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.bodies: list[str] = []
        self.quarantined: list[QuarantineRecord] = []
        self.broken: set[str] = set()
        self.public_url = ""
        self.requests = 0

    @property
    def events(self) -> list[Event]:
        return [event for body in self.bodies for event in decode_envelope(body)]

    def _answer(self, part: str) -> None:
        if part in self.broken:
            raise Unavailable(f"the {part} did not answer")

    def _catalogue(self) -> Catalogue:
        self._answer("catalogue")
        return self.catalogue

    def _send(self, bodies: Sequence[str]) -> None:
        self._answer("queue")
        self.bodies += bodies

    def _quarantine(self, records: Sequence[QuarantineRecord]) -> None:
        self._answer("bucket")
        self.quarantined += records

    def request(self, method, path, body=b"", *, headers=(), query="", key="web", stage="$default"):
        """Answer one request; `key` names the source whose key goes into Basic auth, or is None."""
        self.requests += 1
        headers = {"host": "api.example", **dict(headers)}
        if key is not None:
            headers["authorization"] = "Basic " + base64.b64encode(f"wk_{key}:".encode()).decode()
        content = body if isinstance(body, bytes | str) else msgspec.json.encode(body)
        binary = isinstance(content, bytes) and not _is_text(content)
        event = {
            "version": "2.0",
            "rawPath": path if stage == "$default" else f"/{stage}{path}",
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "requestId": f"request-{self.requests}",
                "stage": stage,
                "domainName": "api.example",
                "http": {"method": method, "path": path, "sourceIp": "203.0.113.77"},
            },
            "body": base64.b64encode(content).decode()
            if binary
            else (content.decode() if isinstance(content, bytes) else content),
            "isBase64Encoded": binary,
        }
        outside = Outside(lambda: self._catalogue(), self._send, self._quarantine, self.public_url)
        return Reply(respond(Request(event, received_at=NOW), outside))

    def post(self, path, body, **how):
        return self.request("POST", path, body, **how)

    def batch(self, *items, **how):
        return self.post("/v1/batch", {"batch": list(items)}, **how)


class Reply:
    """What the client reads, and what the log line says."""

    def __init__(self, answer) -> None:
        response = answer.as_response()
        self.facts = answer.facts
        self.status = response["statusCode"]
        self.headers = response["headers"]
        self.text = response["body"]
        self.base64 = response["isBase64Encoded"]

    @property
    def json(self):
        return msgspec.json.decode(self.text)

    @property
    def reasons(self):
        return {one["index"]: one["reason"] for one in self.json.get("rejected", [])}


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.fixture(scope="session", name="source_document")
def _source_document():
    return source_document


@pytest.fixture(scope="session")
def catalogue():
    return Catalogue.compile(source_document(key, **changes) for key, changes in SOURCES.items())


@pytest.fixture
def shop(catalogue):
    return Shop(catalogue)


@pytest.fixture
def track():
    def make(**changes):
        return {"type": "track", "event": "Product Viewed", "userId": "u1", **changes}

    return make


@pytest.fixture(scope="session")
def sample():
    """Return a reader of `events/<name>.json`, by name."""

    def read(name):
        return msgspec.json.decode((EVENTS / f"{name}.json").read_bytes())

    return read
