"""The callbacks function with a list in place of the queue, and outsides that can fail."""

import json
from pathlib import Path

import pytest

from portrait import links
from portrait.callbacks.outside import Outside
from portrait.callbacks.routes import respond
from portrait.catalogue import Catalogue
from portrait.channels.signing import sign, signing_secret
from portrait.event import decode_envelope
from portrait.faults import Unavailable
from portrait.intake.requests import Request
from portrait.links import Click

SAMPLES = Path(__file__).parents[3] / "events" / "callbacks"
SECRET = b"a secret of the tests"
NOW = 1_767_261_600_000
MESSAGE = "5f2b8c0e9a7d4136b1c2d3e4"
STRAND = "caaaaaaaaaaaaaaaaaaaaaaaaaa"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
TEMPLATES = Catalogue.compile(
    [
        {"kind": "template", "key": "loyalty_call", "channel": "webhook", "url": "u", "body": "b"},
        {
            "kind": "template", "key": "changing", "channel": "webhook", "url": "u", "body": "b",
            "secret_version": 3, "previous_secret_until": "2026-01-02",
        },
        {"kind": "template", "key": "welcome", "channel": "email", "subject": "s", "text": "t"},
    ]
)  # fmt: skip


class Door:
    """Answers requests; `events` is what reached the queue, `broken` what does not answer."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.broken: set[str] = set()
        self.asked: list[str] = []
        self.now = NOW

    @property
    def events(self):
        return [event for body in self.bodies for event in decode_envelope(body)]

    def _ask(self, part, answer):
        self.asked.append(part)
        if part in self.broken:
            raise Unavailable(f"the {part} did not answer")
        return answer

    def handle(self, event):
        outside = Outside(
            lambda: self._ask("catalogue", TEMPLATES),
            lambda: self._ask("secret", SECRET),
            lambda bodies: self.bodies.extend(self._ask("queue", bodies)),
        )
        return respond(Request(event, received_at=self.now), outside)

    def request(self, method, path, body="", headers=(), request_id="r1"):
        http = {"method": method, "path": path, "sourceIp": "203.0.113.7"}
        context = {"requestId": request_id, "stage": "$default", "http": http}
        return self.handle(
            {
                "rawPath": path,
                "headers": {"user-agent": BROWSER, **dict(headers)},
                "requestContext": context,
                "body": body,
            }
        )

    def callback(
        self, body, *, template="loyalty_call", id_="m1", key=None, at=None, version=1, **changes
    ):
        """Post a callback, signed with the secret of `key`, or of the template."""
        text = body if isinstance(body, str) else json.dumps(body)
        seconds = (NOW if at is None else at) // 1000
        own = signing_secret(SECRET, template if key is None else key, version)
        headers = {
            "webhook-id": id_,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(own, id_, seconds, text.encode()),
        } | changes
        return self.request("POST", f"/v1/callbacks/{template}", text, headers)

    def click(self, token=None, method="GET", **how):
        return self.request(method, f"/l/{token or link()}", **how)


def link(channel="email", url="https://shop.example/boots?email=ada%40b.example#x", now=NOW):
    return links.issue(SECRET, Click(MESSAGE, channel, STRAND, url), now=now)


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def sample():
    return lambda name: json.loads((SAMPLES / f"{name}.json").read_text())
