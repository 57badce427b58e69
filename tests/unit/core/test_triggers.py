"""Entry rules: who enters which campaign, once per occurrence, in which arm."""

from collections.abc import Sequence

import msgspec
import pytest

from portrait import changes
from portrait.catalogue import Catalogue
from portrait.changes import Changes
from portrait.facts import Fact
from portrait.message import decode_message
from portrait.metrics import DAY_MS
from portrait.reaction import StreamRecord, react, read_stream_record
from portrait.record import Record, Write
from portrait.triggers import Entry, entries
from tests.unit.core.worlds import NOON, Table, an_event, play


def a_campaign(**fields):
    """Return a canonical campaign document that thanks for orders of 100 or more."""
    return {
        "kind": "campaign",
        "key": "thanks",
        "version": 3,
        "name": "Thanks",
        "status": "active",
        "purpose": "marketing",
        "entry": {
            "event": ["Order Completed"],
            "where": {"property": "revenue", "at_least": 100},
        },
        "control": 0,
        "reentry": "every_occurrence",
        "steps": [{"send": {"channel": "email", "template": "thanks", "valid_for": "72h"}}],
        **fields,
    }


def a_policy(**fields):
    """Return a canonical policy document without hold-out."""
    return {
        "kind": "policy",
        "key": "default",
        "control": 0,
        "seed": "programme",
        "caps": [],
        "service_purposes": ["service"],
        **fields,
    }


def catalogue_of(*documents) -> Catalogue:
    return Catalogue.compile(documents or (a_campaign(), a_policy()))


def an_order(id="o1", revenue=150, *, at=NOON, **fields):
    return an_event(id, name="Order Completed", at=at, properties={"revenue": revenue}, **fields)


