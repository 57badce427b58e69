"""The lookup function on a local AWS: one round trip or two, and a log that names nobody."""

import base64
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.lookup.handler import handler, logger
from portrait.erasure import erase
from portrait.identity import home
from portrait.store import definitions, portraits
from tests.integration.test_dispatch_sending import now, publish, tell
from tests.local_aws import SECRET, LocalAws
from tests.unit.core.worlds import an_event

ENVELOPES = Path(__file__).parents[2] / "events"
KEY = "wk_till_0123456789abcdef"
ANNA = "anna@mail.example"


def a_source(key: str, kind: str, write_key: str) -> dict[str, Any]:
    hashed = {"sha256": hashlib.sha256(write_key.encode()).hexdigest(), "last4": write_key[-4:]}
    return {
        "kind": "source", "key": key, "name": key, "type": kind, "enabled": True,
        "write_keys": [hashed], "max_age_days": 30, "allowed_origins": [],
    }  # fmt: skip


class Lines(logging.Handler):
    """Everything that is logged, as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    publish(a_source("till", "server", KEY), a_source("web", "browser", "wk_web_0123456789abcdef"))
    who = {"user_id": "u1", "email": ANNA}
    tell(
        an_event("m1", kind="identify", name="", at=now(), who=who, traits={"plan": "gold"}),
        an_event("m2", name="Order Completed", at=now(), who={"user_id": "u1"}),
    )
    definitions.catalogue(now())


@pytest.fixture
def log() -> Iterator[Lines]:
    lines = Lines()
    logger.addHandler(lines)
    yield lines
    logger.removeHandler(lines)


def asked(envelope: str, **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ENVELOPES / f"{envelope}.json").read_text())
    return handler({**event, **changes}, None)


def ask(path: str) -> dict[str, Any]:
    return asked("lookup/traits", rawPath=f"/v1/profiles/{path}", rawQueryString="")


def test_a_till_reads_who_stands_before_it():
    answer = asked("lookup/traits")

    assert answer["statusCode"] == 200
    told = json.loads(answer["body"])["traits"]
    assert told["plan"]["value"] == "gold"
    assert told["plan"]["provenance"]["heard_through"] == [{"type": "user_id", "id": "u1"}]


def test_a_page_of_events_follows_the_one_before():
    answer = asked("lookup/events_next_page")
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["cursor"]["limit"] == 2


@pytest.mark.parametrize(
    ("path", "rounds"),
    [
        ("user_id:u1", 1),
        (f"email:{ANNA}", 2),
        ("user_id:nobody", 1),
        ("user_id:null", 0),
    ],
    ids=["root", "pointer", "nobody", "blocked"],
)
@pytest.mark.parametrize("section", ["traits", "external_ids", "events", "metadata", "segments"])
def test_a_root_is_one_round_trip_and_a_pointer_two(
    calls: Counter[str], path: str, rounds: int, section: str
):
    ask(f"{path}/{section}")
    assert calls["BatchGetItem"] == rounds
    assert calls.keys() <= {"BatchGetItem", "Query"}  # of the definitions, once a minute in AWS


def test_never_seen_erased_and_blocked_are_one_answer():
    tell(an_event("m9", at=now(), who={"user_id": "u9"}))
    assert ask("user_id:u9/traits")["statusCode"] == 200
    root = home(SECRET.encode(), "user_id", "u9")
    assert erase(root, portraits, clock=now, pause=lambda _: None) is not None

    answers = [ask(f"user_id:{user}/traits") for user in ("u9", "nobody", "null")]
    assert answers[0]["statusCode"] == 404
    assert answers == [answers[0]] * 3


def test_a_browsers_key_reads_nobody(calls: Counter[str]):
    answer = asked("lookup/browser_key")
    assert answer["statusCode"] == 403
    assert calls["BatchGetItem"] == 0


def test_every_reading_leaves_one_line_that_names_nobody(log: Lines):
    asked("lookup/traits")
    ask("email:eve@mail.example/events")
    asked("lookup/browser_key")

    facts = [
        (record.status, record.source, record.home, record.section)  # type: ignore[attr-defined]
        for record in log.records
    ]
    assert facts == [
        (200, "till", home(SECRET.encode(), "email", ANNA), "traits"),
        (404, "till", home(SECRET.encode(), "email", "eve@mail.example"), "events"),
        (403, "web", "", ""),
    ]
    for record in log.records:
        assert "mail.example" not in str(vars(record))
        assert base64.b64encode(f"{KEY}:".encode()).decode() not in str(vars(record))
