"""Undoing a merge on a local AWS: through the handler, in one transaction, whoever else writes."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from functions.identity.handler import handler
from functions.lookup.handler import handler as lookup
from functions.profile.handler import handler as profile
from portrait.event import encode_envelope
from portrait.identity import home
from portrait.store import definitions, portraits
from tests.integration.test_dispatch_sending import now, publish, tell
from tests.integration.test_lookup import KEY, a_source
from tests.integration.test_profile_function import a_batch
from tests.local_aws import SECRET, LocalAws
from tests.unit.core.worlds import an_event

ENVELOPES = Path(__file__).parents[2] / "events"
ANNA = "anna@mail.example"
"""Whose address was given with an order of u1, who is somebody else."""


@pytest.fixture(autouse=True)
def _on(aws: LocalAws) -> None:
    publish(a_source("till", "server", KEY))
    at = now() - 1000
    tell(
        an_event("m1", at=at, who={"email": ANNA}, kind="identify", name="", traits={"plan": "x"}),
        an_event("m2", at=at, who={"user_id": "u1"}, name="Product Viewed"),
        an_event("m3", at=at, who={"user_id": "u1", "email": ANNA}, name="Order Completed"),
    )
    definitions.catalogue(now())


def call(envelope: str) -> tuple[int, Any]:
    answer = handler(json.loads((ENVELOPES / f"identity/{envelope}.json").read_text()), None)
    return answer["statusCode"], json.loads(answer["body"])


def ids_of(namespace: str, value: str) -> set[str]:
    record = portraits.follow(home(SECRET.encode(), namespace, value))
    assert record is not None
    return {one.value for one in record.portrait.ids.values()}


def test_a_wrong_merge_becomes_two_customers_again():
    assert ids_of("email", ANNA) == {"u1", ANNA}

    status, told = call("unmerge")

    assert status == 200
    assert told["left"] == {"type": "email", "id": ANNA}
    assert told["stayed"] == {"type": "user_id", "id": "u1"}
    assert ids_of("email", ANNA) == {ANNA}
    assert ids_of("user_id", "u1") == {"u1"}
    assert call("unmerge")[1]["error"]["code"] == "nothing_to_undo"


def test_what_is_read_at_a_till_follows():
    call("unmerge")
    event = json.loads((ENVELOPES / "lookup/traits.json").read_text())
    traits = json.loads(lookup(event, None)["body"])["traits"]
    assert traits["plan"]["provenance"]["heard_through"] == [{"type": "email", "id": ANNA}]


def test_the_history_shows_the_merge_and_then_what_undid_it():
    merges = call("history")[1]["data"]
    call("unmerge")
    status, told = call("history")

    assert status == 200
    assert [one["kind"] for one in merges] == ["merge"]
    (undone,) = (one for one in told["data"] if one["kind"] == "unmerge")
    assert undone["id"] == merges[0]["id"]


def test_it_is_undone_once_while_events_go_on_coming():
    answers: list[int] = []

    def undo() -> None:
        status = 503
        while status == 503:
            status, _ = call("unmerge")
        answers.append(status)

    def write(writer: int) -> None:
        for number in range(4):
            event = an_event(f"w{writer}-{number}", at=now(), who={"user_id": "u1"})
            batch = a_batch(encode_envelope((event,)), sent_at=now())
            while profile(batch, None)["batchItemFailures"]:
                pass

    threads = [threading.Thread(target=undo) for _ in range(2)]
    threads += [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, 404]
    assert ids_of("email", ANNA) == {ANNA}
    record = portraits.follow(home(SECRET.encode(), "user_id", "u1"))
    assert record is not None
    assert sum(strand.events for strand in record.portrait.strands.values()) == 2 + 8
