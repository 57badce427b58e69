"""Reading a portrait: who may, what they see, and how little anybody else is told."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.faults import Unavailable
from portrait.identity import home
from portrait.lookup.subjects import in_path
from portrait.record import Record, Write
from tests.unit.core.worlds import NOON, SECRET, an_event, play
from tests.unit.lookup.desk import TILL, Counted, ask, basic, read

ANNA = {"user_id": "u1", "email": "anna@mail.example", "anonymous_id": "c1"}
AT = "2024-10-04T12:00:00.000Z"
NO_MORE = {"url": "", "has_more": False, "next": "", "limit": 10}


@pytest.fixture
def table() -> Counted:
    """Anna, who looked around as c1, then signed in and ordered."""
    events = [
        an_event("m1", at=NOON - 2000, who={"anonymous_id": "c1"}),
        an_event(
            "m2", at=NOON - 1000, kind="identify", name="", who=ANNA,
            traits={"plan": "gold", "gone": None},
        ),
        an_event("m3", name="Order Completed", who={"user_id": "u1"}, properties={"revenue": 5}),
    ]  # fmt: skip
    table = play(events, Counted(), batch=1)
    table.reads = 0
    return table


def test_traits_are_those_that_were_sent_and_computed(table):
    assert read(table, "user_id:u1/traits") == {
        "traits": {"orders_ever": 1, "plan": "gold"},
        "cursor": NO_MORE,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("include=plan", {"plan": "gold"}),
        ("include=plan,nothing", {"plan": "gold"}),
        ("class=computed_trait", {"orders_ever": 1}),
        ("class=audience", {"vip": False}),
        ("include=", {"orders_ever": 1, "plan": "gold"}),
    ],
)
def test_some_of_the_traits_can_be_asked_for(table, query, expected):
    assert read(table, "user_id:u1/traits", query)["traits"] == expected


def test_verbose_says_when_and_where_each_value_comes_from(table):
    found = read(table, "user_id:u1/traits", "verbose=true")["traits"]

    assert found["plan"]["value"] == "gold"
    assert found["plan"]["updated_at"] == "2024-10-04T11:59:59.000Z"
    assert found["plan"]["provenance"]["heard_through"] == [{"type": "user_id", "id": "u1"}]
    computed = found["orders_ever"]
    assert (computed["value"], computed["updated_at"]) == (1, AT)
    assert computed["provenance"]["series"] == "Order Completed"
    assert computed["provenance"]["version"] == 3


def test_external_ids_come_strongest_first(table):
    found = read(table, "anonymous_id:c1/external_ids")

    assert [(one["type"], one["id"]) for one in found["data"]] == list(ANNA.items())
    assert found["data"][2] == {
        "id": "c1", "type": "anonymous_id", "source_id": None, "collection": "users",
        "created_at": "2024-10-04T11:59:58.000Z", "encoding": "none",
    }  # fmt: skip
    assert [
        one["id"] for one in read(table, "user_id:u1/external_ids", "include=email")["data"]
    ] == ["anna@mail.example"]


def test_events_come_newest_first_and_page_by_page(table):
    first = read(table, "user_id:u1/events", "limit=2")
    second = read(table, "user_id:u1/events", f"limit=2&next={first['cursor']['next']}")

    assert first["data"] == [
        {"type": "track", "event": "Order Completed", "timestamp": AT},
        {"type": "identify", "timestamp": "2024-10-04T11:59:59.000Z"},
    ]
    assert [one["event"] for one in second["data"]] == ["Product Viewed"]
    assert (first["cursor"]["has_more"], second["cursor"]["has_more"]) == (True, False)


def test_two_equal_events_of_one_instant_are_two(table):
    twins = [an_event(f"t{n}", who={"user_id": "u2"}) for n in range(2)]
    play(twins, table)
    first = read(table, "user_id:u2/events", "limit=1")
    second = read(table, "user_id:u2/events", f"limit=1&next={first['cursor']['next']}")
    assert first["data"] == second["data"]
    assert second["cursor"]["has_more"] is False


def test_metadata_says_what_is_truly_known(table):
    assert read(table, "user_id:u1/metadata")["metadata"] == {
        "created_at": "2024-10-04T11:59:58.000Z",
        "updated_at": AT,
        "expires_at": None,
        "first_seen_at": "2024-10-04T11:59:58.000Z",
        "last_seen_at": AT,
        "events": 3,
        "shared": False,
        "shared_ids": [],
        "refusals": [],
    }


def test_segments_come_with_the_instant_they_were_entered(table):
    root = home(SECRET, "user_id", "u1")
    record = table.items[root]
    portrait = record.portrait
    portrait.segments["vip"] = NOON
    table.write(Write(record, portrait.encode(), None), now=NOON)

    assert read(table, "user_id:u1/segments")["data"] == [{"segment": "vip", "since": AT}]
    audiences = read(table, "user_id:u1/traits", "class=audience&verbose=true")["traits"]
    assert audiences["vip"] == {"value": True, "source_id": None, "updated_at": AT}


def test_a_shared_identifier_is_a_portrait_of_its_own_and_says_so(table):
    tablet = [
        an_event(f"k{n}", at=NOON + n, who={"user_id": f"k{n}", "anonymous_id": "tablet"})
        for n in range(6)
    ]
    play(tablet, table, batch=1)

    alone = read(table, "anonymous_id:tablet/metadata")["metadata"]
    signed_in = read(table, "user_id:k5/metadata")["metadata"]
    assert alone["shared"] is True
    assert alone["shared_ids"] == [{"type": "anonymous_id", "id": "tablet"}]
    assert signed_in["shared"] is False
    (refusal,) = signed_in["refusals"]
    assert (refusal["type"], refusal["reason"]) == ("anonymous_id", "shared")


@pytest.mark.parametrize(
    ("subject", "reads"),
    [("user_id:u1", 1), ("email:anna@mail.example", 1), ("user_id:nobody", 1), ("user_id:null", 0)],
)
@pytest.mark.parametrize("section", ["traits", "external_ids", "events", "metadata", "segments"])
def test_a_portrait_is_asked_for_once(table, subject, reads, section):
    ask(table, f"{subject}/{section}")
    assert table.reads == reads


@pytest.mark.parametrize(
    "path",
    ["email:ANNA%40Mail.example", "email:anna@mail.example", "email: anna@mail.example "],
)
def test_a_value_is_read_as_clients_write_it(table, path):
    assert read(table, f"{path}/traits")["traits"]["plan"] == "gold"


@given(value=st.text(min_size=1))
def test_any_value_survives_the_path(value):
    # As an HTTP API hands it over: every escape is decoded but that of the percent sign.
    handed_over = "/v1/profiles/" + f"card:{value}".replace("%", "%25") + "/traits"
    encoded = "/v1/profiles/" + quote(f"card:{value}", safe="") + "/traits"
    for path in (handed_over, encoded):
        subject = in_path(path, "/v1/profiles")
        assert subject is not None
        assert subject == (f"card:{value}", "traits")


def erase(table, user):
    """Put a tombstone where a portrait was."""
    root = home(SECRET, "user_id", user)
    table.items[root] = Record(root, 9, erased_at=NOON)


def test_unknown_erased_and_blocked_are_answered_alike(table):
    play([an_event("e1", who={"user_id": "u9"})], table)
    erase(table, "u9")
    answers = [
        ask(table, f"{subject}/traits")
        for subject in ("user_id:nobody", "user_id:u9", "user_id:null", "email:not-an-address")
    ]
    told = {(one.status, one.body, tuple(one.headers.items())) for one in answers}
    assert [(status, json.loads(body)) for status, body, _ in told] == [
        (404, {"error": {"code": "not_found", "message": "nothing is known of this identifier"}})
    ]


def test_a_pointer_whose_root_a_replica_did_not_have_yet_is_read_again(table):
    class Lagging(Counted):
        """The first answer lacks the root."""

        def load_resolved(self, homes, *, consistent=False):
            found = super().load_resolved(homes, consistent=consistent)
            return found if consistent else {h: r for h, r in found.items() if r.merged_into}

    lagging = Lagging()
    lagging.items = table.items
    assert read(lagging, "anonymous_id:c1/traits")["traits"]["plan"] == "gold"
    assert lagging.reads == 2


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "missing_key"),
        ({"authorization": "Digest x"}, 401, "missing_key"),
        (basic("key-of-nobody"), 401, "unknown_key"),
        (basic("key-of-web"), 403, "key_not_allowed"),
        (basic("key-of-app"), 403, "key_not_allowed"),
        (basic("key-of-post"), 403, "key_not_allowed"),
        (basic("key-of-closed"), 403, "source_disabled"),
        ({**TILL, "origin": "https://shop.example"}, 403, "browser_not_allowed"),
        ({"authorization": "Bearer key-of-till"}, 200, ""),
        ({"authorization": "bearer key-of-till "}, 200, ""),
    ],
)
def test_only_a_server_key_reads(table, headers, status, code):
    answer = ask(table, "user_id:u1/traits", headers=headers)
    assert answer.status == status
    if status != 200:
        assert json.loads(answer.body)["error"]["code"] == code
        assert "gold" not in answer.body
        assert table.reads == 0
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize(
    "path", ["user_id:u1/traits", "user_id:nobody/traits", "user_id:u1/x", "y"]
)
def test_who_may_not_read_learns_nothing_from_the_answer(table, path):
    first = ask(table, "user_id:u1/traits", headers=basic("key-of-web"))
    assert ask(table, path, headers=basic("key-of-web")) == first


@pytest.mark.parametrize(
    ("path", "query", "method", "status", "code"),
    [
        ("user_id:u1/links", "", "GET", 404, "unknown_route"),
        ("user_id:u1", "", "GET", 404, "unknown_route"),
        ("", "", "GET", 404, "unknown_route"),
        ("user_id:u1/traits", "", "POST", 405, "wrong_method"),
        ("user_id:u1/traits", "", "DELETE", 405, "wrong_method"),
        ("user_id:u1/traits", "limit=0", "GET", 400, "invalid_limit"),
        ("user_id:u1/traits", "limit=201", "GET", 400, "invalid_limit"),
        ("user_id:u1/traits", "limit=-1", "GET", 400, "invalid_limit"),
        ("user_id:u1/traits", "limit=%C2%B2", "GET", 400, "invalid_limit"),
        ("user_id:u1/traits", "limit=ten", "GET", 400, "invalid_limit"),
        ("user_id:u1/traits", "class=trait", "GET", 400, "invalid_class"),
        ("user_id:u1/traits", "next=x", "GET", 400, "invalid_cursor"),
        ("user_id/traits", "", "GET", 400, "invalid_identifier"),
        ("user_id:/traits", "", "GET", 400, "invalid_identifier"),
        (":u1/traits", "", "GET", 400, "invalid_identifier"),
        ("$home:gaaaaaaaaaaaaaaaaaaaaaaaaaa/traits", "", "GET", 400, "invalid_identifier"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(table, path, query, method, status, code):
    answer = ask(table, path, query, method=method)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, code)
    assert answer.headers.get("Allow") == ("GET, HEAD" if status == 405 else None)


def test_a_limit_of_two_hundred_is_taken(table):
    assert read(table, "user_id:u1/traits", "limit=200")["cursor"]["limit"] == 200


def test_head_is_get_without_the_body(table):
    got, head = (ask(table, "user_id:u1/traits", method=method) for method in ("GET", "HEAD"))
    assert head == got._replace(body="")


def test_nothing_may_be_kept_by_what_lies_between(table):
    for path in ("user_id:u1/traits", "user_id:nobody/traits"):
        assert ask(table, path).headers["Cache-Control"] == "no-store"


def test_a_table_that_does_not_answer_is_a_fault_that_passes(table):
    class Down(Counted):
        def load_resolved(self, homes, *, consistent=False):
            raise Unavailable("down")

    answer = ask(Down(), "user_id:u1/traits")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("path", "headers", "facts"),
    [
        ("anonymous_id:c1/traits", TILL, ("till", home(SECRET, "anonymous_id", "c1"), "traits")),
        ("user_id:nobody/events", TILL, ("till", home(SECRET, "user_id", "nobody"), "events")),
        ("user_id:u1/secret-section", TILL, ("till", "", "")),
        ("user_id:u1/traits", basic("key-of-web"), ("web", "", "")),
        ("user_id:u1/traits", {}, ("", "", "")),
    ],
)  # fmt: skip
def test_the_log_names_who_asked_for_what_and_nobody_by_name(table, path, headers, facts):
    answer = ask(table, path, headers=headers)
    assert answer.facts == dict(zip(("source", "home", "section"), facts, strict=True))
