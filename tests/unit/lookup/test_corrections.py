"""Who is who: merges are shown with what caused them, and one that is wrong is taken out again."""

import json
from functools import partial
from typing import Any

import pytest

from portrait.faults import Conflict, Rejected
from portrait.identity import home
from portrait.lookup.corrections import Outside, respond
from portrait.unmerging import unmerge
from tests.unit.core.worlds import NOON, SECRET, an_event, play
from tests.unit.lookup.desk import CATALOGUE, TILL, Counted, a_request, basic, read

SISTER = "sister@mail.example"
LATER = NOON + 60_000
CONSENT = {"channel": "email", "purpose": "marketing"}


@pytest.fixture
def table() -> Counted:
    """Anna, and her sister's address and device, which one order tied to her account."""
    sister = {"email": SISTER, "anonymous_id": "c9"}
    events = [
        an_event("m1", at=NOON - 2, who=sister, kind="identify", traits={"plan": "silver"}),
        an_event(
            "m2", at=NOON - 1, who={"user_id": "u1"}, kind="identify", traits={"plan": "gold"}
        ),
        an_event("m3", who={"user_id": "u1", "email": SISTER}, name="Order Completed"),
    ]
    return play(events, Counted(), batch=1)


def ask(table: Any, path: str, method: str = "GET", body: str = "", headers: Any = TILL) -> Any:
    undo = partial(unmerge, portraits=table, clock=lambda: LATER, pause=lambda _: None)
    outside = Outside(lambda: CATALOGUE, lambda: SECRET, table, undo)
    request = a_request(f"/v1/identity/{path}", method=method, body=body, headers=headers)
    return respond(request, outside)


def take_out(table: Any, **asked: str) -> Any:
    return ask(table, "unmerge", "POST", json.dumps(asked))


def history(table: Any, identifier: str) -> list[dict[str, Any]]:
    answer = ask(table, f"{identifier}/history")
    assert answer.status == 200
    told: list[dict[str, Any]] = json.loads(answer.body)["data"]
    return told


def test_a_merge_is_shown_with_its_identifiers_and_the_event_that_caused_it(table):
    merges = [entry for entry in history(table, "user_id:u1") if entry["kind"] == "merge"]

    (tie,) = (one for one in merges if one["stronger"] == {"type": "user_id", "id": "u1"})
    assert tie["weaker"] == {"type": "email", "id": SISTER}
    assert tie["at"] == "2024-10-04T12:00:00.000Z"
    assert tie["id"]
    assert tie["event"]


def test_a_history_is_read_by_any_identifier(table):
    assert history(table, f"email:{SISTER}") == history(table, "user_id:u1")


@pytest.mark.parametrize("by_merge", [False, True], ids=["by identifier", "by merge id"])
def test_a_wrong_merge_is_undone(table, by_merge):
    ties = [one["id"] for one in history(table, "user_id:u1") if "user_id" in str(one["stronger"])]
    asked = {"identifier": f"email:{SISTER}"}
    answer = take_out(table, **asked, **({"merge_id": ties[0]} if by_merge else {}))

    told = json.loads(answer.body)
    assert answer.status == 200
    assert told.pop("note").startswith("They are two customers again")
    assert told == {
        "merge_id": ties[0],
        "at": "2024-10-04T12:01:00.000Z",
        "stayed": {"type": "user_id", "id": "u1"},
        "left": {"type": "email", "id": SISTER},
        "kept_withdrawals": [],
    }
    assert read(table, "user_id:u1/traits")["traits"] == {"plan": "gold", "orders_ever": 1}
    assert read(table, "anonymous_id:c9/traits")["traits"] == {"plan": "silver", "orders_ever": 0}


def test_what_was_undone_is_in_the_history_of_both(table):
    take_out(table, identifier=f"email:{SISTER}")
    for identifier in ("user_id:u1", "anonymous_id:c9"):
        (cut,) = (one for one in history(table, identifier) if one["kind"] == "unmerge")
        assert cut["at"] == "2024-10-04T12:01:00.000Z"
        assert cut["lifted"] is False
        assert {one["type"] for one in cut["identifiers"]} == {"user_id", "email"}
        assert "homes" not in cut