class Written(Table):
    """A table that keeps what the stream would say of each write."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: list[StreamRecord] = []

    def write(self, work: Write, *, now: int) -> None:
        super().write(work, now=now)
        done = changes.decode(work.changes) if work.changes else Changes()
        self.stream.append(StreamRecord(self.items[work.root.home], done, NOON))


def entered(*events, catalogue: Catalogue | None = None) -> list[Entry]:
    table = Written()
    play(events, table, batch=1)
    catalogue = catalogue or catalogue_of()
    return [
        entry
        for one in table.stream
        for entry in entries(one.record, one.changes, catalogue, now=one.written_at)
    ]


def test_an_event_that_meets_the_condition_starts_the_campaign():
    assert [entry.campaign for entry in entered(an_order(revenue=150))] == ["thanks"]
    assert entered(an_order(revenue=99)) == []


def test_every_occurrence_enters_once_under_a_key_of_its_own():
    entries_ = entered(an_order("o1"), an_order("o2"), an_order("o1"))

    assert len({entry.key for entry in entries_}) == len(entries_) == 2


def test_once_means_once_per_customer():
    catalogue = catalogue_of(a_campaign(reentry="once"), a_policy())

    keys = {entry.key for entry in entered(an_order("o1"), an_order("o2"), catalogue=catalogue)}

    assert len(keys) == 1


def test_once_stays_once_when_an_older_visitor_turns_out_to_be_the_same():
    catalogue = catalogue_of(a_campaign(reentry="once"), a_policy())
    table = Written()
    play([an_order("o1")], table)
    portrait = table.stream[-1].record.portrait
    (strand,) = portrait.strands
    portrait.strand(strand).set_arm("thanks", "treated")
    table.items[portrait.home] = Record(portrait.home, 2, portrait.encode())
    older = an_event("v", at=NOON - DAY_MS, who={"anonymous_id": "a1"})
    tied = an_order("o2", who={"user_id": "u1", "anonymous_id": "a1"})
    play([older, tied], table, batch=1)

    one = table.stream[-1]
    assert entries(one.record, one.changes, catalogue, now=one.written_at) == []


def test_an_event_too_old_for_its_messages_starts_nothing():
    late = an_order(at=NOON - 3 * DAY_MS - 1, received_at=NOON)

    assert entered(late) == []
    assert entered(an_order(at=NOON - 3 * DAY_MS, received_at=NOON)) != []


def test_the_message_says_who_what_why_and_until_when():
    (entry,) = entered(an_order(at=NOON - 500, received_at=NOON))
    (message,) = entry.messages

    assert message.journey == entry.key
    assert (message.campaign, message.version, message.template) == ("thanks", 3, "thanks")
    assert message.expires_at == NOON - 500 + 3 * DAY_MS
    assert message.happening["properties"] == {"revenue": 150}


@pytest.mark.parametrize(
    ("campaign_share", "programme_share", "purpose", "arm"),
    [
        (0, 0, "marketing", "treated"),
        (1, 0, "marketing", "control"),
        (0, 1, "marketing", "control"),
        (0, 1, "service", "treated"),
    ],
)
def test_both_control_groups_hold_out_but_service_knows_no_programme(
    campaign_share, programme_share, purpose, arm
):
    catalogue = catalogue_of(
        a_campaign(control=campaign_share, purpose=purpose), a_policy(control=programme_share)
    )

    (entry,) = entered(an_order(), catalogue=catalogue)

    assert (entry.arm, entry.messages[0].arm) == (arm, arm)


@pytest.mark.parametrize("held_out_of", ["thanks", "*"])
def test_ever_held_out_stays_held_out(held_out_of):
    table = Written()
    play([an_order()], table)
    (one,) = table.stream
    portrait = one.record.portrait
    (strand,) = portrait.strands
    for arm in ("control", "treated"):
        portrait.strand(strand).set_arm(held_out_of, arm)
    record = Record(one.record.home, 2, portrait.encode())

    (entry,) = entries(record, one.changes, catalogue_of(), now=NOON)

    assert entry.arm == "control"


def test_the_arm_stays_when_a_visitor_becomes_a_customer():
    catalogue = catalogue_of(a_campaign(control=0.5), a_policy())
    for number in range(20):
        visitor = {"anonymous_id": f"a{number}"}
        known = {"anonymous_id": f"a{number}", "user_id": f"u{number}"}

        before, after = entered(
            an_order("o1", who=visitor), an_order("o2", who=known), catalogue=catalogue
        )

        assert before.arm == after.arm
        assert before.home != after.home


class Journeys:
    def __init__(self) -> None:
        self.known: set[str] = set()

    def enter(self, entry: Entry) -> bool:
        new = entry.key not in self.known
        self.known.add(entry.key)
        return new


def test_a_repeated_stream_record_repeats_messages_and_facts_under_the_same_ids():
    table, journeys = Written(), Journeys()
    play([an_order()], table)
    sent: list[str] = []
    told: list[Fact] = []

    def send(bodies: Sequence[str]) -> None:
        sent.extend(bodies)

    def publish(facts: Sequence[Fact]) -> None:
        told.extend(facts)

    for _ in range(2):
        react(table.stream, journeys, catalogue=catalogue_of(), send=send, publish=publish)

    assert len(journeys.known) == 1
    assert len({decode_message(body).id for body in sent}) == 1
    assert {(fact.kind, fact.detail["id"]) for fact in told} == {
        ("Campaign Entered", next(iter(journeys.known)))
    }


def test_a_login_that_merges_is_told_to_the_bus_without_identifiers():
    table = Written()
    play([an_event("m1", who={"anonymous_id": "a1"})], table)
    play([an_event("m2", who={"anonymous_id": "a1", "user_id": "u1"})], table)
    told: list[Fact] = []

    react(
        table.stream, Journeys(), catalogue=catalogue_of(), send=lambda _: None, publish=told.extend
    )

    (fact,) = told
    assert fact.kind == "Portraits Merged"
    assert "u1" not in fact.detail.values()


def test_a_stream_image_without_changes_asks_for_nothing():
    assert read_stream_record({"home": {"S": "a"}, "version": {"N": "1"}}) is None


def test_happenings_survive_the_wire_with_their_properties():
    happening = changes.happening(an_order(), b"123456", "a-home")
    packed = changes.encode([happening])

    assert changes.decode(packed).happenings == (happening,)
    assert msgspec.structs.asdict(happening)["properties"] == {"revenue": 150}