def test_a_refused_identifier_is_shown_by_its_type(table):
    people = [
        an_event(f"k{n}", at=NOON + n, who={"user_id": f"k{n}", "anonymous_id": "tablet"})
        for n in range(6)
    ]
    play(people, table, batch=1)
    (refusal,) = (one for one in history(table, "user_id:k5") if one["kind"] == "refusal")
    assert refusal["identifier"] == {"type": "anonymous_id"}
    assert refusal["reason"] == "shared"


def test_withdrawals_that_stay_on_both_sides_are_said(table):
    withdrawn = an_event("w1", name="Consent Withdrawn", who={"email": SISTER}, properties=CONSENT)
    play([withdrawn], table)

    told = json.loads(take_out(table, identifier=f"email:{SISTER}").body)

    assert told["kept_withdrawals"] == ["email:marketing"]
    assert "stays withdrawn for both" in told["note"]


def test_there_is_nothing_to_undo_twice(table):
    assert take_out(table, identifier=f"email:{SISTER}").status == 200
    again = take_out(table, identifier="user_id:u1")
    assert (again.status, json.loads(again.body)["error"]["code"]) == (404, "nothing_to_undo")


def test_whom_nothing_is_known_of_is_not_told_from_a_blocked_value(table):
    found = {ask(table, f"user_id:{user}/history").body for user in ("nobody", "null")}
    assert len(found) == 1
    assert ask(table, "user_id:nobody/history").status == 404


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Conflict("raced"), 503, "unavailable"),
        (Rejected("too_entangled", "more than 100 identifiers change hands"), 409, "too_entangled"),
    ],
)
def test_what_stands_against_it_is_said(table, fault, status, code):
    def refuse(*_: Any, **__: Any) -> None:
        raise fault

    table.write = refuse
    answer = take_out(table, identifier=f"email:{SISTER}")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "method", "body", "status", "code"),
    [
        ("unmerge", "GET", "", 405, "wrong_method"),
        ("unmerge", "POST", "", 400, "invalid_body"),
        ("unmerge", "POST", "[1]", 400, "invalid_body"),
        ("unmerge", "POST", "{}", 400, "invalid_body"),
        ("unmerge", "POST", '{"identifier": 7}', 400, "invalid_body"),
        ("unmerge", "POST", '{"identifier": "\\ud800"}', 400, "invalid_body"),
        ("unmerge", "POST", "[" * 100_000, 400, "invalid_body"),
        ("unmerge", "POST", '{"identifier": "u1"}', 400, "invalid_identifier"),
        ("unmerge", "POST", '{"identifier": "user_id:nobody"}', 404, "nothing_to_undo"),
        ("unmerge", "POST", '{"identifier": "user_id:null"}', 404, "not_found"),
        ("user_id:u1/history", "POST", "", 405, "wrong_method"),
        ("user_id:u1/merges", "GET", "", 404, "unknown_route"),
        ("u1/history", "GET", "", 400, "invalid_identifier"),
        ("history", "GET", "", 404, "unknown_route"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(table, path, method, body, status, code):
    answer = ask(table, path, method, body)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)
    if status == 405:
        assert answer.headers["Allow"] == ("POST" if path == "unmerge" else "GET, HEAD")


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), (basic("key-of-web"), 403), (basic("nobody"), 401)]
)
def test_only_a_server_key_corrects_or_looks(table, headers, status):
    body, before = json.dumps({"identifier": f"email:{SISTER}"}), dict(table.items)

    assert ask(table, "unmerge", "POST", body, headers).status == status
    assert ask(table, "user_id:u1/history", headers=headers).status == status
    assert table.items == before


def test_the_log_names_who_did_what_and_nobody_by_name(table):
    done = take_out(table, identifier=f"email:{SISTER}")
    seen = ask(table, "user_id:u1/history")
    facts = {"source": "till", "home": home(SECRET, "email", SISTER), "section": "unmerge"}
    assert done.facts == facts
    assert seen.facts == {**facts, "home": home(SECRET, "user_id", "u1"), "section": "history"}
